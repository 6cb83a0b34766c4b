/**
 * Large arrays between the server and its inference process: raw bytes over a socket beside Node's IPC channel. Serialised
 * messages are copied six times on the way (measured: 0.4 s of processor time for a chest and its maps; raw bytes: 0.08 s).
 * No file is written.
 * @module
 */
import { Buffer } from 'node:buffer';
import type { Writable } from 'node:stream';

const KINDS = { Int8Array, Uint8Array, Int16Array, Float32Array } as const;
type Kind = keyof typeof KINDS;
export type StreamedArray = Int8Array | Uint8Array | Int16Array | Float32Array;

/** Part of an array of a request; its bytes follow. */
interface Frame {
  readonly id: number;
  readonly name: string;
  readonly kind: Kind;
  /** Of the whole array, elements. */
  readonly length: number;
  /** Where the part begins, bytes. */
  readonly offset: number;
  readonly bytes: number;
}

/** A frame as JSON, filled up with spaces. */
const HEADER_BYTES = 256;
/** A request that is cancelled ends between two frames, and those of two requests take turns. */
const FRAME_BYTES = 4 * 1024 * 1024;

/** The writing end. */
export class ArraySender {
  readonly #socket: Writable;
  #position = 0;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Bytes sent so far: a message about arrays says it, because it may overtake them. See {@link ArrayReceiver.reached}. */
  get position(): number {
    return this.#position;
  }

  /**
   * Sends an array, frame after frame, each when the one before has left; stops early, without an error, when `signal` aborts. The
   * array must not change meanwhile. @throws Error when the other end is gone.
   */
  async send(id: number, name: string, array: StreamedArray, signal?: AbortSignal): Promise<void> {
    const all = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const whole = { id, name, kind: array[Symbol.toStringTag], length: array.length };
    for (let offset = 0; offset < all.length && signal?.aborted !== true; offset += FRAME_BYTES) {
      const part = all.subarray(offset, offset + FRAME_BYTES);
      await this.#write(headerOf({ ...whole, offset, bytes: part.length }), part);
    }
  }

  /** Both in one turn, so that no other frame comes between. */
  #write(header: Uint8Array, part: Uint8Array): Promise<void> {
    this.#position += header.length + part.length;
    this.#socket.write(header);
    return new Promise((resolve, reject) => {
      this.#socket.write(part, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

function headerOf(frame: Frame): Uint8Array {
  const text = JSON.stringify(frame);
  if (text.length > HEADER_BYTES) throw new RangeError(`the name of an array is too long: ${frame.name}`);
  return Buffer.from(text.padEnd(HEADER_BYTES), 'latin1');
}

/** The arrays of one request, by name. */
export class ReceivedArrays {
  readonly #arrays = new Map<string, StreamedArray>();

  /** The bytes of an array that begins to come, or comes on. */
  bytesOf({ name, kind, length }: Pick<Frame, 'name' | 'kind' | 'length'>): Uint8Array {
    const array = this.#arrays.get(name) ?? new KINDS[kind](length);
    this.#arrays.set(name, array);
    return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  }

  /** The array of this name and kind; empty if none was sent. */
  take<A extends StreamedArray>(name: string, kind: new (length: number) => A): A {
    const array = this.#arrays.get(name);
    this.#arrays.delete(name);
    return array instanceof kind ? array : new kind(0);
  }

  /** The voxels of a volume, in the type they have. */
  takeVoxels(): Int16Array | Float32Array {
    const array = this.#arrays.get('voxels');
    return array instanceof Int16Array ? this.take('voxels', Int16Array) : this.take('voxels', Float32Array);
  }
}

/** The reading end: puts the arrays of requests together. */
export class ArrayReceiver {
  readonly #requests = new Map<number, ReceivedArrays>();
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Of the frame that comes: what is still to be written. */
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;
  #waiting: { readonly position: number; readonly resolve: () => void }[] = [];

  /** Takes what the socket gives, in any pieces; copies it. */
  receive(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) at += this.#take(chunk.subarray(at));
    this.#position += chunk.length;
    const arrived = this.#waiting.filter(({ position }) => position <= this.#position);
    this.#waiting = this.#waiting.filter(({ position }) => position > this.#position);
    for (const { resolve } of arrived) resolve();
  }

  /** Resolves when everything has come that the other end had sent at {@link ArraySender.position}; never if that end dies. */
  async reached(position: number): Promise<void> {
    if (position <= this.#position) return;
    await new Promise<void>((resolve) => this.#waiting.push({ position, resolve }));
  }

  /** The arrays of a request, which are then forgotten here. */
  take(id: number): ReceivedArrays {
    const arrays = this.#requests.get(id) ?? new ReceivedArrays();
    this.#requests.delete(id);
    return arrays;
  }

  /** Takes from the front of a chunk what belongs to one header or one body; says how many bytes. */
  #take(chunk: Uint8Array): number {
    if (this.#rest.length > 0) {
      const part = chunk.subarray(0, this.#rest.length);
      this.#rest.set(part);
      this.#rest = this.#rest.subarray(part.length);
      return part.length;
    }
    const part = chunk.subarray(0, HEADER_BYTES - this.#headerBytes);
    this.#header.set(part, this.#headerBytes);
    this.#headerBytes += part.length;
    if (this.#headerBytes === HEADER_BYTES) this.#begin(JSON.parse(this.#header.toString('latin1')) as Frame);
    return part.length;
  }

  #begin(frame: Frame): void {
    this.#headerBytes = 0;
    const arrays = this.#requests.get(frame.id) ?? new ReceivedArrays();
    this.#requests.set(frame.id, arrays);
    this.#rest = arrays.bytesOf(frame).subarray(frame.offset, frame.offset + frame.bytes);
  }
}
