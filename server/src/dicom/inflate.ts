/**
 * Deflated data sets (PS3.5 A.5), bounded: 0.4 MB of them may be a gigabyte. The pixels may have the size that the header
 * gives them, and everything else together is small.
 * @module
 */
import type { DataSet } from 'dicom-parser';
import { constants, inflateRawSync, inflateSync } from 'node:zlib';
import { errorFrom } from '../errors/index.ts';
import { DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, readDataSet, reading, UnreadableDicom } from './parsePart10.ts';

/** Deflate expands at most so many times. */
const MAX_EXPANSION = 1032;
/** Compressed bytes that are looked at first. */
const FIRST_BYTES = 1024;
const GROWTH = 4;
/** What stands before the pixels, private elements included, bytes. */
const MAX_HEADER_BYTES = 8 * 2 ** 20;
/** What stands behind the pixels (signatures, padding), bytes. */
const MAX_TRAILER_BYTES = 2 ** 20;
/** Pixels of a deflated instance, bytes: an Enhanced CT of 128 frames of 512 x 512 x 16 bit. Larger ones are not deflated in practice. */
const MAX_PIXEL_BYTES = 64 * 2 ** 20;

const PIXEL_DATA = 'x7fe00010';

/**
 * Inflates the data set of a deflated file.
 * @throws UnreadableDicom where it is damaged or becomes larger than its own header says
 */
export function inflateDataSet(deflated: Uint8Array): Uint8Array {
  for (let length = FIRST_BYTES; ; length *= GROWTH) {
    const isWhole = length >= deflated.length;
    const head = inflateUpTo(deflated.subarray(0, length), MAX_HEADER_BYTES, !isWhole);
    if (head !== undefined && isWhole) return head;
    // Its beginning on its own is larger than any header: then the pixels begin in it, or nothing is right.
    const beginning = head ?? beginningOf(deflated.subarray(0, length));
    const { dataSet } = readDataSet(beginning, 0, {
      transferSyntaxUid: DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
      untilTag: PIXEL_DATA,
    });
    const pixelData = dataSet.elements[PIXEL_DATA];
    if (pixelData !== undefined) return inflateAll(deflated, pixelData.dataOffset + pixelBytes(dataSet));
    if (head === undefined)
      throw new UnreadableDicom(`it has no pixels in its first ${mebibytes(MAX_HEADER_BYTES)}`);
  }
}

function inflateAll(deflated: Uint8Array, needed: number): Uint8Array {
  const limit = needed + MAX_TRAILER_BYTES;
  const inflated = inflateUpTo(deflated, limit, false);
  if (inflated !== undefined) return inflated;
  throw new UnreadableDicom(`it becomes larger than the ${needed} bytes that its header and pixels need`);
}

/** The first bytes of what becomes larger than a header. */
function beginningOf(deflated: Uint8Array): Uint8Array {
  // Halves the input until its output fits: each step costs at most what the limit allows.
  for (let length = deflated.length >> 1; length > 0; length >>= 1) {
    const head = inflateUpTo(deflated.subarray(0, length), MAX_HEADER_BYTES, true);
    if (head !== undefined) return head;
  }
  return new Uint8Array();
}

/** All bytes, or undefined where there are more than `limit`. One buffer of that size, which is touched as far as it is used. */
function inflateUpTo(deflated: Uint8Array, limit: number, isCut: boolean): Uint8Array | undefined {
  try {
    return (hasZlibHeader(deflated) ? inflateSync : inflateRawSync)(deflated, {
      maxOutputLength: limit,
      chunkSize: Math.min(limit, deflated.length * MAX_EXPANSION) + 64,
      finishFlush: isCut ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
    });
  } catch (thrown) {
    if (
      typeof thrown === 'object' &&
      thrown !== null &&
      'code' in thrown &&
      thrown.code === 'ERR_BUFFER_TOO_LARGE'
    )
      return undefined;
    throw new UnreadableDicom(`it cannot be inflated: ${errorFrom(thrown).message}`, { cause: thrown });
  }
}

/**
 * Some writers deflate with the two bytes of zlib before (RFC 1950 2.2), which PS3.5 A.5 forbids. A bare stream does not begin so:
 * 8 would be a stored block with padding that is not zero.
 */
function hasZlibHeader([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 0x0f) === 8 && (256 * method + flags) % 31 === 0;
}

/** Bytes of the pixels by Rows, Columns, NumberOfFrames, SamplesPerPixel and BitsAllocated. @throws UnreadableDicom */
function pixelBytes(dataSet: DataSet): number {
  const bytes = reading(() => {
    const [rows = 0, columns = 0, samples = 1, bits = 16] = [
      'x00280010',
      'x00280011',
      'x00280002',
      'x00280100',
    ].map((tag) => dataSet.uint16(tag));
    return (rows * columns * samples * frames(dataSet) * bits) / 8;
  });
  if (bytes <= MAX_PIXEL_BYTES) return bytes;
  throw new UnreadableDicom(
    `its pixels need ${mebibytes(bytes)}; of deflated ones at most ${mebibytes(MAX_PIXEL_BYTES)} are read`,
  );
}

function frames(dataSet: DataSet): number {
  const tag = 'x00280008';
  // An integer string has at most 12 characters (PS3.5 6.2).
  const count = (dataSet.elements[tag]?.length ?? 0) <= 12 ? Number(dataSet.string(tag) ?? '1') : NaN;
  if (Number.isInteger(count) && count > 0) return count;
  throw new UnreadableDicom('its number of frames is not a positive number');
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
