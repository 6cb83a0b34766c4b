/**
 * Short digests of what one instance adds to a volume: place, size, identity and traits of each frame, and its pixels. They are
 * made of what is read and of nothing else, so that a corrected name does not change them, and whatever would change the
 * volume does.
 * @module
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { FrameHeader, ParsedFrame } from './parsing/frame.ts';

/** Every fourth row is hashed: a change of a few millimetres is found, at a quarter of the time (0.1 ms a CT slice). */
const ROW_STEP = 4;
/** Encoded frames up to this size are hashed whole, of larger ones blocks, bytes: those are uncompressed. */
const [WHOLE_BYTES, BLOCK_BYTES, BLOCK_STEP] = [2 ** 18, 2 ** 10, 2 ** 12];
/** 64 bits: a hundred thousand instances have the same one by chance with 3e-10. */
const DIGEST_CHARACTERS = 16;

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\n`);
  return hash.digest('hex').slice(0, DIGEST_CHARACTERS);
}

/** CRC-32 over every fourth row of decoded values. */
function valuesChecksum(values: Int16Array | Float32Array, { columns, rows }: FrameHeader): number {
  const rowBytes = columns * values.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let checksum = 0;
  for (let row = 0; row < rows; row += ROW_STEP)
    checksum = crc32(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), checksum);
  return checksum;
}

function bytesChecksum(bytes: Uint8Array): number {
  if (bytes.length <= WHOLE_BYTES) return crc32(bytes);
  let checksum = 0;
  for (let at = 0; at < bytes.length; at += BLOCK_STEP)
    checksum = crc32(bytes.subarray(at, at + BLOCK_BYTES), checksum);
  return checksum;
}

/** Digest of frames as they were sent, before they are decoded; 16 hexadecimal digits. */
export function encodedDigest(frames: readonly ParsedFrame[]): string {
  return digestOf(
    frames.map(({ header, encoded: { bytes, ...form } }) =>
      JSON.stringify([header, form, bytes.length, bytesChecksum(bytes)]),
    ),
  );
}

/** Digest of the decoded frames of one instance, collected in the order in which they are decoded. */
export class ContentDigest {
  readonly #frames: (readonly [frameNumber: number, text: string])[] = [];

  add(header: FrameHeader, values: Int16Array | Float32Array): void {
    // The kind of array is part of it: values that became fractions are other values.
    const text = JSON.stringify([header, values.constructor.name, valuesChecksum(values, header)]);
    this.#frames.push([header.source.frameNumber ?? 0, text]);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return digestOf([...this.#frames].sort(([a], [b]) => a - b).map(([, text]) => text));
  }
}
