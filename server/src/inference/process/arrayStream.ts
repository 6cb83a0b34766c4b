/**
 * Large arrays between the server and its inference process: raw bytes, through memory that both share where there is such a thing
 * (frameMemory.ts), else over a socket beside Node's IPC channel. Serialised messages are copied six times on the way.
 * @module
 */
import { Buffer } from 'node:buffer';
import type { Writable } from 'node:stream';
import { Arena, bytesOf } from '../../wasm/index.ts';
import type { ViewOf } from '../../wasm/index.ts';
import { FRAME_BYTES, SLOTS } from './frameMemory.ts';
import type { FrameMemory } from './frameMemory.ts';
import { RowGatherer, RowScatterer } from './rows.ts';

const KINDS = { Int8Array, Uint8Array, Int16Array, Float32Array } as const;
type Kind = keyof typeof KINDS;
export type StreamedArray = Int8Array | Uint8Array | Int16Array | Float32Array;

/** The arrays of one request. */
export interface ArrayRequest {
  readonly id: number;
  /** What all of them use in an {@link Arena}, bytes; 0: each lies in memory of its own. */
  readonly arenaBytes: number;
}

/** Rows of an array that are 0 and therefore not sent: those whose number in another array, sent before, is 0. */
interface EmptyRows {
  /** Elements of a row. */
  readonly size: number;
  /** Name of the other array. */
  readonly where: string;
}

/** The next part of an array of a request; its bytes follow, or lie in a slot of the shared memory. */
interface Frame extends ArrayRequest {
  readonly name: string;
  readonly kind: Kind;
  /** Of the whole array, elements. */
  readonly length: number;
  readonly emptyRows?: EmptyRows | undefined;
  readonly bytes: number;
  readonly slot?: number;
}

/** What was in a slot has been read. */
interface Release {
  readonly released: number;
}

/** A frame as JSON, filled up with spaces. */
const HEADER_BYTES = 256;

/** Options of {@link ArraySender.send}. */
export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** The rows that are omitted, and the array `where` itself. */
  readonly emptyRows?: EmptyRows & { readonly numbers: Float32Array };
}

/** Memory that all of these arrays use in an {@link Arena}, bytes. */
export function arenaBytes(arrays: readonly Pick<StreamedArray, 'byteLength'>[]): number {
  return arrays.reduce((sum, array) => sum + bytesOf(array), 0);
}

/** The writing end. */
export class ArraySender {
  readonly #socket: Writable;
  readonly #memory: FrameMemory | undefined;
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => slot);
  readonly #waiting: { readonly acquire: (slot: number) => void; readonly fail: (error: Error) => void }[] =
    [];
  #position = 0;

  /** @param memory that the other end reads */
  constructor(socket: Writable, memory?: FrameMemory) {
    this.#socket = socket;
    this.#memory = memory;
  }

  /** Bytes sent so far: a message about arrays says it, because it may overtake them. See {@link ArrayReceiver.reached}. */
  get position(): number {
    return this.#position;
  }

  /**
   * Sends an array, frame after frame, each when the one before has been written; stops early, without an error, when `signal` aborts. The
   * array must not change meanwhile. @throws Error when the other end is gone.
   */
  async send(
    request: ArrayRequest,
    name: string,
    array: StreamedArray,
    options: SendOptions = {},
  ): Promise<void> {
    const { signal, emptyRows } = options;
    const { length } = array;
    const { id, arenaBytes: capacity } = request;
    const whole = { id, arenaBytes: capacity, name, kind: array[Symbol.toStringTag], length };
    const rows = emptyRows && { size: emptyRows.size, where: emptyRows.where };
    for (const part of partsOf(array, emptyRows)) {
      if (signal?.aborted === true) return;
      await this.#write({ ...whole, emptyRows: rows, bytes: part.length }, part);
    }
  }

  /** Reports to the other end that what it has put in a slot has been read. */
  release(slot: number): void {
    this.#writeHeader({ released: slot });
  }

  /** The other end has read what was in a slot. */
  released(slot: number): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slot);
    else next.acquire(slot);
  }

  /** The other end is gone: who waits for it fails. */
  close(): void {
    for (const { fail } of this.#waiting.splice(0)) fail(new Error('the other end is gone'));
  }

  async #write(frame: Frame, part: Uint8Array): Promise<void> {
    if (this.#memory === undefined) {
      await this.#writeInline(frame, part);
      return;
    }
    const slot = this.#free.shift() ?? (await this.#released());
    this.#memory.write(slot, part);
    this.#writeHeader({ ...frame, slot });
  }

  #released(): Promise<number> {
    return new Promise((acquire, fail) => this.#waiting.push({ acquire, fail }));
  }

  /** Both in one turn, so that no other frame comes between. */
  #writeInline(frame: Frame, part: Uint8Array): Promise<void> {
    this.#writeHeader(frame);
    this.#position += part.length;
    return new Promise((resolve, reject) => {
      this.#socket.write(part, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  #writeHeader(header: Frame | Release): void {
    this.#position += HEADER_BYTES;
    this.#socket.write(headerOf(header));
  }
}

/** The bytes of an array in the parts that are sent; each is valid until the next one is requested. One at least, that the other end knows it. */
function* partsOf(array: StreamedArray, emptyRows: SendOptions['emptyRows']): Generator<Uint8Array> {
  const all = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (emptyRows === undefined) {
    let offset = 0;
    do yield all.subarray(offset, offset + FRAME_BYTES);
    while ((offset += FRAME_BYTES) < all.length);
    return;
  }
  const rows = new RowGatherer(all, emptyRows.size * array.BYTES_PER_ELEMENT, emptyRows.numbers);
  const chunk = new Uint8Array(Math.min(FRAME_BYTES, all.length));
  let bytes = rows.read(chunk);
  do yield chunk.subarray(0, bytes);
  while ((bytes = rows.read(chunk)) > 0);
}

