/**
 * Work on bytes that somebody else made, in threads that may fail: each piece has a deadline, each thread a heap of its own.
 * What never ends or grows without end costs a thread, never the server.
 * @module
 */
import { Piscina } from 'piscina';
import { SamepointError } from '../errors/index.ts';
import type { Outcome } from './outcome.ts';
import { threadOptions } from './threadOptions.ts';

/** Idle threads end after this time, ms: long enough for the pause between two series, short enough to free memory. */
const IDLE_TIMEOUT_MS = 30_000;

/** Options of {@link createBoundedPool}. */
export interface BoundedPoolOptions {
  /** The file that the threads run; its default export is made by `answering`. */
  readonly worker: URL;
  /** Pieces of work at the same time. */
  readonly threads: number;
  /** Longest time for one piece, waiting for a thread included, ms. */
  readonly timeoutMs: number;
  /** JavaScript heap of a thread, MiB; arrays of bytes are not in it. */
  readonly heapMb: number;
}

/** Threads for one kind of work. */
export interface BoundedPool<Task, Result> {
  /**
   * @param transfer buffers of the task that move to the thread instead of being copied
   * @param signal ends the thread that works on it
   * @throws SamepointError what the work raised; Error with the reason where it failed otherwise or exceeded its time; the signal's reason
   */
  run(task: Task, transfer?: readonly ArrayBuffer[], signal?: AbortSignal): Promise<Result>;
  close(): Promise<void>;
}

/** Starts no thread before there is work. */
export function createBoundedPool<Task, Result>(options: BoundedPoolOptions): BoundedPool<Task, Result> {
  const { worker, threads, timeoutMs, heapMb } = options;
  const pool = new Piscina<Task, Outcome<Result>>({
    filename: worker.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_TIMEOUT_MS,
    ...threadOptions(heapMb),
  });
  return {
    async run(task, transfer = [], signal) {
      signal?.throwIfAborted();
      const deadline = new AbortController();
      const timer = setTimeout(() => {
        deadline.abort();
      }, timeoutMs);
      try {
        const ending = signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal]);
        return valueOf(await pool.run(task, { transferList: [...transfer], signal: ending }));
      } catch (error) {
        signal?.throwIfAborted();
        if (!deadline.signal.aborted) throw error;
        throw new Error(`it needed longer than ${String(timeoutMs / 1000)} s`, { cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => pool.destroy(),
  };
}

function valueOf<Result>(outcome: Outcome<Result>): Result {
  if (outcome.ok) return outcome.value;
  const { reason, catalogued } = outcome;
  throw catalogued === undefined ? new Error(reason) : new SamepointError(catalogued.code, catalogued.fields);
}
