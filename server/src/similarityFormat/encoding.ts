/**
 * The bytes of a similarity map, format version 1 (docs/fields.md). Little-endian:
 *
 *     4 bytes   "SPSM"
 *     2 bytes   version
 *     2 bytes   0
 *     4 bytes   length of the header
 *     n bytes   header: JSON, padded with spaces so that the data begin at a multiple of 8
 *     data      a byte per place
 *
 * @module
 */
import type { PointSimilarity } from './types.ts';

/** Media type of the bytes. */
export const SIMILARITY_MEDIA_TYPE = 'application/vnd.samepoint.similarity';
const MAGIC = 'SPSM';
const VERSION = 1;
const [VERSION_AT, LENGTH_AT, HEADER_AT] = [4, 8, 12];
const ALIGNMENT = 8;
const [LARGEST, UNKNOWN] = [254, 255];
/** Places less similar than this quantile of all are written as that: a viewer draws nothing there, and what is all one value needs no space. */
const DRAWN_QUANTILE = 0.5;
/** The range is never empty. */
const LEAST_RANGE = 1e-3;

/** The least value that is distinguished, and the largest one. */
function rangeOf(similarities: Float32Array): { readonly low: number; readonly high: number } {
  const known = similarities.filter((value) => !Number.isNaN(value)).sort();
  const low = known[Math.floor(known.length * DRAWN_QUANTILE)] ?? 0;
  return { low, high: Math.max(low + LEAST_RANGE, known.at(-1) ?? 0) };
}

/** A similarity map as its bytes. */
export function encodeSimilarity({ similarities, voxelToLps: m, ...rest }: PointSimilarity): Uint8Array {
  const { low, high } = rangeOf(similarities);
  const header = {
    ...rest,
    voxelToLps: [
      [m[0], m[1], m[2], m[3]],
      [m[4], m[5], m[6], m[7]],
      [m[8], m[9], m[10], m[11]],
      [0, 0, 0, 1],
    ],
    similarity: { low, high },
  };
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const start = Math.ceil((HEADER_AT + json.length) / ALIGNMENT) * ALIGNMENT;
  const bytes = Buffer.alloc(start + similarities.length, ' ');
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt16LE(VERSION, VERSION_AT);
  bytes.writeUInt16LE(0, VERSION_AT + 2);
  bytes.writeUInt32LE(start - HEADER_AT, LENGTH_AT);
  json.copy(bytes, HEADER_AT);
  const scale = LARGEST / (high - low);
  similarities.forEach((value, place) => {
    const level = Math.round((value - low) * scale);
    bytes[start + place] = Number.isNaN(value) ? UNKNOWN : Math.min(Math.max(level, 0), LARGEST);
  });
  return bytes;
}
