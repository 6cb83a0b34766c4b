/**
 * What a reader waits for, through HTTP: a server in a process of its own beside a real PACS. Times are wall times of the client.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readVolume, createDicomwebClient } from '@samepoint/server';
import type { LpsPoint } from '@samepoint/server';
import { isInside } from '../support/followUp.ts';
import { DeepBody } from '../accuracy/points.ts';
import { quantile } from '../accuracy/statistics.ts';
import { jobOf } from '../support/api.ts';
import type { Job, MatchOutcome, SeriesRef } from '../support/api.ts';
import { median } from './stages.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';

/** A row of the results that was measured through HTTP. */
export interface HttpMeasurement {
  readonly stage: string;
  readonly state: 'cold' | 'cached';
  readonly data: string;
  readonly seconds: number;
}

/** The pair and the PACS that holds it. */
export interface HttpInputs {
  readonly root: string;
  readonly query: SeriesRef;
  readonly target: SeriesRef;
}

/** Cold pairs that are measured. */
const CLICKS = 3;
/** Different points that are requested one after another. */
const POINTS = 100;
/** Lesions of a reading: sent in one request. */
const LESIONS = 10;
/** Clicks of a reader who thinks in between, and for how long, s: by then access must be checked at the PACS again (access.memoMs). */
const [PAUSED_POINTS, PAUSE_S] = [5, 6];
/** A server that has just started warms up with one embedding; a reader meets one that has run for a while, s. */
const STARTED_FOR_S = 4;
const SEED = 1;
/** A point is this far inside the field of view, mm. */
const VIEW_MM = 6;
const MS_PER_S = 1000;

type Lps = readonly [number, number, number];
type Body = Record<string, unknown>;

async function pointsOf({ root, query }: HttpInputs): Promise<readonly LpsPoint[]> {
  const volume = await readVolume(createDicomwebClient({ root }).retrieveSeries(query));
  return new DeepBody(volume).draw(POINTS, SEED, (point) => isInside(volume, point, VIEW_MM));
}

function requestFor({ query, target }: HttpInputs, points: readonly Lps[], method?: string): Body {
  return {
    query,
    targets: [target],
    points: points.map((lps, index) => ({ id: String(index), lps })),
    ...(method === undefined ? {} : { method }),
  };
}

/** Posts until the answer is there, and gives the time until then, s. */
async function timeOf({ api }: SamepointServer, body: Body): Promise<number> {
  const since = performance.now();
  const answer = await api.follow('/matches', body);
  const seconds = (performance.now() - since) / MS_PER_S;
  const matches =
    'state' in answer ? answer.result?.matches : (answer.body as { matches?: MatchOutcome[] }).matches;
  if (matches?.every(({ ok }) => ok) !== true)
    throw new Error(`a point was not answered: ${JSON.stringify(answer).slice(0, 500)}`);
  return seconds;
}

/** 95th percentile of single points, after one that pays for what is computed once. */
async function singlePoints(
  server: SamepointServer,
  inputs: HttpInputs,
  points: readonly Lps[],
  method?: string,
): Promise<{ readonly first: number; readonly p95: number; readonly median: number }> {
  const [start] = points;
  if (start === undefined) throw new RangeError('no points');
  const first = await timeOf(server, requestFor(inputs, [start], method));
  const seconds: number[] = [];
  for (const point of points) seconds.push(await timeOf(server, requestFor(inputs, [point], method)));
  return { first, p95: quantile(seconds, 0.95), median: quantile(seconds, 0.5) };
}

/** Single points, each after a pause. */
async function pausedPoints(
  server: SamepointServer,
  inputs: HttpInputs,
  points: readonly Lps[],
): Promise<number> {
  const seconds: number[] = [];
  for (const point of points.slice(0, PAUSED_POINTS)) {
    await sleep(PAUSE_S * MS_PER_S);
    seconds.push(await timeOf(server, requestFor(inputs, [point])));
  }
  return quantile(seconds, 0.5);
}

/** A job at a moment, and when that was, s after the click. */
interface Moment {
  readonly seconds: number;
  readonly job: Job & { readonly progress?: { readonly stage: string }; readonly preview?: Job['result'] };
}

/** The events of a job as they come. */
async function* momentsOf(url: string, since: number): AsyncGenerator<Moment> {
  const response = await fetch(url);
  if (response.body === null) throw new Error(`no events at ${url}`);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data !== undefined)
        yield { seconds: (performance.now() - since) / MS_PER_S, job: JSON.parse(data) as Moment['job'] };
    }
  }
}

