/**
 * Access to jobs for callers from outside. A job outlives the request that made it, and the PACS may have changed its mind
 * meanwhile, or the token may have been renewed. Hence two rules (docs/decisions/013-who-may-read-a-job.md):
 *
 * 1. Content of images is sent only when the PACS has shown every series of the job to this caller, with the caller's own
 *    credentials, at most `access.memoMs` ago. Where it refuses, the caller gets its refusal and the job is forgotten.
 * 2. Other credentials than those that made the job are believed to be the same user's when they claim the same subject and the
 *    PACS shows them every series of the job: the claim on its own proves nothing.
 * @module
 */
import { isSamepointError } from '../errors/index.ts';
import type { ErrorCode } from '../errors/index.ts';
import { ownerOf } from '../access/index.ts';
import type { FoundJob, JobSnapshot } from './jobs.ts';
import type { SharedJobs } from './sharedJobs.ts';
import type { Caller } from '../access/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';

/** Resolves when the PACS shows all series to the caller; see `Samepoint.authorize`. */
type Authorize = (series: readonly SeriesRef[], caller: Caller, signal?: AbortSignal) => Promise<void>;

/** With these the PACS says that it does not show the series to this user. With 401 it only says that the login has expired. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'dicomweb/forbidden',
  'dicomweb/study-not-found',
  'dicomweb/series-not-found',
  'dicomweb/instance-not-found',
]);

/** True for what only callers may see to whom the PACS shows the series. Errors of `dicomweb/` are the PACS' own words. */
function hasImageContent({ preview, result, error }: JobSnapshot): boolean {
  return (
    preview !== undefined ||
    result !== undefined ||
    (error !== undefined && !error.code.startsWith('dicomweb/'))
  );
}

/** Jobs of a store, shown by the rules above. */
export class JobAccess {
  readonly #jobs: SharedJobs;
  readonly #authorize: Authorize;

  constructor(jobs: SharedJobs, authorize: Authorize) {
    this.#jobs = jobs;
    this.#authorize = authorize;
  }

  /** @throws SamepointError `http/unknown-job`, also for jobs of somebody else; every error of `dicomweb/`. */
  async read(id: string, caller: Caller, signal?: AbortSignal): Promise<JobSnapshot> {
    const job = await this.#jobs.find(id, ownerOf(caller), signal);
    if (!job.isSameLogin || hasImageContent(job.snapshot)) await this.#require(job, caller, signal);
    return job.snapshot;
  }

  /** Cancels a job; a finished one stays unchanged. @throws SamepointError as `read` */
  async cancel(id: string, caller: Caller, signal?: AbortSignal): Promise<void> {
    const job = await this.#jobs.find(id, ownerOf(caller), signal);
    if (!job.isSameLogin) await this.#require(job, caller, signal);
    await this.#jobs.cancel(id, ownerOf(caller));
  }

  /**
   * The job now and after each change, as `JobStore.watch` gives them. A refusal of the PACS in the middle ends it with a failed
   * job that holds the refusal and nothing else.
   * @throws SamepointError as `read`, at the call and not at the first iteration
   */
  async watch(id: string, caller: Caller, signal: AbortSignal): Promise<AsyncIterable<JobSnapshot>> {
    const job = await this.#jobs.find(id, ownerOf(caller), signal);
    if (!job.isSameLogin) await this.#require(job, caller, signal);
    return this.#guard(job, await this.#jobs.watch(id, ownerOf(caller), signal), caller, signal);
  }

  async *#guard(
    job: FoundJob,
    snapshots: AsyncIterable<JobSnapshot>,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncGenerator<JobSnapshot, void, undefined> {
    let shown: unknown;
    for await (const snapshot of snapshots) {
      const { preview, result, error } = snapshot;
      // A preview that this stream has shown before is not new.
      const isNew = preview !== shown || result !== undefined || error !== undefined;
      if (isNew && hasImageContent(snapshot)) {
        const refusal = await this.#refusalOf(job, caller, signal);
        if (signal.aborted) return;
        if (refusal !== undefined) {
          const { id, kind, progress } = snapshot;
          yield { id, kind, progress, state: 'failed', error: refusal };
          return;
        }
      }
      shown = preview;
      yield snapshot;
    }
  }

  async #refusalOf(
    job: FoundJob,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<JobSnapshot['error'] | undefined> {
    try {
      await this.#require(job, caller, signal);
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (isSamepointError(error)) return error;
      throw error;
    }
  }

  async #require({ snapshot, series }: FoundJob, caller: Caller, signal?: AbortSignal): Promise<void> {
    try {
      await this.#authorize(series, caller, signal);
    } catch (error) {
      if (isSamepointError(error) && REFUSALS.has(error.code)) await this.#jobs.drop(snapshot.id);
      throw error;
    }
  }
}
