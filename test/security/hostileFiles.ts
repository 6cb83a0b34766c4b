/**
 * Malicious Part 10 files: small to send, costly to read. Made here by a few lines each, so that other
 * variants are a number away.
 * @module
 */
import { deflateRawSync } from 'node:zlib';

export const EXPLICIT = '1.2.840.10008.1.2.1';
export const IMPLICIT = '1.2.840.10008.1.2';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const ENHANCED_SR = '1.2.840.10008.5.1.4.1.1.88.22';
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OW', 'SQ', 'UC', 'UN', 'UR', 'UT']);
const UNDEFINED = 0xffffffff;

/** One element in Explicit VR Little Endian. */
export function element(tag: number, vr: string, value: Uint8Array | string, length?: number): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([vr === 'UI' ? 0 : 32])]);
  const header = Buffer.alloc(LONG_VRS.has(vr) ? 12 : 8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(vr, 4, 'latin1');
  if (LONG_VRS.has(vr)) header.writeUInt32LE(length ?? padded.length, 8);
  else header.writeUInt16LE(length ?? padded.length, 6);
  return Buffer.concat([header, padded]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** The file header; `more` elements stand at its end. */
interface HeaderOptions {
  readonly sop?: string;
  readonly sopClass?: string;
  readonly syntax?: string;
  readonly more?: Uint8Array;
}

/** A file around a data set. */
export function fileOf(
  dataSet: Uint8Array,
  { sop = '1.2.3.4', sopClass = CT_IMAGE, syntax = EXPLICIT, more = new Uint8Array() }: HeaderOptions = {},
): Buffer {
  const elements = Buffer.concat([
    element(0x00020002, 'UI', sopClass),
    element(0x00020003, 'UI', sop),
    element(0x00020010, 'UI', syntax),
    more,
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x00020000, 'UL', length),
    elements,
    dataSet,
  ]);
}

/** Elements of a CT slice by tag, in order; a test puts its own in their places. */
export function slice(
  changes: ReadonlyMap<number, Buffer> | readonly (readonly [number, Buffer])[] = [],
  { study = '1.2', series = '1.2.3', sop = '1.2.3.4', z = 0, rows = 16, columns = 16 } = {},
): Buffer {
  const elements = new Map<number, Buffer>([
    [0x00080016, element(0x00080016, 'UI', CT_IMAGE)],
    [0x00080018, element(0x00080018, 'UI', sop)],
    [0x00080060, element(0x00080060, 'CS', 'CT')],
    [0x0020000d, element(0x0020000d, 'UI', study)],
    [0x0020000e, element(0x0020000e, 'UI', series)],
    [0x00200032, element(0x00200032, 'DS', `0\\0\\${z}`)],
    [0x00200037, element(0x00200037, 'DS', '1\\0\\0\\0\\1\\0')],
    [0x00200052, element(0x00200052, 'UI', '1.2.9')],
    [0x00280002, element(0x00280002, 'US', uint16(1))],
    [0x00280004, element(0x00280004, 'CS', 'MONOCHROME2')],
    [0x00280010, element(0x00280010, 'US', uint16(rows))],
    [0x00280011, element(0x00280011, 'US', uint16(columns))],
    [0x00280030, element(0x00280030, 'DS', '1\\1')],
    [0x00280100, element(0x00280100, 'US', uint16(16))],
    [0x00280101, element(0x00280101, 'US', uint16(12))],
    [0x00280102, element(0x00280102, 'US', uint16(11))],
    [0x00280103, element(0x00280103, 'US', uint16(0))],
    [0x00281052, element(0x00281052, 'DS', '-1024')],
    [0x00281053, element(0x00281053, 'DS', '1')],
    [0x7fe00010, element(0x7fe00010, 'OW', Buffer.alloc(2 * Math.min(rows * columns, 4096)))],
    ...changes,
  ]);
  return Buffer.concat([...elements].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
}

/** Compressed pixel data: an empty offset table, and one fragment. */
export function encapsulated(stream: Uint8Array): Buffer {
  const padded = stream.length % 2 === 0 ? stream : Buffer.concat([stream, Buffer.alloc(1)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(padded.length);
  const item = Buffer.from('feff00e0', 'hex');
  const end = Buffer.from('feffdde000000000', 'hex');
  return element(
    0x7fe00010,
    'OB',
    Buffer.concat([item, Buffer.alloc(4), item, length, padded, end]),
    UNDEFINED,
  );
}

/** `depth` sequences in one another. */
export function nested(depth: number): Buffer {
  const level = Buffer.concat([
    element(0x0040a730, 'SQ', '', UNDEFINED),
    Buffer.from('feff00e0ffffffff', 'hex'),
  ]);
  return Buffer.concat(Array.from({ length: depth }, () => level));
}

/** `count` empty private elements of eight bytes. */
export function manyElements(count: number): Buffer {
  return Buffer.alloc(8 * count, element(0x00090010, 'LO', ''));
}

/** Spaces and NULs, which end with another character. */
export function padding(length: number, piece = ' \0'): Buffer {
  return Buffer.concat([Buffer.alloc(length, piece, 'latin1'), Buffer.from('x ')]);
}

/** The header of an SR, then what is given. */
export function report(content: Uint8Array, sop = '1.2.3.4'): Buffer {
  return fileOf(
    Buffer.concat([
      element(0x00080005, 'CS', 'ISO_IR 192'),
      element(0x00080016, 'UI', ENHANCED_SR),
      element(0x00080018, 'UI', sop),
      content,
    ]),
    { sopClass: ENHANCED_SR, sop },
  );
}

/** A deflated file. */
export function deflatedFile(dataSet: Uint8Array): Buffer {
  return fileOf(deflateRawSync(dataSet, { level: 9 }), { syntax: DEFLATED });
}

/** A JPEG 2000 or HTJ2K code stream that is nothing but a header. */
export function jpeg2000Header(width: number, height: number, tile = width): Buffer {
  const siz = Buffer.alloc(2 + 2 + 41 - 2);
  siz.writeUInt16BE(0xff51, 0);
  siz.writeUInt16BE(41, 2);
  [width, height, 0, 0, tile, tile, 0, 0].forEach((value, index) => siz.writeUInt32BE(value, 6 + 4 * index));
  siz.writeUInt16BE(1, 38);
  siz.set([11, 1, 1], 40);
  const cod = Buffer.from('ff52000c00000001000504040001', 'hex');
  const qcd = Buffer.from('ff5c00134048485048485048485048485048485048', 'hex');
  const sot = Buffer.from('ff90000a0000000000000001ff93', 'hex');
  return Buffer.concat([
    Buffer.from('ff4f', 'hex'),
    siz,
    cod,
    qcd,
    sot,
    Buffer.alloc(100),
    Buffer.from('ffd9', 'hex'),
  ]);
}

/** A JPEG or JPEG-LS stream that claims a size: SOI, a start-of-frame segment, a scan of nothing, EOI. */
export function jpegHeader(startOfFrame: number, width: number, height: number): Buffer {
  const sof = Buffer.from([
    0xff,
    startOfFrame,
    0,
    11,
    12,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    1,
    1,
    0x11,
    0,
  ]);
  const sos = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0]);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), sof, sos, Buffer.alloc(200), Buffer.from([0xff, 0xd9])]);
}

/** An RLE frame of two segments, all zeros, for so many pixels. */
export function rleZeros(pixels: number): Buffer {
  const segment = Buffer.alloc(2 * Math.ceil(pixels / 128), Buffer.from([129, 0]));
  const header = Buffer.alloc(64);
  [2, 64, 64 + segment.length].forEach((word, index) => header.writeUInt32LE(word, 4 * index));
  return Buffer.concat([header, segment, segment]);
}
