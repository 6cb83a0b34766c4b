import type { Job, JobProgress } from '../wire.ts';
import { readEvents } from './events.ts';
import {
  cancelled,
  serverFailure,
  stoppedByServer,
  unexpectedAnswer,
  unreachable,
  ViewerFailure,
} from './failure.ts';
import type { Http } from './http.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  /** Called with every reported state except the last. */
  readonly onJob?: (job: Job) => void;
  /** Waits before the event stream is opened again. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Waits before reopening a cut stream, ms: a proxy that restarts is back within seconds, an idle cut at once. */
const RECONNECT_WAITS_MS = [250, 1000, 3000, 10_000] as const;

/** The code of a job whose server has ended. */
const SERVER_LOST = 'queue/server-lost';

/** True for the body of a 202 answer. */
export function isJob(value: unknown): value is Job {
  const job = value as Partial<Job> | null;
  return typeof job?.id === 'string' && typeof job.state === 'string';
}

/**
 * Follows a job of the server to its end and gives its result. A cut stream is opened again; progress in between starts
 * the count anew, so that a long computation behind an impatient proxy is followed to its end.
 * Aborting the signal cancels the job on the server.
 */
export async function followJob(http: Http, started: Job, options: FollowOptions): Promise<unknown> {
  const { signal } = options;
  const stop = (): void => {
    // The reader has cancelled; whether the request reached the server changes nothing here.
    http.send({ method: 'DELETE', path: ['jobs', started.id] }).catch(() => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    return await followToEnd(http, started, options);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Sends a request a second time where its server has ended before the answer: another server answers then. */
export async function onAnotherServer<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ViewerFailure) || error.code !== SERVER_LOST) throw error;
    return await send();
  }
}

async function followToEnd(http: Http, started: Job, options: FollowOptions): Promise<unknown> {
  let failures = 0;
  let last: Job = started;
  for (;;) {
    if (options.signal.aborted) throw cancelled();
    report(last, options);
    if (isFinal(last)) return resultOf(last, options.signal);
    const before = last;
    try {
      last = await readJobEvents(http, last, options);
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (failures === RECONNECT_WAITS_MS.length) throw error;
    }
    if (isFinal(last)) continue;
    failures = last === before ? failures + 1 : 0;
    await options.wait(
      RECONNECT_WAITS_MS[Math.min(failures, RECONNECT_WAITS_MS.length - 1)] ?? 0,
      options.signal,
    );
  }
}

/** Reads one event stream to its end; gives the last state of the job in it. */
async function readJobEvents(http: Http, job: Job, options: FollowOptions): Promise<Job> {
  const { signal } = options;
  const response = await http.send({
    method: 'GET',
    path: ['jobs', job.id, 'events'],
    accept: 'text/event-stream',
    signal,
  });
  if (response.body === null) throw unexpectedAnswer('an empty event stream');
  let last = job;
  try {
    for await (const event of readEvents(response.body)) {
      const reported = parseJob(event.data);
      if (reported === undefined) continue;
      last = reported;
      if (isFinal(last)) return last;
      report(last, options);
    }
  } catch (error) {
    if (signal.aborted) throw cancelled();
    // A cut stream: what was read so far counts.
    if (last === job) throw unreachable(error);
  }
  return last;
}

function parseJob(data: string): Job | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isJob(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFinal(job: Job): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

function isTransient(error: unknown): boolean {
  return error instanceof ViewerFailure && error.code === 'viewer/unreachable';
}

function report(job: Job, options: FollowOptions): void {
  // A server that omits progress is old or a proxy's cache: no reason to fail a match.
  const progress = job.progress as JobProgress | undefined;
  if (progress !== undefined) options.onProgress(progress);
  if (!isFinal(job)) options.onJob?.(job);
}

function resultOf(job: Job, signal: AbortSignal): unknown {
  if (job.state === 'done') return job.result;
  if (job.state === 'cancelled') throw signal.aborted ? cancelled() : stoppedByServer();
  if (job.error !== undefined) throw serverFailure(job.error);
  throw unexpectedAnswer('a failed job without a reason');
}
