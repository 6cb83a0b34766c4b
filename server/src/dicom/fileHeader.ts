/**
 * What a file is by its first bytes: a Part 10 file, the same without preamble or File Meta Information, as old media and
 * dumps of a network association hold them, or something else.
 * @module
 */

import { joined } from './joined.ts';

/** PS3.10 7.1: 128 bytes of preamble, then the prefix. */
const PREAMBLE_BYTES = 128;
const PREFIX = 'DICM';
const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';
const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';

/** Elements of group 0008 that begin an image or report: up to SOP Instance UID. */
const LAST_FIRST_ELEMENT = 0x0018;
/** The first value of a data set is a group length, a character set, an image type or a UID, bytes. */
const MAX_FIRST_VALUE = 256;
const VR = /^[A-Z]{2}$/;

/** Whether bytes begin as a Part 10 file does, or as one without preamble or without File Meta Information. */
export function isDicomFile(bytes: Uint8Array): boolean {
  return isPart10(bytes) || headerFor(bytes) !== undefined;
}

/** The file as PS3.10 wants it: preamble and File Meta Information are put before one that lacks them, which copies it. */
export function asPart10(bytes: Uint8Array): Uint8Array {
  const header = isPart10(bytes) ? undefined : headerFor(bytes);
  return header === undefined ? bytes : joined([header, bytes]);
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** Whether the prefix is where PS3.10 wants it. */
export function isPart10(bytes: Uint8Array): boolean {
  return textAt(bytes, PREAMBLE_BYTES, PREFIX.length) === PREFIX;
}

/** What a file lacks at its beginning; undefined where it is no DICOM file. */
function headerFor(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < PREAMBLE_BYTES) return undefined;
  if (textAt(bytes, 0, PREFIX.length) === PREFIX) return new Uint8Array(PREAMBLE_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isExplicit = VR.test(textAt(bytes, 4, 2));
  const isLittleEndian = view.getUint16(0) !== 0x0008;
  const [group, element] = [view.getUint16(0, isLittleEndian), view.getUint16(2, isLittleEndian)];
  if (group === 0x0002 && isExplicit) return preambleAnd();
  if (group !== 0x0008 || element > LAST_FIRST_ELEMENT) return undefined;
  if (isExplicit) return preambleAnd(isLittleEndian ? EXPLICIT_VR_LITTLE_ENDIAN : EXPLICIT_VR_BIG_ENDIAN);
  return isLittleEndian && view.getUint32(4, true) <= MAX_FIRST_VALUE
    ? preambleAnd(IMPLICIT_VR_LITTLE_ENDIAN)
    : undefined;
}

/** Preamble and prefix, and the Transfer Syntax UID where the file does not name it. */
function preambleAnd(transferSyntaxUid?: string): Uint8Array {
  const start = Buffer.concat([new Uint8Array(PREAMBLE_BYTES), Buffer.from(PREFIX)]);
  if (transferSyntaxUid === undefined) return start;
  const value = Buffer.from(transferSyntaxUid.padEnd(2 * Math.ceil(transferSyntaxUid.length / 2), '\0'));
  const tag = Buffer.from([0x02, 0x00, 0x10, 0x00, ...Buffer.from('UI'), value.length, 0]);
  return Buffer.concat([start, tag, value]);
}
