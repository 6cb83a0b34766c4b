/**
 * Shared memory of WebAssembly: arrays that threads share and WASM modules read lie in it, one after the other.
 * @module
 */
import { performance } from 'node:perf_hooks';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { aligned, pagesOf } from './memoryLayout.ts';

/** Arrays that an embedding and its search index consist of. */
export type SharedArray = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array;

/** A vector is read in blocks of 16 bytes; the last one of a map may be read beyond its end. */
const SLACK_BYTES = 16;

/** What an array needs in an arena, bytes. */
export function bytesOf({ byteLength }: Pick<SharedArray, 'byteLength'>): number {
  return aligned(byteLength + SLACK_BYTES);
}

/** What 32-bit addresses reach. It is addresses, no memory, that an arena reserves so that it can grow. */
const MAX_PAGES = 65_536;

/**
 * V8 does not count shared memory when it decides whether to collect: dozens of gigabytes would wait for a heap of 30 MB to be full. An
 * array that is never written uses addresses and no memory, and is counted; this one lives as long as the memory that it stands for.
 */
const counted = new WeakMap<WebAssembly.Memory, ArrayBuffer>();

/** Memory that V8 does not know of yet. */
const uncounted = new Set<WebAssembly.Memory>();

/** At most this much stays uncounted, bytes. */
const UNCOUNTED_BYTES = 512 * 2 ** 20;

/** A thread that worked less than this share of a period is idle. */
const [IDLE_SHARE, PERIOD_MS] = [0.1, 1_000];

function countAll(): void {
  for (const memory of uncounted) counted.set(memory, new ArrayBuffer(memory.buffer.byteLength));
  uncounted.clear();
}

let watch: NodeJS.Timeout | undefined;

function countWhenIdle(before: EventLoopUtilization): void {
  watch = setTimeout(() => {
    watch = undefined;
    const { utilization } = performance.eventLoopUtilization(before);
    if (utilization < IDLE_SHARE) countAll();
    if (uncounted.size > 0) countWhenIdle(performance.eventLoopUtilization());
  }, PERIOD_MS).unref();
}

/** Counting makes V8 collect (measured: 30 to 50 ms for each 64 MB): while the thread is idle, or when there is too much. */
function countLater(memory: WebAssembly.Memory): void {
  if (watch === undefined) countWhenIdle(performance.eventLoopUtilization());
  uncounted.add(memory);
  const bytes = [...uncounted].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  if (bytes > UNCOUNTED_BYTES) countAll();
}

/** Shared memory, filled from front to back. */
export class Arena {
  readonly memory: WebAssembly.Memory;
  #used: number;

  private constructor(memory: WebAssembly.Memory, used: number) {
    this.memory = memory;
    this.#used = used;
  }

  /** New memory. @param bytes sum of {@link bytesOf} over everything that will be put in */
  static of(bytes: number): Arena {
    const initial = pagesOf(bytes);
    const memory = new WebAssembly.Memory({ initial, maximum: MAX_PAGES, shared: true });
    countLater(memory);
    return new Arena(memory, 0);
  }

  /** An arena behind what a memory holds: it grows. What lies in it stays where it is. */
  static behind(memory: WebAssembly.Memory, bytes: number): Arena {
    const used = memory.buffer.byteLength;
    memory.grow(pagesOf(bytes));
    countLater(memory);
    return new Arena(memory, used);
  }

  /** A copy of the array in the arena. */
  copy<T extends SharedArray>(array: T): T {
    const view = this.zeros(array.constructor as unknown as ViewOf<T>, array.length);
    view.set(array);
    return view;
  }

  /** `length` zeros. */
  zeros<T extends SharedArray>(View: ViewOf<T>, length: number): T {
    const at = this.#used;
    this.#used += bytesOf({ byteLength: length * View.BYTES_PER_ELEMENT });
    return new View(this.memory.buffer, at, length);
  }

  int32(length: number): Int32Array {
    return this.zeros(Int32Array, length);
  }

  float32(length: number): Float32Array {
    return this.zeros(Float32Array, length);
  }

  int16(length: number): Int16Array {
    return this.zeros(Int16Array, length);
  }
}

/** The constructor of an array of this kind. */
export interface ViewOf<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): T;
}
