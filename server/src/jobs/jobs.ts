/**
 * Long requests as jobs. A job belongs to whoever made it: to everybody else it does not exist. Whether its owner may still see
 * its content is not decided here (see jobAccess.ts). Finished jobs are kept for a while, and at most so many, of each
 * caller and in all; running ones are never dropped.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { Logger, MonotonicClock, Owner, ShareKey } from '../access/index.ts';
import type { MatchResult, ReadyField, ReadySeries } from '../application/index.ts';
import type { Progress } from '../seriesEmbeddings/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';

/** What a job makes. */
export type JobKind = 'series-embedding' | 'match' | 'field' | 'registration' | 'similarity';
/** What a job of each kind gives. */
export type JobResult = MatchResult | ReadySeries | ReadyField;
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** A job at one moment. */
export interface JobSnapshot {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly progress: Progress;
  /** Present when there are first answers: what a result looks like, less exact and perhaps not all of it. */
  readonly preview?: MatchResult;
  /** Present when done: what the request would have answered. */
  readonly result?: JobResult;
  /** Present when failed. */
  readonly error?: SamepointError;
}

/** How the work of a job is aborted, and reports its progress. */
export interface JobRun {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onPreview: (preview: MatchResult) => void;
}

/** Limits of {@link JobStore}. */
export interface JobLimits {
  readonly maxJobs: number;
  /** Those of one caller; as many as `maxJobs` where absent. */
  readonly maxJobsPerCaller?: number | undefined;
  readonly retentionMs: number;
}

/** What a job is about, and whose it is. */
export interface JobRequest {
  readonly kind: JobKind;
  readonly owner: Owner;
  /** The series of its result. */
  readonly series: readonly SeriesRef[];
  /** Id of the request that made it: the log says it with the end of the job. */
  readonly requestId?: string | undefined;
}

/** A job, what it is about, and whose it is: what another server needs to show it. */
export interface JobRecord extends Pick<JobRequest, 'owner' | 'series'> {
  readonly snapshot: JobSnapshot;
}

/** Hears of every change of every job. */
export interface JobObserver {
  changed(record: JobRecord): void;
  dropped(id: string): void;
}

/** A job as its owner finds it. */
export interface FoundJob {
  readonly snapshot: JobSnapshot;
  readonly series: readonly SeriesRef[];
  /** False for a request with other credentials, which claim to be those of the same user. */
  readonly isSameLogin: boolean;
}

interface Job {
  readonly owner: Owner;
  readonly requestId: string | undefined;
  readonly startedAt: number;
  readonly series: readonly SeriesRef[];
  readonly controller: AbortController;
  readonly changes: EventEmitter;
  snapshot: JobSnapshot;
  finishedAt?: number;
}

/** The `Retry-After` of a refused caller, s: jobs end every few seconds. */
const RETRY_AFTER_S = 10;
/** Progress is emitted in steps of a percent: a series of 2,000 images is not 2,000 events. */
const PROGRESS_STEPS = 100;

/** True when the job will not change any more. */
export function isFinished({ state }: JobSnapshot): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

function isNews(before: Progress, after: Progress): boolean {
  const step = ({ fraction }: Progress): number => Math.floor(fraction * PROGRESS_STEPS);
  return before.stage !== after.stage || step(before) !== step(after);
}

/** How many jobs of one kind are in one state. */
export interface JobCount {
  readonly kind: JobKind;
  readonly state: JobState;
  readonly count: number;
}

/** What the store is made of. */
export interface JobStoreParts {
  readonly monotonic: MonotonicClock;
  readonly logger: Logger;
  /** Called once for each job, when it has ended. */
  readonly onFinished?: (job: Pick<JobSnapshot, 'kind' | 'state'>) => void;
}

/** Jobs by id. */
export class JobStore {
  readonly #jobs = new Map<string, Job>();
  readonly #limits: JobLimits;
  readonly #monotonic: MonotonicClock;
  readonly #logger: Logger;
  readonly #onFinished: NonNullable<JobStoreParts['onFinished']>;
  #observer: JobObserver | undefined;

  constructor(limits: JobLimits, { monotonic, logger, onFinished = () => undefined }: JobStoreParts) {
    this.#onFinished = onFinished;
    this.#limits = limits;
    this.#monotonic = monotonic;
    this.#logger = logger;
  }

