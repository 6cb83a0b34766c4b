/**
 * The SOP Instance UID of the data set of a file. A PACS that changes UIDs (coercion) may keep the old one in the file header; the
 * data set is what its search lists.
 * @module
 */
import { withoutPadding } from './text.ts';

const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';
const DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';
/** These VRs have two reserved bytes and a 32-bit length (PS3.5 7.1.2). */
const LONG_VRS: ReadonlySet<string> = new Set([
  'OB',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SQ',
  'UC',
  'UN',
  'UR',
  'UT',
]);

const SOP_INSTANCE_UID = 0x00080018;
/** PS3.5 9.1: a UID has at most 64 characters; some writers pad more than they must. */
const MAX_UID_BYTES = 80;
/** Elements before it: eight of the standard. */
const MAX_ELEMENTS = 40;

/** An element of a data set: its tag, and where its value lies. */
interface Place {
  readonly tag: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Reads the few elements before it, in microseconds.
 * @returns undefined where it cannot be read so: a deflated data set, a sequence of undefined length before it, none
 */
export function sopInstanceUidOfDataSet(
  part10: Uint8Array,
  offset: number,
  transferSyntaxUid: string,
): string | undefined {
  if (transferSyntaxUid === DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN) return undefined;
  const bytes = Buffer.from(part10.buffer, part10.byteOffset, part10.byteLength);
  let at = offset;
  for (let elements = 0; elements < MAX_ELEMENTS; elements += 1) {
    const place = placeAt(bytes, at, transferSyntaxUid);
    if (place === undefined || place.tag > SOP_INSTANCE_UID) return undefined;
    const { tag, start, length } = place;
    if (tag === SOP_INSTANCE_UID)
      return length > MAX_UID_BYTES
        ? undefined
        : withoutPadding(bytes.toString('latin1', start, start + length)).trimStart();
    at = start + length;
  }
  return undefined;
}

function placeAt(bytes: Buffer, at: number, transferSyntaxUid: string): Place | undefined {
  if (at + 12 > bytes.byteLength) return undefined;
  const isBigEndian = transferSyntaxUid === EXPLICIT_VR_BIG_ENDIAN;
  const uint16 = (offset: number): number =>
    isBigEndian ? bytes.readUInt16BE(offset) : bytes.readUInt16LE(offset);
  const uint32 = (offset: number): number =>
    isBigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset);
  const tag = uint16(at) * 2 ** 16 + uint16(at + 2);
  const place = (header: number, length: number): Place | undefined =>
    at + header + length > bytes.byteLength ? undefined : { tag, start: at + header, length };
  if (transferSyntaxUid === IMPLICIT_VR_LITTLE_ENDIAN) return place(8, uint32(at + 4));
  return LONG_VRS.has(bytes.toString('latin1', at + 4, at + 6))
    ? place(12, uint32(at + 8))
    : place(8, uint16(at + 6));
}
