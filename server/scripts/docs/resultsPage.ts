import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAMEPOINT_ROOT } from '../../src/config/index.ts';
import { coverageByCase } from './coverageByCase.ts';

interface AccuracyRow {
  readonly data: string;
  readonly case: string;
  readonly model: string;
  readonly method: string;
  readonly n: number;
  readonly medianMm: number | null;
  readonly p95Mm: number | null;
  readonly within10mm: number | null;
  readonly answered?: number;
  readonly uncertain?: number;
  readonly outOfView?: number;
  readonly radiusCoverage?: number | null;
  readonly medianRadiusMm?: number | null;
}

interface ChangeRow extends AccuracyRow {
  readonly changeRight?: number;
  readonly changeWrong?: number;
  readonly diameterErrorMm?: number;
}

interface StageRow {
  readonly stage: string;
  readonly state: string;
  readonly data: string;
  readonly seconds: number;
  readonly cpuSeconds?: number;
  readonly peakRssMb?: number;
}

interface MemoryRow {
  readonly work: string;
  readonly slices: number;
  readonly seconds: number;
  readonly peak: { readonly server: number; readonly inference: number; readonly together: number };
}

interface Load {
  readonly readers: number;
  readonly seconds: number;
  readonly open: {
    readonly requests: number;
    readonly errors: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
  };
}

interface Workers {
  readonly processors: number;
  readonly loadAverage: readonly number[];
  readonly model: string;
  readonly series: number;
  /** Whether each worker had a network namespace of its own. */
  readonly isolated: boolean;
  readonly throughput: readonly {
    readonly workers: number;
    readonly threads: number;
    readonly seconds: number;
    readonly perMinute: number;
  }[];
  readonly readers: Load['open'] & { readonly readers: number; readonly seconds: number };
  readonly trial: {
    readonly series: number;
    readonly workers: number;
    readonly seconds: number;
    readonly jobsDone: number;
    readonly embeddings: number;
    readonly writtenAgain: number;
    readonly interactive: number;
    readonly waitedAtMostS: number;
    readonly clicksS: readonly number[];
    readonly clickWithoutRedisMs: number;
  };
}

interface StoredSeries {
  readonly processors: number;
  readonly loadAverage: readonly number[];
  readonly model: string;
  readonly rows: readonly {
    readonly series: number;
    readonly diskMib: number;
    readonly startS: number;
    readonly idleMib: number;
    readonly matchingMib: number;
    readonly firstMatchMs?: number;
    readonly matchMs: number;
  }[];
}

interface Soak {
  readonly minutes: number;
  readonly limits: { readonly memory: { readonly maxBytes: number } };
  readonly errors: Readonly<Record<string, number>>;
  readonly peakMib: number;
  readonly mibPerMinute: {
    readonly server: number;
    readonly inference: number;
    readonly together: number;
  };
}

interface Guide {
  readonly processors: number;
  readonly loadAverage: number;
  /** How the numbers came about, where no single run has written them. */
  readonly remark?: string;
  readonly steps: readonly { readonly step: string; readonly minutes: number }[];
}

type Cell = string | number | null | undefined;

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(SAMEPOINT_ROOT, 'test/results', name), 'utf8'));
}

/** A table; what was not measured is empty. */
function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.map((cell) => cell ?? '').join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function accuracy(): string {
  const head = [
    ...['data', 'case', 'model', 'method', 'points', 'median, mm', '95th percentile, mm', 'within 10 mm'],
    ...['matched', 'uncertain', 'out of view', 'radius covers', 'median radius, mm'],
  ];
  const rows = (read('accuracy.json') as readonly AccuracyRow[]).map((row) => [
    ...[row.data, row.case, row.model, row.method, row.n, row.medianMm, row.p95Mm, row.within10mm],
    ...[row.answered, row.uncertain, row.outOfView, row.radiusCoverage, row.medianRadiusMm],
  ]);
  return table(head, rows);
}

/** How many points of each case the radius covers, all sets together: a set has ten to sixteen lesions of a kind. */
function coverage(): string {
  const share = (value: number): string => value.toFixed(3);
  const cases = coverageByCase(read('accuracy.json') as readonly AccuracyRow[], 'samepoint-ct', 'refined');
  const rows = cases.map(({ case: name, data, points, share: covered, interval }) => [
    ...[name, data.join(', '), points, share(covered), interval.map(share).join(' to ')],
  ]);
  return table(['case', 'data', 'points', 'radius covers', 'interval of 95 %'], rows);
}

/** Shares as they are written in the file: no digits of a subtraction. */
function silentShare(right: number, wrong: number): number {
  return Number((1 - right - wrong).toFixed(4));
}

function changes(): string {
  const head = [
    ...['data', 'case', 'model', 'method', 'points', 'matched'],
    ...['right', 'wrong', 'nothing said', 'median error of the diameters, mm'],
  ];
  const rows = (read('changes.json') as readonly ChangeRow[]).map((row) => {
    const { changeRight = 0, changeWrong = 0 } = row;
    return [
      ...[row.data, row.case, row.model, row.method, row.n, row.answered, changeRight, changeWrong],
      ...[silentShare(changeRight, changeWrong), row.diameterErrorMm],
    ];
  });
  return table(head, rows);
}

function performance(): string {
  const rows = (read('performance.json') as readonly StageRow[]).map(
    ({ stage, state, seconds, cpuSeconds, peakRssMb, data }) => [
      ...[stage, state, seconds, cpuSeconds, peakRssMb, data],
    ],
  );
  return table(['stage', 'state', 'seconds', 'CPU seconds', 'peak RSS, MiB', 'data'], rows);
}