  /**
   * Starts work and answers at once.
   * @throws SamepointError `http/too-many-jobs` when every remembered job, or every one of this caller, is still running.
   */
  start(
    { kind, owner, series, requestId }: JobRequest,
    work: (options: JobRun) => Promise<JobResult>,
  ): JobSnapshot {
    this.#ensureCapacity(owner.share);
    const job: Job = {
      owner,
      requestId,
      startedAt: this.#monotonic(),
      series,
      controller: new AbortController(),
      // One listener per open event stream.
      changes: new EventEmitter({ captureRejections: false }).setMaxListeners(0),
      snapshot: {
        id: randomUUID(),
        kind,
        state: 'queued',
        progress: { stage: 'fetch', fraction: 0, message: 'Waiting' },
      },
    };
    const { snapshot } = job;
    this.#jobs.set(snapshot.id, job);
    void this.#run(job, work);
    return snapshot;
  }

  /** @throws SamepointError `http/unknown-job`, also for jobs of somebody else. */
  get(id: string, owner: Owner): JobSnapshot {
    return this.#find(id, owner).snapshot;
  }

  /** @throws SamepointError `http/unknown-job` */
  find(id: string, owner: Owner): FoundJob {
    this.#dropExpired();
    return foundBy(owner, this.#jobs.get(id));
  }

  /** True for jobs of whoever it may be. */
  has(id: string): boolean {
    this.#dropExpired();
    return this.#jobs.has(id);
  }

  /** All remembered jobs. */
  records(): readonly JobRecord[] {
    return [...this.#jobs.values()].map(recordOf);
  }

  /** The observer hears of what follows. */
  observe(observer: JobObserver): void {
    this.#observer = observer;
  }

  /** Forgets a job and what it found; one that runs is cancelled. */
  drop(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#abort(job);
    this.#remove(id);
  }

  /**
   * Cancels a job; a finished one stays unchanged.
   * @throws SamepointError `http/unknown-job`
   */
  cancel(id: string, owner: Owner): void {
    this.#abort(this.#find(id, owner));
  }

  /** Cancels a job of whoever it may be, whose right to do so another server has verified. */
  abort(id: string): void {
    const job = this.#jobs.get(id);
    if (job !== undefined) this.#abort(job);
  }

  /**
   * The job now, and again after each change until it is finished. Changes that come faster than the reader reads them
   * are merged. Ends silently when the signal aborts.
   * @throws SamepointError `http/unknown-job`, at the call and not at the first iteration.
   */
  watch(id: string, owner: Owner, signal: AbortSignal): AsyncIterable<JobSnapshot> {
    return followChanges(this.#find(id, owner), signal);
  }

  /** The remembered jobs by kind and state; what there is none of is not listed. */
  counts(): readonly JobCount[] {
    const counts = new Map<string, JobCount>();
    for (const { snapshot } of this.#jobs.values()) {
      const { kind, state } = snapshot;
      const key = `${kind} ${state}`;
      counts.set(key, { kind, state, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  /** Cancels everything that runs. */
  close(): void {
    for (const job of this.#jobs.values()) this.#abort(job);
  }

  #find(id: string, owner: Owner): Job {
    this.#dropExpired();
    const job = this.#jobs.get(id);
    if (job === undefined || !isSameUser(job.owner, owner)) throw new SamepointError('http/unknown-job', {});
    return job;
  }

  async #run(job: Job, work: (options: JobRun) => Promise<JobResult>): Promise<void> {
    const { signal } = job.controller;
    const onProgress = (progress: Progress): void => {
      if (isFinished(job.snapshot)) return;
      if (job.snapshot.state === 'queued' || isNews(job.snapshot.progress, progress)) {
        this.#change(job, { state: 'running', progress });
      }
    };
    const onPreview = (preview: MatchResult): void => {
      if (!isFinished(job.snapshot)) this.#change(job, { state: 'running', preview });
    };
    try {
      const result = await work({ signal, onProgress, onPreview });
      const progress = { ...job.snapshot.progress, fraction: 1, message: 'Done' };
      this.#finish(job, { state: 'done', progress, result });
    } catch (error) {
      if (!signal.aborted) this.#finish(job, { state: 'failed', error: this.#publicError(job, error) });
    }
  }

  /** Errors outside the catalogue are faults of ours: logged under the job's id, shown without details. */
  #publicError({ snapshot, requestId }: Job, error: unknown): SamepointError {
    if (isSamepointError(error)) {
      const { id, kind } = snapshot;
      this.#logger.info({ job: id, kind, code: error.code, reqId: requestId }, 'job failed');
      return error;
    }
    const correlationId = snapshot.id;
    const { kind } = snapshot;
    this.#logger.error({ err: error, correlationId, kind, reqId: requestId }, 'job failed unexpectedly');
    return new SamepointError('http/internal', { correlationId });
  }

  #abort(job: Job): void {
    if (isFinished(job.snapshot)) return;
    this.#finish(job, { state: 'cancelled' });
    job.controller.abort();
  }

  #finish(job: Job, change: Partial<JobSnapshot>): void {
    if (isFinished(job.snapshot)) return;
    job.finishedAt = this.#monotonic();
    this.#change(job, change);
    const { id, kind, state } = job.snapshot;
    const durationMs = Math.round(job.finishedAt - job.startedAt);
    this.#logger.info({ job: id, kind, state, durationMs, reqId: job.requestId }, 'job ended');
    this.#onFinished(job.snapshot);
  }

  #change(job: Job, change: Partial<JobSnapshot>): void {
    job.snapshot = { ...job.snapshot, ...change };
    job.changes.emit('change');
    this.#observer?.changed(recordOf(job));
  }

  #remove(id: string): void {
    this.#jobs.delete(id);
    this.#observer?.dropped(id);
  }

  #dropExpired(): void {
    const oldest = this.#monotonic() - this.#limits.retentionMs;
    for (const [id, { finishedAt }] of this.#jobs) {
      if (finishedAt !== undefined && finishedAt < oldest) this.#remove(id);
    }
  }

