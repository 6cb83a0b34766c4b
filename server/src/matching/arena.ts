/** Arrays that an embedding and its search index consist of. */
export type SharedArray = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array;

const PAGE_BYTES = 65_536;
/** v128 loads like aligned addresses. */
const ALIGNMENT = 16;
/** A vector is read in blocks of 16 bytes; the last one of a map may be read beyond its end. */
const SLACK_BYTES = 16;

/** What an array takes in an arena, bytes. */
export function bytesOf({ byteLength }: Pick<SharedArray, 'byteLength'>): number {
  return roundUp(byteLength + SLACK_BYTES);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Shared memory of a fixed size, filled from front to back. */
export class Arena {
  readonly memory: WebAssembly.Memory;
  #used = 0;

  /** @param bytes sum of {@link bytesOf} over everything that will be put in */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  }

  /** A copy of the array in the arena. */
  copy<T extends SharedArray>(array: T): T {
    const view = this.#take(array.constructor as ViewConstructor<T>, array.length, array.byteLength);
    view.set(array);
    return view;
  }

  /** `length` zeros, 4 bytes each. */
  int32(length: number): Int32Array {
    return this.#take(Int32Array, length, length * 4);
  }

  float32(length: number): Float32Array {
    return this.#take(Float32Array, length, length * 4);
  }

  int16(length: number): Int16Array {
    return this.#take(Int16Array, length, length * 2);
  }

  #take<T extends SharedArray>(View: ViewConstructor<T>, length: number, bytes: number): T {
    const at = this.#used;
    this.#used += bytesOf({ byteLength: bytes });
    return new View(this.memory.buffer, at, length);
  }
}

type ViewConstructor<T> = new (buffer: ArrayBufferLike, offset: number, length: number) => T;
