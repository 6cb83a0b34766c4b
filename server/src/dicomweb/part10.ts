/** Identity of an instance as its file header gives it (PS3.10 7.1). */
export interface FileMetaIdentity {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

/** PS3.10 7.1: 128 bytes of preamble, then the prefix. */
const PREFIX_OFFSET = 128;
const META_OFFSET = 132;
/** These VRs have two reserved bytes and a 32-bit length (PS3.5 7.1.2); the file header is always Explicit VR Little Endian. */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/**
 * Reads the identity from the File Meta Information of a Part 10 file, without parsing the data set: it costs
 * microseconds, so that a stream can be checked while it flows.
 * @returns undefined when the bytes are not a Part 10 file with this header.
 */
export function readFileMeta(part10: Uint8Array): FileMetaIdentity | undefined {
  const bytes = Buffer.from(part10.buffer, part10.byteOffset, part10.byteLength);
  if (bytes.toString('latin1', PREFIX_OFFSET, META_OFFSET) !== 'DICM') return undefined;
  const found = new Map<number, string>();
  let at = META_OFFSET;
  while (at + 8 <= bytes.byteLength && bytes.readUInt16LE(at) === 0x0002) {
    const element = bytes.readUInt16LE(at + 2);
    const isLong = LONG_VRS.has(bytes.toString('latin1', at + 4, at + 6));
    if (isLong && at + 12 > bytes.byteLength) return undefined;
    const length = isLong ? bytes.readUInt32LE(at + 8) : bytes.readUInt16LE(at + 6);
    const start = at + (isLong ? 12 : 8);
    if (start + length > bytes.byteLength) return undefined;
    // UIDs are padded with NUL to even length (PS3.5 9.1); some writers pad with a space.
    found.set(element, bytes.toString('latin1', start, start + length).replace(/[\0 ]+$/, ''));
    at = start + length;
  }
  const sopClassUid = found.get(0x0002);
  const sopInstanceUid = found.get(0x0003);
  const transferSyntaxUid = found.get(0x0010);
  if (sopClassUid === undefined || sopInstanceUid === undefined || transferSyntaxUid === undefined)
    return undefined;
  return { sopClassUid, sopInstanceUid, transferSyntaxUid };
}