function headerOf(header: Frame | Release): Uint8Array {
  const text = JSON.stringify(header);
  if (text.length > HEADER_BYTES) throw new RangeError(`the name of an array is too long: ${text}`);
  return Buffer.from(text.padEnd(HEADER_BYTES), 'latin1');
}

/** Writes the bytes of an array as they come. */
interface ArrayWriter {
  write(bytes: Uint8Array): void;
  /** Where the next bytes belong, if they stay together: who has them elsewhere copies them once. */
  next?(bytes: number): Uint8Array;
}

class WholeWriter implements ArrayWriter {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  write(bytes: Uint8Array): void {
    this.next(bytes.length).set(bytes);
  }

  next(bytes: number): Uint8Array {
    return this.#bytes.subarray(this.#at, (this.#at += bytes));
  }
}

/** The arrays of one request, by name. */
export class ReceivedArrays {
  readonly #arrays = new Map<string, StreamedArray>();
  readonly #writers = new Map<string, ArrayWriter>();
  readonly #arena: Arena | undefined;

  /** @param bytes of the memory that the arrays share; 0: each has its own */
  constructor(bytes = 0) {
    this.#arena = bytes === 0 ? undefined : Arena.of(bytes);
  }

  /** The memory that the arrays share; it lives as long as one of them. */
  get memory(): WebAssembly.Memory | undefined {
    return this.#arena?.memory;
  }

  /** The writer of an array that begins to come, or comes on. */
  writerOf(frame: Pick<Frame, 'name' | 'kind' | 'length' | 'emptyRows'>): ArrayWriter {
    const known = this.#writers.get(frame.name);
    if (known !== undefined) return known;
    const array = this.#new(KINDS[frame.kind], frame.length);
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const { emptyRows } = frame;
    const numbers = emptyRows && this.#arrays.get(emptyRows.where);
    const writer =
      emptyRows && numbers instanceof Float32Array
        ? new RowScatterer(bytes, emptyRows.size * array.BYTES_PER_ELEMENT, numbers)
        : new WholeWriter(bytes);
    this.#arrays.set(frame.name, array);
    this.#writers.set(frame.name, writer);
    return writer;
  }

  /** Gives the array of this name and kind, and forgets it; empty if none was sent. */
  remove<A extends StreamedArray>(name: string, kind: new (length: number) => A): A {
    const array = this.#arrays.get(name);
    this.#arrays.delete(name);
    return array instanceof kind ? array : new kind(0);
  }

  #new(View: ViewOf<StreamedArray> & (new (length: number) => StreamedArray), length: number): StreamedArray {
    return this.#arena === undefined ? new View(length) : this.#arena.zeros(View, length);
  }
}

/** The reading end: puts the arrays of requests together. */
export class ArrayReceiver {
  readonly #memory: FrameMemory | undefined;
  readonly #back: Pick<ArraySender, 'release' | 'released'> | undefined;
  readonly #requests = new Map<number, ReceivedArrays>();
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Of the frame that comes: its writer, and how many bytes are still to come. */
  #writer: ArrayWriter | undefined;
  #rest = 0;
  #position = 0;
  #waiting: { readonly position: number; readonly resolve: () => void }[] = [];

  /**
   * @param back the writing end beside this one, by which slots are released
   * @param memory that the other end writes
   */
  constructor(back?: Pick<ArraySender, 'release' | 'released'>, memory?: FrameMemory) {
    this.#back = back;
    this.#memory = memory;
  }

  /** Reads what the socket gives, in any pieces; copies it. */
  receive(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) at += this.#consume(chunk.subarray(at));
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
  remove(id: number): ReceivedArrays {
    const arrays = this.#requests.get(id) ?? new ReceivedArrays();
    this.#requests.delete(id);
    return arrays;
  }

  /** Reads from the front of a chunk what belongs to one header or one body; says how many bytes. */
  #consume(chunk: Uint8Array): number {
    if (this.#rest > 0) {
      const part = chunk.subarray(0, this.#rest);
      this.#writer?.write(part);
      this.#rest -= part.length;
      return part.length;
    }
    const part = chunk.subarray(0, HEADER_BYTES - this.#headerBytes);
    this.#header.set(part, this.#headerBytes);
    this.#headerBytes += part.length;
    if (this.#headerBytes === HEADER_BYTES) {
      this.#headerBytes = 0;
      this.#begin(JSON.parse(this.#header.toString('latin1')) as Frame | Release);
    }
    return part.length;
  }

  #begin(header: Frame | Release): void {
    if ('released' in header) {
      this.#back?.released(header.released);
      return;
    }
    const arrays = this.#requests.get(header.id) ?? new ReceivedArrays(header.arenaBytes);
    this.#requests.set(header.id, arrays);
    const writer = arrays.writerOf(header);
    if (header.slot === undefined) [this.#writer, this.#rest] = [writer, header.bytes];
    else this.#read(header.slot, header.bytes, writer);
  }

  #read(slot: number, bytes: number, writer: ArrayWriter): void {
    const place = writer.next?.(bytes);
    if (place === undefined) writer.write(this.#memory?.read(slot, bytes) ?? new Uint8Array(0));
    else this.#memory?.readInto(slot, place);
    this.#back?.release(slot);
  }
}