function memory(): string {
  const rows = (read('memory.json') as readonly MemoryRow[]).map(({ work, slices, seconds, peak }) => [
    ...[work, slices, seconds, peak.server, peak.inference, peak.together],
  ]);
  return table(
    ['work', 'slices', 'seconds', 'server, MiB', 'inference process, MiB', 'together, MiB'],
    rows,
  );
}

function load(): string {
  const { readers, seconds, open } = read('load.json') as Load;
  const head = ['readers', 'seconds', 'requests', 'errors', 'median, ms', '95th, ms', '99th percentile, ms'];
  const { requests, errors, p50Ms, p95Ms, p99Ms } = open;
  return table(head, [[readers, seconds, requests, errors, p50Ms, p95Ms, p99Ms]]);
}

function workers(): string {
  const results = read('workers.json') as Workers;
  const { processors, loadAverage, model, series, isolated, throughput, readers, trial } = results;
  const { readers: count, seconds, requests, errors, p50Ms, p95Ms, p99Ms } = readers;
  const rows = throughput.map((one) => [one.workers, one.threads, series, one.seconds, one.perMinute]);
  const head = ['readers', 'seconds', 'requests', 'errors', 'median, ms', '95th, ms', '99th percentile, ms'];
  const networks = isolated ? ', each worker in a network namespace of its own' : '';
  return `Small series with the model ${model}, all processes on one machine of ${processors} processors${networks}. At the beginning the load of
the machine was ${loadAverage[0]}.

${table(['workers', 'threads of each', 'series', 'seconds', 'series a minute'], rows)}
A day with failures: while ${trial.workers} workers embed ${trial.series} series, one of them is killed, Redis is killed and started again, and a reader
clicks in pairs that were never embedded.

${table(
  ['jobs done', 'embeddings', 'written again', 'seconds', 'work of the reader', 'all of it begun within, s'],
  [
    [trial.jobsDone, trial.embeddings, trial.writtenAgain, trial.seconds, trial.interactive, trial.waitedAtMostS],
  ],
)}
Times to the answers of the clicks: ${trial.clicksS.join(', ')} s; in a pair that is embedded, while Redis is away: ${trial.clickWithoutRedisMs} ms.

Readers of a server whose work is done by workers:

${table(head, [[count, seconds, requests, errors, p50Ms, p95Ms, p99Ms]])}`;
}

function storedSeries(): string {
  const { processors, loadAverage, model, rows } = read('storedSeries.json') as StoredSeries;
  const cells = rows.map(({ series, diskMib, startS, idleMib, matchingMib, firstMatchMs, matchMs }) => [
    ...[series, diskMib, startS, idleMib, matchingMib, firstMatchMs, matchMs],
  ]);
  return `Embeddings of the model ${model} in the folder of one server, copies under other UIDs beside the pair that is matched. ${processors} processors;
at the beginning the load of the machine was ${loadAverage[0]}.

![Memory, start and match over the number of stored series](images/stored-series.svg)

${table(
  [
    ...['series', 'on the disk, MiB', 'start, s', 'memory after the start, MiB', 'memory after matches, MiB'],
    ...['first match of a pair, ms', 'later ones, median, ms'],
  ],
  cells,
)}`;
}

function soak(): string {
  const { minutes, limits, errors, peakMib, mibPerMinute } = read('soak.json') as Soak;
  const head = ['minutes', 'memory.maxBytes, MiB', 'peak, MiB', 'server', 'inference process', 'errors'];
  const failures = Object.values(errors).reduce((sum, count) => sum + count, 0);
  const limit = limits.memory.maxBytes / 2 ** 20;
  const { server, inference } = mibPerMinute;
  return table(head, [
    [minutes, limit, peakMib, `${server} MiB a minute`, `${inference} MiB a minute`, failures],
  ]);
}

function guide(): string {
  const { processors, loadAverage, steps, remark = '' } = read('guide.json') as Guide;
  const rows = steps.map(({ step, minutes }) => [step, minutes]);
  return `A machine of ${processors} processors, whose load was ${loadAverage}. The times are those of the commands, without reading and typing.
${remark}

${table(['step', 'minutes'], rows)}`;
}

/** docs/results.md: every measurement of the result files. */
export function resultsPage(): string {
  return `# Results

Generated from the files in \`test/results\` by \`npm run docs -w @samepoint/server\`; a test keeps both equal. Other documents refer to this page.
[test/accuracy/README.md](../test/accuracy/README.md) describes data, cases and columns of the accuracy.

## Accuracy
\`npm run bench:accuracy\`

${accuracy()}
## Error radius by case
Points of all sets together, samepoint-ct, \`refined\`; the radius promises 0.9. The interval is that of the share of so many points (Wilson).

${coverage()}
## What became of a lesion
\`npm run bench:accuracy -- --cases lesions,easy,strong,thick --methods refined --models samepoint-ct --sets cmbcrc,crlm --out test/results/changes.json\`,
then \`--cases lesions --sets organs\`. In \`easy\`, \`strong\` and \`thick\`, both scans show the same at 200 points of the body.

${changes()}
## Times
\`npm run bench\`

${performance()}
## Memory
\`npm run bench:memory\`

${memory()}
## Load
\`npm run bench:load\`: readers who match cached pairs.

${load()}
## Workers
\`npm run bench:workers\`: series that workers embed, and readers afterwards.

${workers()}
## Stored series
\`npm run bench:stored\`

${storedSeries()}
## Soak
\`npm run bench:soak\`: growth of the resident memory after the first quarter of the time.

${soak()}
## Installation
\`npm run bench:guide\`: the steps of [install.md](install.md) on a bare Debian 12.

${guide()}`;
}
