/**
 * Where a code stream ends. Writers put a byte of any value behind it to make a fragment even, or fill a fragment of fixed size; the
 * libraries on the other hand fill the rest of a cut stream with grey and say nothing.
 * @module
 */
import { codecOf } from './transferSyntaxes.ts';
import type { EncodedFrame } from './types.ts';

const CUT = 'the code stream is cut off (no end marker)';
/** EOI of JPEG and JPEG-LS, EOC of JPEG 2000. */
const END_MARKER = Buffer.from([0xff, 0xd9]);
/** Start of scan (ITU-T T.81 B.2.3). */
const SOS = 0xda;
/** Start of a tile part (ITU-T T.800 A.4.2), with the length of its segment. */
const SOT = Buffer.from([0xff, 0x90, 0x00, 0x0a]);
const SIZ_BYTES = 44;

/**
 * A JPEG or JPEG-LS stream up to its end marker. Entropy-coded data cannot hold one (ITU-T T.81 F.1.2.3, T.87 A.1), an icon in a
 * segment before them can.
 * @throws Error where there is none
 */
export function jpegStream(bytes: Uint8Array): Uint8Array {
  const end = bufferOf(bytes).indexOf(END_MARKER, scanOf(bytes));
  if (end < 0) throw new Error(CUT);
  return bytes.subarray(0, end + END_MARKER.length);
}

/** Where the first scan begins, behind all segments with a length; the end where there is none. */
function scanOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2))
    if (bytes[at + 1] === SOS) return at + 4;
  return bytes.length;
}

/**
 * A JPEG 2000 stream up to its end marker, with one where only that is missing.
 * @param bytes a bare code stream; a JP2 file stays as it is where it holds an end marker
 * @throws Error where it is cut
 */
export function jpeg2000Stream(bytes: Uint8Array): Uint8Array {
  const buffer = bufferOf(bytes);
  const firstTile = buffer.indexOf(SOT);
  const end = firstTile < 0 ? -1 : buffer.lastIndexOf(END_MARKER);
  if (end > firstTile) return isBare(buffer) ? bytes.subarray(0, end + END_MARKER.length) : bytes;
  const last = isBare(buffer) ? endOfTiles(buffer, firstTile) : undefined;
  if (last === undefined) throw new Error(CUT);
  return Buffer.concat([buffer.subarray(0, last), END_MARKER]);
}

/** Whether a frame is a JPEG 2000 stream without end marker, with all its tiles: other readers do not mind. */
export function lacksEndMarker({ transferSyntaxUid, bytes }: EncodedFrame): boolean {
  const codec = codecOf(transferSyntaxUid);
  if (codec !== 'jpeg2000' && codec !== 'htj2k') return false;
  const buffer = bufferOf(bytes);
  const firstTile = buffer.indexOf(SOT);
  return (
    firstTile >= 0 &&
    buffer.lastIndexOf(END_MARKER) < firstTile &&
    endOfTiles(buffer, firstTile) !== undefined
  );
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function isBare(stream: Buffer): boolean {
  return stream.length > SIZ_BYTES && stream.readUInt32BE(0) === 0xff4fff51;
}

/**
 * Where the last tile part ends, by the lengths that tile parts name; undefined where a tile or a part of one is missing, or the
 * last part names none because it goes on to the end marker.
 */
function endOfTiles(stream: Buffer, firstTile: number): number | undefined {
  const missing = new Set(Array.from({ length: tilesOf(stream) }, (_, tile) => tile));
  let at = firstTile;
  while (at + 12 <= stream.length && stream.indexOf(SOT, at) === at) {
    const length = stream.readUInt32BE(at + 6);
    const [part = 0, parts] = stream.subarray(at + 10, at + 12);
    if (part + 1 === parts) missing.delete(stream.readUInt16BE(at + 4));
    if (length < 14 || at + length > stream.length) return undefined;
    at += length;
  }
  return missing.size === 0 ? at : undefined;
}

/** Tiles of the image; at most as many as the standard allows. */
function tilesOf(stream: Buffer): number {
  const [right = 0, bottom = 0, width = 1, height = 1, left = 0, top = 0] = [8, 12, 24, 28, 32, 36].map(
    (at) => stream.readUInt32BE(at),
  );
  return Math.min(65_535, Math.ceil((right - left) / width) * Math.ceil((bottom - top) / height));
}
