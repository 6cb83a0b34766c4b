/**
 * RLE Lossless (PS3.5 annex G). Own code: the WebAssembly decoder of dcmjs-codecs accepts cut streams silently.
 * @module
 */
import { cellCount } from './codec.ts';
import type { Codec } from './codec.ts';

/** Sixteen little endian 32-bit words: the number of segments and their offsets (G.5). */
const HEADER_BYTES = 64;

/** Decodes one segment of PackBits (G.3.2) into every `stride`-th byte of the target, beginning at `first`. */
function decodeSegment(segment: Uint8Array, target: Uint8Array, first: number, stride: number): void {
  let from = 0;
  let to = first;
  while (to < target.length) {
    const control = segment[from];
    if (control === undefined) throw new Error('an RLE segment is cut off');
    from += 1;
    if (control < 128) {
      for (let last = from + control; from <= last && to < target.length; from += 1, to += stride) {
        const literal = segment[from];
        if (literal === undefined) throw new Error('an RLE segment is cut off');
        target[to] = literal;
      }
    } else if (control > 128) {
      const repeated = segment[from];
      if (repeated === undefined) throw new Error('an RLE segment is cut off');
      from += 1;
      for (let count = 257 - control; count > 0 && to < target.length; count -= 1, to += stride) {
        target[to] = repeated;
      }
    }
  }
}

/** Decodes an RLE frame of one sample per pixel. */
export const decodeRle: Codec = (bytes, format) => {
  if (bytes.length < HEADER_BYTES) throw new Error('the RLE header is cut off');
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const bytesPerCell = format.bitsAllocated / 8;
  const segments = header.getUint32(0, true);
  if (segments !== bytesPerCell) {
    throw new Error(`${String(segments)} RLE segments instead of ${String(bytesPerCell)}`);
  }
  const decoded = new Uint8Array(cellCount(format) * bytesPerCell);
  for (let segment = 0; segment < segments; segment += 1) {
    const start = header.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < segments ? header.getUint32(8 + 4 * segment, true) : bytes.length;
    if (start < HEADER_BYTES || end > bytes.length || start >= end)
      throw new Error('the RLE offsets are wrong');
    // The first segment holds the most significant bytes (G.2).
    decodeSegment(bytes.subarray(start, end), decoded, bytesPerCell - 1 - segment, bytesPerCell);
  }
  return bytesPerCell === 1 ? decoded : new Uint16Array(decoded.buffer);
};
