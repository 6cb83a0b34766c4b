/**
 * A program: what 1, 10, 100 and 1,000 stored series cost a server: its start, its memory, and the time of a match. The series beside the
 * pair that is matched are copies of its embeddings under other UIDs. Prints a table, writes test/results/storedSeries.json and draws
 * docs/images/stored-series.svg.
 *
 *   node storedSeries.ts [--counts 1,10,100,1000] [--model samepoint-ct] [--dry | --chart]
 *
 *   --chart  draws the file of results again and measures nothing
 * @module
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createEmbeddingCache } from '@samepoint/server';
import type { Embedding, EmbeddingKey } from '@samepoint/server';
import { startOrthanc } from '../support/orthanc.ts';
import { ROOT, temporaryFolder } from '../support/paths.ts';
import { SmallPatient } from '../support/smallPatient.ts';
import type { Lps, SeriesRef } from '../support/api.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { quantile } from '../accuracy/statistics.ts';
import { familyRss } from './family.ts';
import { chartOf } from './storedSeriesChart.ts';
import type { StoredSeriesResults, StoredSeriesRow } from './storedSeriesChart.ts';

const RESULTS = join(ROOT, 'test/results/storedSeries.json');
const CHART = join(ROOT, 'docs/images/stored-series.svg');
/** Matches of a pair that is in memory. */
const CLICKS = 20;
const MS_PER_S = 1_000;
const LOOK_MS = 20;
/** Of each series: a thousand embeddings of them fit on a disk. */
const SLICES = 5;
/** More than all of them need: nothing is removed. */
const MAX_GIB = 500;
const BYTES_PER_GIB = 2 ** 30;
const BYTES_PER_MIB = 2 ** 20;
/** Magic and length before the header of a file of the cache. */
const HEADER_AT = 12;
const LENGTH_AT = 8;

const { values } = parseArgs({
  options: {
    counts: { type: 'string', default: '1,10,100,1000' },
    model: { type: 'string', default: 'samepoint-ct' },
    dry: { type: 'boolean', default: false },
    chart: { type: 'boolean', default: false },
  },
});

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.embedding'));
}

/** The key under which a file was put: its header has it. */
async function keyOf(file: string): Promise<EmbeddingKey> {
  const bytes = await readFile(file);
  const length = bytes.readUInt32LE(LENGTH_AT);
  const header: unknown = JSON.parse(bytes.toString('utf8', HEADER_AT, HEADER_AT + length));
  return (header as { readonly key: EmbeddingKey }).key;
}

function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** The same embedding of another series. */
function copyOf(embedding: Embedding): readonly [EmbeddingKey, Embedding] {
  const key = randomBytes(32).toString('hex') as EmbeddingKey;
  const volume = { ...embedding.volume, seriesInstanceUid: newUid() };
  return [key, { ...embedding, volume }];
}

/** Adds copies until the folder holds so many series. */
async function fill(folder: string, count: number): Promise<void> {
  const names = await filesIn(folder);
  const cache = await createEmbeddingCache({
    directory: folder,
    maxBytes: Number.MAX_SAFE_INTEGER,
    role: 'owner',
    memoryCapacity: () => 0,
  });
  try {
    const embedding = await cache.get(await keyOf(join(folder, names[0]!)));
    if (embedding === undefined) throw new Error('an embedding cannot be read');
    for (let held = names.length; held < count; held += 1) {
      const { stored } = await cache.put(...copyOf(embedding));
      if (!stored) throw new Error('an embedding cannot be kept');
    }
  } finally {
    await cache.close();
  }
}

const machine = {
  processors: availableParallelism(),
  loadAverage: loadavg().map((load) => Number(load.toFixed(1))),
};
const folder = temporaryFolder('stored-series');

/** A server over the folder, and the time until it answers and runs its model, s. */
async function start(root: string): Promise<{ readonly server: SamepointServer; readonly startS: number }> {
  const sinceMs = performance.now();
  const server = await startSamepoint({
    dicomweb: { root },
    models: { default: values.model },
    embedding: { cacheDirectory: folder, cacheMaxBytes: MAX_GIB * BYTES_PER_GIB },
  });
  while ((await server.api.request('GET', '/health/ready')).status !== 200) await pause(LOOK_MS);
  return { server, startS: (performance.now() - sinceMs) / MS_PER_S };
}

/** A pair of series in the PACS, and a place in the first one. */
interface Pair {
  readonly query: SeriesRef;
  readonly target: SeriesRef;
  readonly lps: Lps;
}

async function measure(root: string, series: number, { query, target, lps }: Pair): Promise<StoredSeriesRow> {
  if (series > 1) await fill(folder, series);
  const stored = (await filesIn(folder)).length;
  const diskMib = Math.round(await mibIn(folder));
  const { server, startS } = await start(root);
  try {
    const click = async (): Promise<number> => {
      const sinceMs = performance.now();
      const answer = await server.api.match({ query, targets: [target], points: [{ id: 'p', lps }] });
      if (!Array.isArray(answer) || answer[0]?.ok !== true) throw new Error(JSON.stringify(answer));
      return performance.now() - sinceMs;
    };
    const pid = server.background.process.pid ?? 0;
    const idle = familyRss(pid);
    const firstMs = await click();
    const times: number[] = [];
    for (let number = 0; number < CLICKS; number += 1) times.push(await click());
    const after = familyRss(pid);
    return {
      series: stored,
      diskMib,
      startS: Number(startS.toFixed(2)),
      idleMib: Math.round(idle.server + idle.inference),
      matchingMib: Math.round(after.server + after.inference),
      // Of a single series the other one of the pair is embedded first.
      ...(series > 1 && { firstMatchMs: Math.round(firstMs) }),
      matchMs: Number(quantile(times, 1 / 2).toFixed(1)),
    };
  } finally {
    await server.stop();
  }
}

async function mibIn(directory: string): Promise<number> {
  const sizes = (await filesIn(directory)).map(async (name) => (await stat(join(directory, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / BYTES_PER_MIB;
}

async function measureAll(counts: readonly number[]): Promise<StoredSeriesResults> {
  const orthanc = await startOrthanc();
  try {
    const { root } = orthanc.dicomweb;
    const patient = new SmallPatient(orthanc.dicomweb);
    const query = await patient.storeCurrent({ slices: SLICES });
    const target = await patient.storePrior({ slices: SLICES });
    const pair = { query, target, lps: patient.point };
    const { server } = await start(root);
    const embedded = await server.api.follow('/series-embeddings', query);
    await server.stop();
    if (!('state' in embedded) || embedded.state !== 'done') throw new Error(JSON.stringify(embedded));
    const rows: StoredSeriesRow[] = [];
    for (const count of counts) rows.push(await measure(root, count, pair));
    return { ...machine, model: values.model, rows };
  } finally {
    await orthanc.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

if (!values.chart) {
  const results = await measureAll(values.counts.split(',').map(Number));
  const text = `${JSON.stringify(results, null, 2)}\n`;
  if (!values.dry) await writeFile(RESULTS, text);
  process.stdout.write(text);
}
if (!values.dry) {
  await mkdir(dirname(CHART), { recursive: true });
  await writeFile(CHART, chartOf(JSON.parse(await readFile(RESULTS, 'utf8')) as StoredSeriesResults));
}
