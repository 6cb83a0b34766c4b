/**
 * Shared memory of WebAssembly: arrays that threads share and WASM modules read lie in it, one after the other.
 * @module
 */
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

/** Counting may make V8 collect at once (measured: 20 ms): not while a reader waits for what the memory was made for. */
const COUNTED_AFTER_MS = 1_000;

function countLater(memory: WebAssembly.Memory): void {
  const known = new WeakRef(memory);
  setTimeout(() => {
    const living = known.deref();
    if (living !== undefined) counted.set(living, new ArrayBuffer(living.buffer.byteLength));
  }, COUNTED_AFTER_MS).unref();
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
