/**
 * What the server and its inference process may hold at a time (memory.maxBytes), shared out before it is used: series on their way request
 * their memory, wait for it in their order, or are refused; the embeddings and precomputed pairs that are kept get the rest.
 *
 * Outside of the budget is what does not depend on the series: code, heaps, threads, the open model (see PROCESS_BYTES).
 * @module
 */
import { SamepointError } from '../errors/index.ts';

const MIB = 2 ** 20;

/**
 * What both processes use before the first request, and the matching threads later, bytes. Measured
 * (test/results/memory.json): 0.22 GiB of the server, 0.24 of the inference process with the default model, 0.1 of threads.
 */
export const PROCESS_BYTES = 640 * MIB;

/**
 * What a series on its way needs beside its voxels, bytes: its working grid, the maps in both processes, and the slabs that run. Measured
 * for 1 m of a trunk.
 */
export const WORK_BYTES = 448 * MIB;

/**
 * A lease above belongs to a long series: its slices, its maps in both processes and the slabs that run are most of what both use. A
 * thousand slices of a CT, reduced to 2 mm.
 */
export const LONG_SERIES_BYTES = WORK_BYTES + 256 * MIB;

/** Something that is kept while memory is free, and can be computed again. */
export interface Kept {
  /** Drops the least recently used until no more than this is held. */
  shrinkTo(bytes: number): void;
}

/** Memory that one piece of work may use. */
export interface Lease {
  /** Requests another size; false where too little is free now, and nothing changes. */
  resize(bytes: number): boolean;
  end(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly grant: (lease: Lease) => void;
}

/**
 * Shares out a number of bytes. Long series get theirs one after another, however much is free: one uses all processors, so that two at a
 * time would be no faster, and need twice the memory.
 */
export class MemoryBudget {
  readonly #capacity: number;
  readonly #kept: Kept[] = [];
  readonly #waiting: Waiting[] = [];
  #leased = 0;
  /** Whether a long series has its lease. */
  #hasLong = false;

  /** @param capacity bytes; Infinity where nothing is bounded */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The budget of a configured limit of both processes. */
  static of(maxBytes: number): MemoryBudget {
    return new MemoryBudget(maxBytes - PROCESS_BYTES);
  }

  /** What may be kept at the moment, bytes. */
  get freeBytes(): number {
    return this.#capacity - this.#leased;
  }

  /** Something to shrink whenever work needs the memory. */
  keep(kept: Kept): void {
    this.#kept.push(kept);
  }

  /**
   * Memory for work; waits behind earlier requests.
   * @throws SamepointError `application/series-needs-memory` where it can never be had; the signal's reason when it aborts
   */
  async lease(bytes: number, signal?: AbortSignal): Promise<Lease> {
    signal?.throwIfAborted();
    if (bytes > this.#capacity) {
      const [neededMib, limitMib] = [Math.ceil(bytes / MIB), Math.floor(this.#capacity / MIB)];
      throw new SamepointError('application/series-needs-memory', { neededMib, limitMib });
    }
    return await new Promise<Lease>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        // The reason is the caller's own value and is handed back unchanged.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(signal?.reason);
        this.#serve();
      };
      const grant = (lease: Lease): void => {
        signal?.removeEventListener('abort', abort);
        resolve(lease);
      };
      const waiting = { bytes, grant };
      this.#waiting.push(waiting);
      signal?.addEventListener('abort', abort, { once: true });
      this.#serve();
    });
  }

  /**
   * In their order: a large series would wait for ever behind small ones that overtake it. Only one that waits for another long one is
   * overtaken.
   */
  #serve(): void {
    for (const next of [...this.#waiting]) {
      if (this.#hasLong && next.bytes > LONG_SERIES_BYTES) continue;
      if (next.bytes > this.freeBytes) return;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      next.grant(this.#grant(next.bytes));
    }
  }

  #grant(bytes: number): Lease {
    let held = bytes;
    let isLong = bytes > LONG_SERIES_BYTES;
    this.#hasLong ||= isLong;
    const change = (wanted: number): void => {
      this.#leased += wanted - held;
      held = wanted;
    };
    this.#leased += bytes;
    this.#shrink();
    return {
      resize: (wanted) => {
        if (wanted - held > this.freeBytes) return false;
        change(wanted);
        this.#shrink();
        this.#serve();
        return true;
      },
      end: () => {
        change(0);
        if (isLong) this.#hasLong = false;
        isLong = false;
        this.#serve();
      },
    };
  }

  #shrink(): void {
    for (const kept of this.#kept) kept.shrinkTo(this.freeBytes);
  }
}

/**
 * Assumed bytes of a slice before its first image is read: a field of view of 500 mm on a grid of 2 mm, its samples and its means of 16
 * bits.
 */
const USUAL_SLICE_BYTES = 250 * 250 * 2 * 2;

/** The voxels turned out to be more than was requested, and too little is free now. */
class NeedsMore extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super('the images need more memory than was requested');
    this.bytes = bytes;
  }
}

/**
 * Runs work on a series with the memory for its volume: as much as its number of instances suggests until `onSize` gets, from the
 * first image, the size. Where that is more than is free, the work is begun again when enough is.
 * @throws what {@link MemoryBudget.lease} and the work throw
 */
export async function withVolumeMemory<T>(
  budget: MemoryBudget,
  instances: number,
  signal: AbortSignal,
  work: (onSize: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  let bytes = instances * USUAL_SLICE_BYTES;
  for (;;) {
    const lease = await budget.lease(bytes + WORK_BYTES, signal);
    try {
      return await work((size) => {
        if (!lease.resize(size + WORK_BYTES)) throw new NeedsMore(size);
      });
    } catch (error) {
      if (!(error instanceof NeedsMore)) throw error;
      bytes = error.bytes;
    } finally {
      lease.end();
    }
  }
}
