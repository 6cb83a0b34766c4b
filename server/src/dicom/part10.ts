import { withoutPadding } from './text.ts';

/** Identity of an instance as its file header gives it (PS3.10 7.1). */
export interface FileMetaIdentity {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** Where the data set begins. */
  readonly dataSetOffset: number;
}

/** PS3.10 7.1: 128 bytes of preamble, then the prefix. */
const PREFIX_OFFSET = 128;
const META_OFFSET = 132;
/** These VRs have two reserved bytes and a 32-bit length (PS3.5 7.1.2); the file header is always Explicit VR Little Endian. */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** Elements of a header that are passed; those of the standard are 20, private ones few. */
const MAX_ELEMENTS = 200;
/** PS3.5 9.1: a UID has at most 64 characters; some writers pad more than they must. */
const MAX_UID_BYTES = 80;

const SOP_CLASS_UID = 0x0002;
const SOP_INSTANCE_UID = 0x0003;
const TRANSFER_SYNTAX_UID = 0x0010;
const IDENTITY = new Set([SOP_CLASS_UID, SOP_INSTANCE_UID, TRANSFER_SYNTAX_UID]);

/**
 * Reads the identity from the File Meta Information of a Part 10 file, without parsing the data set: it costs
 * microseconds whatever the bytes are, so that a stream can be checked while it flows.
 * @returns undefined when the bytes are not a Part 10 file with this header.
 */
export function readFileMeta(part10: Uint8Array): FileMetaIdentity | undefined {
  const bytes = Buffer.from(part10.buffer, part10.byteOffset, part10.byteLength);
  if (bytes.toString('latin1', PREFIX_OFFSET, META_OFFSET) !== 'DICM') return undefined;
  const found = new Map<number, string>();
  let at = META_OFFSET;
  for (let elements = 0; at + 8 <= bytes.byteLength && bytes.readUInt16LE(at) === 0x0002; elements += 1) {
    const element = bytes.readUInt16LE(at + 2);
    const value = valueAt(bytes, at);
    if (value === undefined || elements >= MAX_ELEMENTS) return undefined;
    if (IDENTITY.has(element)) {
      if (value.end - value.start > MAX_UID_BYTES) return undefined;
      found.set(element, withoutPadding(bytes.toString('latin1', value.start, value.end)));
    }
    at = value.end;
  }
  const sopClassUid = found.get(SOP_CLASS_UID);
  const sopInstanceUid = found.get(SOP_INSTANCE_UID);
  const transferSyntaxUid = found.get(TRANSFER_SYNTAX_UID);
  if (sopClassUid === undefined || sopInstanceUid === undefined || transferSyntaxUid === undefined)
    return undefined;
  return { sopClassUid, sopInstanceUid, transferSyntaxUid, dataSetOffset: at };
}

/** Where the value of the element at `at` lies; undefined where it ends behind the file. */
function valueAt(bytes: Buffer, at: number): { readonly start: number; readonly end: number } | undefined {
  const isLong = LONG_VRS.has(bytes.toString('latin1', at + 4, at + 6));
  if (isLong && at + 12 > bytes.byteLength) return undefined;
  const length = isLong ? bytes.readUInt32LE(at + 8) : bytes.readUInt16LE(at + 6);
  const start = at + (isLong ? 12 : 8);
  return start + length > bytes.byteLength ? undefined : { start, end: start + length };
}
