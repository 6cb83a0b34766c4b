/**
 * The jobs of all servers: those of this one from its memory, those of others from the board.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Owner } from '../access/index.ts';
import { SamepointError } from '../errors/index.ts';
import { createOwnBoard } from './board.ts';
import type { JobBoard } from './board.ts';
import { foundBy, isFinished } from './jobs.ts';
import type { FoundJob, JobRequest, JobResult, JobRun, JobSnapshot, JobStore } from './jobs.ts';

/** How often a job of another server is looked at while it is followed, ms. */
const LOOK_MS = 100;

/** Jobs by id, wherever they run. */
export class SharedJobs {
  readonly #store: JobStore;
  readonly #board: JobBoard;

  constructor(store: JobStore, board: JobBoard = createOwnBoard()) {
    this.#store = store;
    this.#board = board;
    store.observe({
      changed: (record) => {
        board.update(record);
      },
      dropped: (id) => {
        board.forget(id);
      },
    });
    board.serve({
      records: () => store.records(),
      end: (id, how) => {
        if (how === 'drop') store.drop(id);
        else store.abort(id);
      },
    });
  }

  /**
   * Starts work in this server as soon as all servers can see its job.
   * @throws SamepointError `http/too-many-jobs`, and errors of `queue/`: then nothing has begun
   */
  async start(request: JobRequest, work: (options: JobRun) => Promise<JobResult>): Promise<JobSnapshot> {
    const { promise: shown, resolve, reject } = Promise.withResolvers<undefined>();
    const snapshot = this.#store.start(request, async (options) => {
      await shown;
      return await work(options);
    });
    try {
      await this.#board.show({ snapshot, owner: request.owner, series: request.series });
    } catch (error) {
      this.#store.drop(snapshot.id);
      reject(error);
      throw error;
    }
    resolve(undefined);
    return snapshot;
  }

  /** @throws SamepointError `http/unknown-job`, also for jobs of somebody else, and errors of `queue/` */
  async find(id: string, owner: Owner, signal?: AbortSignal): Promise<FoundJob> {
    if (this.#store.has(id)) return this.#store.find(id, owner);
    return foundBy(owner, await this.#board.find(id, signal));
  }

  /** Forgets a job and what it found; one that runs is cancelled. @throws SamepointError of `queue/` */
  async drop(id: string): Promise<void> {
    if (this.#store.has(id)) this.#store.drop(id);
    else await this.#board.end(id, 'drop');
  }

  /** Cancels a job; a finished one stays unchanged. @throws SamepointError as {@link find} */
  async cancel(id: string, owner: Owner): Promise<void> {
    if (this.#store.has(id)) {
      this.#store.cancel(id, owner);
      return;
    }
    const { snapshot } = await this.find(id, owner);
    if (!isFinished(snapshot)) await this.#board.end(id, 'cancel');
  }

  /**
   * The job now, and again after each change until it is finished, as `JobStore.watch` gives it. Where the board cannot be reached it
   * ends: the client opens the stream again, and the refusal says why.
   * @throws SamepointError as {@link find}, at the call and not at the first iteration
   */
  async watch(id: string, owner: Owner, signal: AbortSignal): Promise<AsyncIterable<JobSnapshot>> {
    if (this.#store.has(id)) return this.#store.watch(id, owner, signal);
    const { snapshot } = await this.find(id, owner, signal);
    return this.#follow(snapshot, signal);
  }

  async *#follow(first: JobSnapshot, signal: AbortSignal): AsyncGenerator<JobSnapshot, void, undefined> {
    yield first;
    let last = first;
    while (!isFinished(last)) {
      const now = await this.#next(last, signal);
      if (now === undefined) return;
      if (now !== last) yield now;
      last = now;
    }
  }

  /** The job at the next look; undefined where it cannot be looked at any more. */
  async #next(last: JobSnapshot, signal: AbortSignal): Promise<JobSnapshot | undefined> {
    try {
      await pause(LOOK_MS, undefined, { signal });
      const found = await this.#board.find(last.id, signal);
      return found === undefined ? gone(last) : unchanged(last, found.snapshot);
    } catch {
      return undefined;
    }
  }
}

/** A job that was there and is no more: its server has dropped it, or has ended with what Redis held. */
function gone({ id, kind, progress }: JobSnapshot): JobSnapshot {
  return { id, kind, progress, state: 'failed', error: new SamepointError('queue/server-lost', {}) };
}

/** Equal parts stay the same objects, by which readers know what is new. */
function unchanged(last: JobSnapshot, now: JobSnapshot): JobSnapshot {
  if (isDeepStrictEqual(last, now)) return last;
  const { preview } = last;
  return preview !== undefined && isDeepStrictEqual(preview, now.preview) ? { ...now, preview } : now;
}
