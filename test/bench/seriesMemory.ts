/**
 * A program: how much memory the server and its inference process need to read, embed and match long series from a real PACS. Prints a
 * table and writes test/results/memory.json. Every row has a server of its own. Synthetic images; nothing of a patient.
 *
 *   node seriesMemory.ts [--slices 200,2000]
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { SeriesRef } from '../support/api.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { ROOT } from '../support/paths.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { familyRss, FamilyWatch } from './family.ts';
import type { FamilyPeak, FamilyRss } from './family.ts';
import { storeLongSeries } from './longSeries.ts';

/** A row of the results; memory in MiB, of the server process, of its inference process, and of both at a time. */
interface Row {
  readonly work: string;
  readonly slices: number;
  readonly seconds: number;
  readonly idle: FamilyRss;
  readonly peak: FamilyPeak;
  /** Some seconds after the work. */
  readonly after: FamilyRss;
}

const RESULTS = join(ROOT, 'test/results/memory.json');
const DEFAULT_SLICES = '200,2000';
/** A server that has just started warms itself up, s. */
const STARTED_FOR_S = 6;
/** Time in which memory is given back, s. */
const SETTLED_FOR_S = 10;
const MS_PER_S = 1000;

function rounded({ server, inference }: FamilyRss): FamilyRss {
  return { server: Math.round(server), inference: Math.round(inference) };
}

/** Runs work with a server of its own and watches the memory. */
async function watched(
  orthanc: Orthanc,
  slices: number,
  work: string,
  run: (server: SamepointServer) => Promise<void>,
): Promise<Row> {
  const server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root } });
  try {
    await sleep(STARTED_FOR_S * MS_PER_S);
    const pid = server.background.process.pid ?? 0;
    const idle = rounded(familyRss(pid));
    const watch = new FamilyWatch(pid);
    const since = performance.now();
    await run(server);
    const seconds = Number(((performance.now() - since) / MS_PER_S).toFixed(1));
    const peak = watch.stop();
    await sleep(SETTLED_FOR_S * MS_PER_S);
    return { work, slices, seconds, idle, peak, after: rounded(familyRss(pid)) };
  } finally {
    await server.stop();
  }
}

async function embed({ api }: SamepointServer, series: SeriesRef): Promise<void> {
  const ended = await api.follow('/series-embeddings', { ...series });
  if ('state' in ended ? ended.state !== 'done' : ended.status !== 200)
    throw new Error(`the series was not embedded: ${JSON.stringify(ended).slice(0, 500)}`);
}

async function match(
  { api }: SamepointServer,
  query: SeriesRef,
  target: SeriesRef,
  lps: readonly [number, number, number],
): Promise<void> {
  const answer = await api.match({ query, targets: [target], points: [{ id: 'p', lps }] });
  if (!Array.isArray(answer) || answer[0]?.ok !== true)
    throw new Error(`the point was not matched: ${JSON.stringify(answer).slice(0, 500)}`);
}

async function measure(orthanc: Orthanc, slices: number): Promise<Row[]> {
  const { series: query, point } = await storeLongSeries(orthanc.dicomweb, slices);
  const { series: target } = await storeLongSeries(orthanc.dicomweb, slices);
  return [
    await watched(orthanc, slices, 'embed one series', (server) => embed(server, query)),
    await watched(orthanc, slices, 'match a cold pair', (server) => match(server, query, target, point)),
  ];
}

function table(rows: readonly Row[]): string {
  const header = ['slices', 'work', 's', 'server MiB', 'inference MiB', 'together MiB', 'after MiB'];
  const cells = rows.map(({ slices, work, seconds, peak, after }) => [
    ...[slices, work, seconds, peak.server, peak.inference, peak.together],
    `${after.server} + ${after.inference}`,
  ]);
  return [header, ...cells].map((line) => line.join('  ')).join('\n');
}

const { values } = parseArgs({
  options: { slices: { type: 'string', default: DEFAULT_SLICES }, dry: { type: 'boolean', default: false } },
});
const orthanc = await startOrthanc();
try {
  const rows: Row[] = [];
  for (const slices of values.slices.split(',').map(Number)) rows.push(...(await measure(orthanc, slices)));
  await mkdir(dirname(RESULTS), { recursive: true });
  if (!values.dry) await writeFile(RESULTS, `${JSON.stringify(rows, null, 2)}\n`);
  process.stdout.write(`${table(rows)}\n`);
} finally {
  await orthanc.stop();
}