/** True where a job carries an answer, preliminary (`preview`) or final (`result`). */
function hasAnswer({ preview, result }: Moment['job']): boolean {
  return (result?.matches ?? preview?.matches)?.some(({ ok }) => ok) === true;
}

/** Times of a click with nothing in the cache, s. */
interface ColdPair {
  /** From the click until both series were fetched. */
  readonly fetched: number;
  /** From then on until the first and until the final answer. */
  readonly first: number;
  readonly final: number;
}

async function coldPair(server: SamepointServer, inputs: HttpInputs, point: Lps): Promise<ColdPair> {
  const since = performance.now();
  const answer = await server.api.request('POST', '/matches', requestFor(inputs, [point]));
  if (answer.status !== 202) throw new Error(`expected a job, got ${answer.status}`);
  const { id } = jobOf(answer.body);
  let [fetched, first, last] = [0, Infinity, 0];
  for await (const { seconds, job } of momentsOf(`${server.api.root}/jobs/${id}/events`, since)) {
    if (job.state === 'failed') throw new Error(JSON.stringify(job.error));
    if (job.progress?.stage === 'fetch' && job.state === 'running') fetched = seconds;
    if (hasAnswer(job)) first = Math.min(first, seconds);
    last = seconds;
  }
  return { fetched, first: first - fetched, final: last - fetched };
}

async function cachedPair(
  server: SamepointServer,
  inputs: HttpInputs,
  points: readonly Lps[],
): Promise<HttpMeasurement[]> {
  const single = await singlePoints(server, inputs, points);
  const lesions: number[] = [];
  for (let from = 0; from + LESIONS <= points.length; from += LESIONS)
    lesions.push(await timeOf(server, requestFor(inputs, points.slice(from, from + LESIONS))));
  const paused = await pausedPoints(server, inputs, points);
  const field = await singlePoints(server, inputs, points, 'field');
  const row = (data: string, seconds: number): HttpMeasurement => ({
    stage: 'HTTP',
    state: 'cached',
    data,
    seconds,
  });
  return [
    row('first point of a pair', single.first),
    row(`one point, 95th percentile of ${points.length}`, single.p95),
    row(`one point, median of ${points.length}`, single.median),
    row(
      `one point after ${PAUSE_S} s, which checks access at the PACS again, median of ${PAUSED_POINTS}`,
      paused,
    ),
    row(`${LESIONS} lesions in one request, slowest of ${lesions.length}`, Math.max(...lesions)),
    row('field: first point of a pair, which computes the field', field.first),
    row(`field: one point, 95th percentile of ${points.length}`, field.p95),
    row(`field: one point, median of ${points.length}`, field.median),
  ];
}

/** Work with a server of its own, whose cache is empty. */
async function withServer<T>(
  { root }: HttpInputs,
  work: (server: SamepointServer) => Promise<T>,
): Promise<T> {
  const server = await startSamepoint({ dicomweb: { root } });
  try {
    await sleep(STARTED_FOR_S * MS_PER_S);
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** The medians of several cold pairs, row by row. */
function medianOf(clicks: readonly ColdPair[]): HttpMeasurement[] {
  const fetched = median(clicks.map((click) => click.fetched));
  const row = (answer: 'first' | 'final'): HttpMeasurement => ({
    stage: 'click',
    state: 'cold',
    data: `${answer} answer after both series were fetched (${fetched.toFixed(2)} s after the click), median of ${clicks.length}`,
    seconds: median(clicks.map((click) => click[answer])),
  });
  return [row('first'), row('final')];
}

/** Measures cold pairs, each with a server that has just started, then the last pair from the cache. */
export async function measureHttp(inputs: HttpInputs): Promise<HttpMeasurement[]> {
  const points = await pointsOf(inputs);
  const [first] = points;
  if (first === undefined) throw new RangeError('no points');
  const clicks: ColdPair[] = [];
  while (clicks.length + 1 < CLICKS)
    clicks.push(await withServer(inputs, (server) => coldPair(server, inputs, first)));
  return await withServer(inputs, async (server) => {
    clicks.push(await coldPair(server, inputs, first));
    return [...medianOf(clicks), ...(await cachedPair(server, inputs, points))];
  });
}
