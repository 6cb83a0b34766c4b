/**
 * A program: how many series one, two and three workers embed in a minute, and how long fifty readers wait for a server that embeds nothing
 * while its queue is in Redis. Prints the figures and writes test/results/workers.json, with the load of the machine at the beginning.
 *
 *   node workers.ts [--series 60] [--seconds 30] [--model mind-ssc] [--dry]
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { jobOf } from '../support/api.ts';
import type { SeriesRef } from '../support/api.ts';
import { ROOT } from '../support/paths.ts';
import { SmallPatient } from '../support/smallPatient.ts';
import { WorkSite } from '../support/workers.ts';
import { FreshApi } from './freshApi.ts';
import { openLoop } from './readers.ts';
import type { LoadFigures } from './readers.ts';

const RESULTS = join(ROOT, 'test/results/workers.json');
const MOST_WORKERS = 3;
const READERS = 50;
/** Pairs that are read at a time. */
const PAIRS = 3;
/** A reader clicks about once in so many ms. */
const THINK_MS = 1_000;
const MS_PER_S = 1_000;
const S_PER_MINUTE = 60;

const { values } = parseArgs({
  options: {
    series: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '30' },
    model: { type: 'string', default: 'mind-ssc' },
    dry: { type: 'boolean', default: false },
  },
});
const [count, seconds] = [Number(values.series), Number(values.seconds)];

/** Time until all of them are embedded, s. */
async function embedAll(site: WorkSite, series: readonly SeriesRef[]): Promise<number> {
  const { api } = site.server;
  const startMs = performance.now();
  const jobs = await Promise.all(
    series.map(async (one) => jobOf((await api.request('POST', '/series-embeddings', one)).body)),
  );
  const ended = await Promise.all(jobs.map(({ id }) => api.finished(id)));
  const failed = ended.find(({ state }) => state !== 'done');
  if (failed !== undefined) throw new Error(failed.error?.message ?? failed.state);
  return (performance.now() - startMs) / MS_PER_S;
}

async function readersOf(site: WorkSite, patient: SmallPatient): Promise<LoadFigures> {
  const api = new FreshApi(site.server.api.root);
  const pairs = await Promise.all(
    Array.from({ length: PAIRS }, async () => ({
      query: await patient.storeCurrent(),
      targets: [await patient.storePrior()],
      points: [{ id: 'p', lps: patient.point }],
    })),
  );
  for (const pair of pairs) await api.match(pair);
  const send = async (reader: number): Promise<void> => {
    const headers = { Authorization: `Bearer reader-${reader}` };
    const { status } = await api.request('POST', '/matches', pairs[reader % PAIRS], headers);
    if (status !== 200) throw new Error(`status ${status}`);
  };
  for (let reader = 0; reader < READERS; reader += 1) await send(reader);
  return (await openLoop(READERS, seconds, THINK_MS, send)).figures;
}

const machine = {
  processors: availableParallelism(),
  loadAverage: loadavg().map((load) => Number(load.toFixed(1))),
};
const site = await WorkSite.open({ models: { default: values.model } });
try {
  const patient = new SmallPatient(site.orthanc.dicomweb);
  const throughput: { readonly workers: number; readonly seconds: number; readonly perMinute: number }[] = [];
  for (let workers = 1; workers <= MOST_WORKERS; workers += 1) {
    await site.startWorker();
    const series: SeriesRef[] = [];
    for (let one = 0; one < count; one += 1) series.push(await patient.storePrior());
    const duration = await embedAll(site, series);
    const perMinute = Number(((S_PER_MINUTE * count) / duration).toFixed(1));
    throughput.push({ workers, seconds: Number(duration.toFixed(1)), perMinute });
  }
  const readers = { readers: READERS, seconds, thinkMs: THINK_MS, ...(await readersOf(site, patient)) };
  const results = { ...machine, model: values.model, series: count, throughput, readers };
  const text = JSON.stringify(results, null, 2);
  if (!values.dry) {
    await mkdir(dirname(RESULTS), { recursive: true });
    await writeFile(RESULTS, `${text}\n`);
  }
  process.stdout.write(`${text}\n`);
} finally {
  await site.close();
}
