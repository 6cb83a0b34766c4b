/**
 * Memory that two processes share, for frames on their way: a file of a memory file system without a name, which ends with the
 * processes that have it open. A frame is copied into it and out of it once each; over a socket it is copied four times, in pieces
 * of 64 KB, each of which creates garbage (measured: a third of the time of a cold pair's arrays).
 * @module
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A request that is cancelled ends between two frames, and those of two requests alternate. */
export const FRAME_BYTES = 4 * 1024 * 1024;
/** Frames at a time: one is read while the next is written. Containers have 64 MB for all, as a rule. */
export const SLOTS = 3;
/** Where Linux keeps files in memory. Elsewhere there is no such place, and pixels do not go to a disk. */
const MEMORY_FOLDER = '/dev/shm';

/** Slots of FRAME_BYTES in a shared file; one process writes, another one reads. */
export class FrameMemory {
  #fd: number | undefined;
  /** Of {@link read}. */
  #scratch = new Uint8Array(0);

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** @throws Error once it is closed: the number may be another file's then. */
  get fd(): number {
    if (this.#fd === undefined) throw new Error('the memory is closed');
    return this.#fd;
  }

  /** New memory, its pages allocated; undefined where there is no place for it. */
  static create(folder = MEMORY_FOLDER): FrameMemory | undefined {
    const path = join(folder, `samepoint-${randomUUID()}`);
    let fd: number | undefined;
    try {
      fd = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      const memory = new FrameMemory(fd);
      const zeros = new Uint8Array(FRAME_BYTES);
      for (let slot = 0; slot < SLOTS; slot += 1) memory.write(slot, zeros);
      return memory;
    } catch {
      if (fd !== undefined) closeSync(fd);
      return undefined;
    }
  }

  write(slot: number, bytes: Uint8Array): void {
    const at = slot * FRAME_BYTES;
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.fd, bytes, done, bytes.length - done, at + done);
  }

  readInto(slot: number, place: Uint8Array): void {
    const at = slot * FRAME_BYTES;
    for (let done = 0; done < place.length;) {
      const count = readSync(this.fd, place, done, place.length - done, at + done);
      if (count === 0) throw new RangeError(`slot ${slot} has only ${done} bytes`);
      done += count;
    }
  }

  /** The first bytes of a slot; valid until the next call. */
  read(slot: number, bytes: number): Uint8Array {
    if (this.#scratch.length === 0) this.#scratch = new Uint8Array(FRAME_BYTES);
    const place = this.#scratch.subarray(0, bytes);
    this.readInto(slot, place);
    return place;
  }

  close(): void {
    closeSync(this.fd);
    this.#fd = undefined;
  }
}
