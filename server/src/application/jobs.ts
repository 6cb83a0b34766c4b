/**
 * Long requests as jobs. A job belongs to the credentials that made it: to everybody else it does not exist. Finished
 * jobs are kept for a while, and at most so many; running ones are never dropped.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { CredentialsHash } from './credentials.ts';
import type { Logger, MonotonicClock } from './ports.ts';
import type { Progress } from './types.ts';

/** What a job makes. */
export type JobKind = 'series-embedding' | 'match';
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** A job at one moment. */
export interface JobSnapshot {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly progress: Progress;
  /** Present when there are first answers: what a result looks like, less exact and perhaps not all of it. */
  readonly preview?: unknown;
  /** Present when done: the body that the request would have answered. */
  readonly result?: unknown;
  /** Present when failed. */
  readonly error?: SamepointError;
}

/** How the work of a job is told to stop, and tells how far it is. */
export interface JobRun {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onPreview: (preview: unknown) => void;
}

/** Limits of {@link JobStore}. */
export interface JobLimits {
  readonly maxJobs: number;
  readonly retentionMs: number;
}

interface Job {
  readonly owner: CredentialsHash;
  readonly controller: AbortController;
  readonly changes: EventEmitter;
  snapshot: JobSnapshot;
  finishedAt?: number;
}

/** What a refused caller is told to wait, s: jobs end every few seconds. */
const RETRY_AFTER_S = 10;
/** Progress is told in steps of a percent: a series of 2,000 images is not 2,000 events. */
const PROGRESS_STEPS = 100;

/** True when the job will not change any more. */
export function isFinished({ state }: JobSnapshot): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

function isNews(before: Progress, after: Progress): boolean {
  const step = ({ fraction }: Progress): number => Math.floor(fraction * PROGRESS_STEPS);
  return before.stage !== after.stage || step(before) !== step(after);
}

/** Jobs by id. */
export class JobStore {
  readonly #jobs = new Map<string, Job>();
  readonly #limits: JobLimits;
  readonly #monotonic: MonotonicClock;
  readonly #logger: Logger;

  constructor(
    limits: JobLimits,
    { monotonic, logger }: { readonly monotonic: MonotonicClock; readonly logger: Logger },
  ) {
    this.#limits = limits;
    this.#monotonic = monotonic;
    this.#logger = logger;
  }

  /**
   * Starts work and answers at once.
   * @throws SamepointError `http/too-many-jobs` when every remembered job is still running.
   */
  start(kind: JobKind, owner: CredentialsHash, work: (options: JobRun) => Promise<unknown>): JobSnapshot {
    this.#makeRoom();
    const job: Job = {
      owner,
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
  get(id: string, owner: CredentialsHash): JobSnapshot {
    return this.#find(id, owner).snapshot;
  }

  /**
   * Cancels a job; a finished one stays as it is.
   * @throws SamepointError `http/unknown-job`
   */
  cancel(id: string, owner: CredentialsHash): void {
    this.#abort(this.#find(id, owner));
  }

  /**
   * The job now, and again after each change until it is finished. Changes that come faster than the reader takes them
   * are merged. Ends silently when the signal aborts.
   * @throws SamepointError `http/unknown-job`, at the call and not at the first iteration.
   */
  watch(id: string, owner: CredentialsHash, signal: AbortSignal): AsyncIterable<JobSnapshot> {
    return followChanges(this.#find(id, owner), signal);
  }

  /** Cancels everything that runs. */
  close(): void {
    for (const job of this.#jobs.values()) this.#abort(job);
  }

  #find(id: string, owner: CredentialsHash): Job {
    this.#dropExpired();
    const job = this.#jobs.get(id);
    if (job?.owner !== owner) throw new SamepointError('http/unknown-job', {});
    return job;
  }

  async #run(job: Job, work: (options: JobRun) => Promise<unknown>): Promise<void> {
    const { signal } = job.controller;
    const onProgress = (progress: Progress): void => {
      if (isFinished(job.snapshot)) return;
      if (job.snapshot.state === 'queued' || isNews(job.snapshot.progress, progress)) {
        this.#change(job, { state: 'running', progress });
      }
    };
    const onPreview = (preview: unknown): void => {
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
  #publicError({ snapshot }: Job, error: unknown): SamepointError {
    if (isSamepointError(error)) {
      this.#logger.info({ job: snapshot.id, kind: snapshot.kind, code: error.code }, 'job failed');
      return error;
    }
    const correlationId = snapshot.id;
    this.#logger.error({ err: error, correlationId, kind: snapshot.kind }, 'job failed unexpectedly');
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
  }

  #change(job: Job, change: Partial<JobSnapshot>): void {
    job.snapshot = { ...job.snapshot, ...change };
    job.changes.emit('change');
  }

  #dropExpired(): void {
    const oldest = this.#monotonic() - this.#limits.retentionMs;
    for (const [id, { finishedAt }] of this.#jobs) {
      if (finishedAt !== undefined && finishedAt < oldest) this.#jobs.delete(id);
    }
  }

  /** Jobs are in the order of their start; the oldest finished one goes first. */
  #makeRoom(): void {
    this.#dropExpired();
    if (this.#jobs.size < this.#limits.maxJobs) return;
    for (const [id, { finishedAt }] of this.#jobs) {
      if (finishedAt !== undefined) {
        this.#jobs.delete(id);
        return;
      }
    }
    throw new SamepointError('http/too-many-jobs', { running: this.#jobs.size, retryAfterS: RETRY_AFTER_S });
  }
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
