/**
 * A program: how many series one, two and three workers embed in a minute and what a second thread gives; a day on which a worker and Redis
 * fail (see workerTrial.ts); and how long fifty readers wait for a server that embeds nothing while its queue is in Redis. Where it may, each
 * worker has a network namespace of its own. Prints tables and writes test/results/workers.json, with the load of the machine at the
 * beginning.
 *
 *   node workers.ts [--series 24] [--trial 60] [--seconds 30] [--model samepoint-ct] [--dry]
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
import { hasNamespaces, MachineNetwork } from '../support/namespaces.ts';
import { WorkSite } from '../support/workers.ts';
import { FreshApi } from './freshApi.ts';
import { openLoop } from './readers.ts';
import type { LoadFigures } from './readers.ts';
import { problemsOf, runTrial } from './workerTrial.ts';

const RESULTS = join(ROOT, 'test/results/workers.json');
/** What is compared: a second thread of one worker, and more workers of one thread. */
const SETTINGS = [
  { workers: 1, threads: 1 },
  { workers: 1, threads: 2 },
  { workers: 2, threads: 1 },
  { workers: 3, threads: 1 },
] as const;
const TRIAL_WORKERS = 3;
const READERS = 50;
/** Guaranteed time to an answer, ms. */
const P99_MS = 200;
/** Pairs that are read at a time. */
const PAIRS = 3;
/** A reader clicks about once in so many ms. */
const THINK_MS = 1_000;
const MS_PER_S = 1_000;
const S_PER_MINUTE = 60;

const { values } = parseArgs({
  options: {
    series: { type: 'string', default: '24' },
    trial: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '30' },
    model: { type: 'string', default: 'samepoint-ct' },
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

/** How fast workers are. */
interface Throughput {
  readonly workers: number;
  readonly threads: number;
  readonly seconds: number;
  readonly perMinute: number;
}

/** Embeds new series with fresh workers, the first series of each worker not counted. */
async function throughputOf(
  site: WorkSite,
  patient: SmallPatient,
  { workers, threads }: (typeof SETTINGS)[number],
): Promise<Throughput> {
  await site.stopWorkers();
  for (let worker = 0; worker < workers; worker += 1) await site.startWorker({ threads });
  const store = async (size: number): Promise<SeriesRef[]> => {
    const series: SeriesRef[] = [];
    for (let one = 0; one < size; one += 1) series.push(await patient.storePrior());
    return series;
  };
  await embedAll(site, await store(workers));
  const duration = await embedAll(site, await store(count));
  const perMinute = Number(((S_PER_MINUTE * count) / duration).toFixed(1));
  return { workers, threads, seconds: Number(duration.toFixed(1)), perMinute };
}

/** Columns of text. */
function table(rows: readonly object[]): string {
  const head = Object.keys(rows[0] ?? {});
  return [head, ...rows.map((row) => Object.values(row).map(String))]
    .map((line) => line.map((cell) => cell.padEnd(12)).join(''))
    .join('\n');
}

const machine = {
  processors: availableParallelism(),
  loadAverage: loadavg().map((load) => Number(load.toFixed(1))),
};
const network = (await hasNamespaces()) ? await MachineNetwork.open() : undefined;
const site = await WorkSite.open({ models: { default: values.model } }, network);
try {
  const patient = new SmallPatient(site.orthanc.dicomweb);
  const throughput: Throughput[] = [];
  for (const setting of SETTINGS) throughput.push(await throughputOf(site, patient, setting));
  const readers = { readers: READERS, seconds, thinkMs: THINK_MS, ...(await readersOf(site, patient)) };
  // The last workers have gone on: their counts begin with zero for the trial.
  await site.stopWorkers();
  for (let worker = 0; worker < TRIAL_WORKERS; worker += 1) await site.startWorker();
  const trial = await runTrial(site, patient, Number(values.trial));
  const isolated = network !== undefined;
  const results = { ...machine, isolated, model: values.model, series: count, throughput, trial, readers };
  if (!values.dry) {
    await mkdir(dirname(RESULTS), { recursive: true });
    await writeFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  }
  process.stdout.write(`${table(throughput)}\n\n${table([readers])}\n\n${JSON.stringify(trial, null, 2)}\n`);
  const { p99Ms, errors } = readers;
  const slow = p99Ms <= P99_MS && errors === 0 ? [] : [`readers: p99 ${p99Ms} ms, ${errors} errors`];
  const problems = [...problemsOf(trial), ...slow];
  process.stdout.write(problems.length === 0 ? 'holds\n' : `DOES NOT HOLD: ${problems.join('; ')}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await site.close();
}