  /** Of a caller with too many jobs one of its own is dropped; of a full store one of the caller who has most. */
  #ensureCapacity(share: ShareKey): void {
    this.#dropExpired();
    const { maxJobs, maxJobsPerCaller = maxJobs } = this.#limits;
    const counts = new Map<ShareKey, number>();
    for (const { owner } of this.#jobs.values()) counts.set(owner.share, (counts.get(owner.share) ?? 0) + 1);
    const own = counts.get(share) ?? 0;
    if (own >= maxJobsPerCaller) this.#dropOldestOf([share], own);
    else if (this.#jobs.size >= maxJobs) {
      const byCount = [...counts].sort(([, a], [, b]) => b - a).map(([key]) => key);
      this.#dropOldestOf(byCount, this.#jobs.size);
    }
  }

  /** Drops the oldest finished job (they are in the order of their start) of the first caller who has one. */
  #dropOldestOf(shares: readonly ShareKey[], running: number): void {
    for (const share of shares) {
      for (const [id, { owner, finishedAt }] of this.#jobs) {
        if (owner.share !== share || finishedAt === undefined) continue;
        this.#remove(id);
        return;
      }
    }
    throw new SamepointError('http/too-many-jobs', { running, retryAfterS: RETRY_AFTER_S });
  }
}

/** The same credentials, or credentials that claim the same subject: a renewed token. */
function isSameUser(one: Owner, other: Owner): boolean {
  return (
    one.credentials === other.credentials || (one.subject !== undefined && one.subject === other.subject)
  );
}

function recordOf({ snapshot, series, owner }: Job): JobRecord {
  return { snapshot, series, owner };
}

/** A job for a caller. @throws SamepointError `http/unknown-job` where there is none, and where it is somebody else's */
export function foundBy(owner: Owner, record: JobRecord | undefined): FoundJob {
  if (record === undefined || !isSameUser(record.owner, owner))
    throw new SamepointError('http/unknown-job', {});
  const { snapshot, series, owner: maker } = record;
  return { snapshot, series, isSameLogin: maker.credentials === owner.credentials };
}

async function* followChanges(job: Job, signal: AbortSignal): AsyncGenerator<JobSnapshot, void, undefined> {
  let seen: JobSnapshot | undefined;
  while (!signal.aborted) {
    if (seen !== job.snapshot) {
      seen = job.snapshot;
      yield seen;
      if (isFinished(seen)) return;
    } else {
      await once(job.changes, 'change', { signal }).catch(() => undefined);
    }
  }
}
