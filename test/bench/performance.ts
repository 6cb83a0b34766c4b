/**
 * A program: the time and memory that each stage needs on a real CT from a real PACS. Prints a table and writes
 * test/results/performance.json. Every run is a process of its own, so that no stage sees what another has warmed up
 * or kept in memory; its input (what the stages before it give) is outside both the clock and the peak, except
 * for what stays resident as the stage's input. The operating system's file cache is not emptied.
 *
 *   node performance.ts [--only stages | --only thin] [--slices 400,2000]
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { NODE, realSeriesFolder, ROOT, temporaryFolder } from '../support/paths.ts';
import { storeRealPair } from '../support/realPair.ts';
import { measureHttp } from './http.ts';
import { median } from './stages.ts';
import type { Inputs, Measurement, STAGES } from './stages.ts';
import { measureThinPairs, THIN_SLICES } from './thinPairs.ts';

/** A row of the results. */
interface Row {
  readonly stage: string;
  readonly data: string;
  readonly state: 'cold' | 'warm' | 'cached';
  readonly seconds: number;
  /** Absent where the server is another process that is seen through HTTP only. */
  readonly peakRssMb?: number;
  /** Processor time; only of pairs of thin slices. */
  readonly cpuSeconds?: number;
  /** Only of the fp32 peak. */
  readonly gflops?: number;
}

const SERIES = 'cmbcrc';
const RESULTS = join(ROOT, 'test/results/performance.json');
/** A stage that needs longer is measured once, s. */
const REPEAT_BELOW_S = 5;
const RUNS = 3;
/** Stage of the rows that thinPairs.ts measures. */
const THIN = 'thin pair';

const run = promisify(execFile);

async function measureOnce(stage: keyof typeof STAGES, inputs: Inputs): Promise<Measurement> {
  const program = join(import.meta.dirname, 'runStage.ts');
  const args = ['--expose-gc', program, stage, JSON.stringify(inputs)];
  const { stdout } = await run(NODE, args);
  return JSON.parse(stdout) as Measurement;
}

/** The median time and the highest peak of the runs. */
async function measureStage(stage: keyof typeof STAGES, inputs: Inputs): Promise<Measurement> {
  const first = await measureOnce(stage, inputs);
  const runs = [first];
  while (first.seconds < REPEAT_BELOW_S && runs.length < RUNS) runs.push(await measureOnce(stage, inputs));
  return {
    ...first,
    seconds: median(runs.map(({ seconds }) => seconds)),
    peakRssMb: Math.max(...runs.map(({ peakRssMb }) => peakRssMb)),
  };
}

function rowOf(stage: string, state: Row['state'], { seconds, peakRssMb, data, gflops }: Measurement): Row {
  return {
    stage,
    data: `${SERIES}: ${data}`,
    state,
    seconds: Number(seconds.toPrecision(3)),
    peakRssMb: Math.round(peakRssMb),
    ...(gflops === undefined ? {} : { gflops: Math.round(gflops) }),
  };
}

async function measureAll(series: Omit<Inputs, 'keys'>): Promise<Row[]> {
  const inputs: Inputs = { ...series, keys: [] };
  const rows: Row[] = [];
  for (const stage of ['fetch', 'decode', 'resample'] as const)
    rows.push(rowOf(stage, 'cold', await measureStage(stage, inputs)));
  const embedded = await measureStage('embed', inputs);
  const followUp = await measureOnce('embedFollowUp', inputs);
  const keys = [embedded.key, followUp.key].filter((key) => key !== undefined);
  const ready: Inputs = { ...inputs, keys };
  rows.push(rowOf('embed', 'cold', embedded));
  rows.push(rowOf('embed', 'cached', await measureStage('embedCached', ready)));
  rows.push(rowOf('match', 'cold', await measureStage('match', ready)));
  rows.push(rowOf('match', 'cached', await measureStage('matchCached', ready)));
  rows.push(rowOf('embed', 'warm', await measureStage('embedChest', inputs)));
  rows.push(rowOf('fp32 peak', 'warm', await measureStage('fp32Peak', inputs)));
  for (const { data, seconds, ...row } of await measureHttp(series))
    rows.push({ ...row, data: `${SERIES}: ${data}`, seconds: Number(seconds.toPrecision(3)) });
  return rows;
}

function table(rows: readonly Row[]): string {
  const header = ['stage', 'state', 'seconds', 'peak RSS MiB', 'data'];
  const cells = rows.map((row) => [
    row.stage,
    row.state,
    row.seconds.toFixed(3),
    row.peakRssMb?.toFixed(0) ?? '',
    row.data,
  ]);
  const lines = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isNumber = (column: number): boolean => column === 2 || column === 3;
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return isNumber(column) ? text.padStart(width) : text.padEnd(width);
  };
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

async function measureStages(orthanc: Orthanc): Promise<Row[]> {
  if (realSeriesFolder(SERIES) === undefined)
    throw new Error(
      `no data: shared/data/dicom/${SERIES}. Set SAMEPOINT_DATA to the folder that holds dicom/${SERIES}`,
    );
  const cacheDirectory = temporaryFolder('bench');
  try {
    const { current, prior } = await storeRealPair(orthanc.dicomweb, SERIES, 'easy', []);
    const root = orthanc.dicomweb.root;
    return await measureAll({ root, query: current, target: prior, cacheDirectory });
  } finally {
    await rm(cacheDirectory, { recursive: true, force: true });
  }
}

async function measureThin(orthanc: Orthanc, lengths: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { seconds, cpuSeconds, peakRssMb, ...row } of measureThinPairs(
    orthanc.dicomweb,
    lengths,
  )) {
    const rounded = {
      seconds: Number(seconds.toPrecision(3)),
      cpuSeconds: Number(cpuSeconds.toPrecision(3)),
    };
    rows.push({ ...row, ...rounded, peakRssMb });
    process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
  }
  return rows;
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, slices: { type: 'string', default: THIN_SLICES.join(',') } },
});
const orthanc = await startOrthanc();
try {
  const before = JSON.parse(await readFile(RESULTS, 'utf8').catch(() => '[]')) as readonly Row[];
  const isThin = ({ stage }: Row): boolean => stage === THIN;
  const rows = [
    ...(values.only === 'thin' ? before.filter((row) => !isThin(row)) : await measureStages(orthanc)),
    ...(values.only === 'stages'
      ? before.filter(isThin)
      : await measureThin(orthanc, values.slices.split(',').map(Number))),
  ];
  await mkdir(dirname(RESULTS), { recursive: true });
  await writeFile(RESULTS, `${JSON.stringify(rows, null, 2)}\n`);
  process.stdout.write(`${table(rows)}\n`);
} finally {
  await orthanc.stop();
}
