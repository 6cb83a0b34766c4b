/**
 * A day on which machines fail: three workers, a worker that loses its power and a Redis that starts again in the middle, and a reader.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises';
import { jobOf } from '../support/api.ts';
import type { SeriesRef } from '../support/api.ts';
import type { SmallPatient } from '../support/smallPatient.ts';
import { sumOf } from '../support/workers.ts';
import type { WorkSite } from '../support/workers.ts';

/** Shares of the series that are embedded when the worker is killed and when Redis is. */
const [KILLED_AT, RESTARTED_AT] = [1 / 4, 1 / 2];
const LOOK_MS = 50;
const MS_PER_S = 1_000;

/** What has become of the day. */
export interface TrialFigures {
  readonly series: number;
  readonly workers: number;
  /** Until all of them were embedded. */
  readonly seconds: number;
  readonly jobsDone: number;
  /** In the store at the end, those of the reader's series not counted. */
  readonly embeddings: number;
  /** That were there when the worker was killed, and were written again. */
  readonly writtenAgain: number;
  /** Work of a reader that workers have done, and the time within which all of it was begun, s. */
  readonly interactive: number;
  readonly waitedAtMostS: number;
  /** Cold pairs that the reader has clicked in, and the times to the answers, s. */
  readonly clicksS: readonly number[];
  /** A click in a pair that is embedded, while Redis is away, ms. */
  readonly clickWithoutRedisMs: number;
}

/** A reader of cold pairs. */
class Reader {
  readonly #site: WorkSite;
  readonly #patient: SmallPatient;
  readonly times: number[] = [];

  constructor(site: WorkSite, patient: SmallPatient) {
    this.#site = site;
    this.#patient = patient;
  }

  /** Stores a new pair. */
  async pair(): Promise<readonly [SeriesRef, SeriesRef]> {
    return [await this.#patient.storeCurrent(), await this.#patient.storePrior()];
  }

  /** Matches a point of a pair; the time to the answer, ms. */
  async click([query, target]: readonly [SeriesRef, SeriesRef]): Promise<number> {
    const sinceMs = performance.now();
    const points = [{ id: 'p', lps: this.#patient.point }];
    const answer = await this.#site.server.api.match({ query, targets: [target], points });
    if (!Array.isArray(answer) || answer[0]?.ok !== true) throw new Error(JSON.stringify(answer));
    return performance.now() - sinceMs;
  }

  async clickCold(pair: readonly [SeriesRef, SeriesRef]): Promise<void> {
    this.times.push(Number(((await this.click(pair)) / MS_PER_S).toFixed(2)));
  }
}

/** The work of readers, and the bound of the bucket that holds the longest time for which it waited, s. */
function waitsIn(metrics: readonly string[]): { readonly count: number; readonly withinS: number } {
  const name = 'samepoint_queue_wait_seconds';
  const total = (part: string, labels: string): number =>
    metrics.reduce((sum, text) => sum + sumOf(text, `${name}_${part}`, labels), 0);
  const count = total('count', 'interactive');
  const bounds = [...(metrics[0] ?? '').matchAll(/samepoint_queue_wait_seconds_bucket\{le="([\d.]+)"/gu)];
  const ascending = [...new Set(bounds.map(([, bound]) => Number(bound)))].sort((a, b) => a - b);
  const within = ascending.find((bound) => total('bucket', `le="${bound}",urgency="interactive"`) === count);
  return { count, withinS: within ?? Infinity };
}

/** Runs the day at a site with three workers. @throws Error where a job fails */
export async function runTrial(site: WorkSite, patient: SmallPatient, count: number): Promise<TrialFigures> {
  const { api } = site.server;
  const reader = new Reader(site, patient);
  const [first, second, third] = [await reader.pair(), await reader.pair(), await reader.pair()];
  const series: SeriesRef[] = [];
  for (let one = 0; one < count; one += 1) series.push(await patient.storePrior());
  const before = (await site.embeddings()).size;
  let ofReader = 0;
  const embedded = async (): Promise<number> => (await site.embeddings()).size - before - ofReader;
  const until = async (share: number): Promise<void> => {
    while ((await embedded()) < share * count) await pause(LOOK_MS);
  };
  const click = async (pair: readonly [SeriesRef, SeriesRef]): Promise<void> => {
    await reader.clickCold(pair);
    ofReader += pair.length;
  };
  const sinceMs = performance.now();
  const jobs = await Promise.all(
    series.map(async (one) => jobOf((await api.request('POST', '/series-embeddings', one)).body)),
  );
  await click(first);
  await until(KILLED_AT);
  site.workers[0]?.kill();
  const atKill = await site.embeddings();
  await click(second);
  await until(RESTARTED_AT);
  await site.redis.kill();
  const clickWithoutRedisMs = Math.round(await reader.click(first));
  await site.redis.start();
  const ended = await Promise.all(jobs.map(({ id }) => finished(site, id)));
  await click(third);
  const atEnd = await site.embeddings();
  const living = await Promise.all(site.workers.slice(1).map((worker) => worker.metrics()));
  const waits = waitsIn(living);
  return {
    ...{ series: count, workers: site.workers.length, clicksS: reader.times, clickWithoutRedisMs },
    seconds: Number(((performance.now() - sinceMs) / MS_PER_S).toFixed(1)),
    jobsDone: ended.filter((isDone) => isDone).length,
    embeddings: await embedded(),
    writtenAgain: [...atKill].filter(([name, inode]) => atEnd.get(name) !== inode).length,
    ...{ interactive: waits.count, waitedAtMostS: waits.withinS },
  };
}

/** Whether a job ends well, through every outage. */
async function finished({ server: { api } }: WorkSite, id: string): Promise<boolean> {
  const { state, error } = await api.finished(id);
  if (error !== undefined) throw new Error(error.message);
  return state === 'done';
}

/** What the day must have brought; the wrong figures, where there are any. */
export function problemsOf(figures: TrialFigures): readonly string[] {
  const { series, jobsDone, embeddings, writtenAgain, waitedAtMostS } = figures;
  return [
    ...(jobsDone === series ? [] : [`${jobsDone} of ${series} jobs are done`]),
    ...(embeddings === series ? [] : [`${embeddings} embeddings of ${series} series`]),
    ...(writtenAgain === 0 ? [] : [`${writtenAgain} embeddings were written twice`]),
    ...(waitedAtMostS <= 1 ? [] : [`a reader waited up to ${waitedAtMostS} s for background work`]),
  ];
}
