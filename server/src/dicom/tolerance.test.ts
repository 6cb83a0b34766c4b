/** Files as media, old writers and network dumps hold them: what is read beside Part 10 as PS3.10 wants it. */
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { ctAttributes, ctSlice, part10 } from '../volume/testing/syntheticSeries.ts';
import { fileKind } from './fileKind.ts';
import { inflateDataSet } from './inflate.ts';
import { parsePart10, readHeader } from './parsePart10.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const ROWS = 'x00280010';
const PIXELS = 'x7fe00010';

/** An element of explicit VR with a 32-bit length. */
function longElement(group: number, number: number, vr: string, value: Uint8Array): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16LE(group, 0);
  header.writeUInt16LE(number, 2);
  header.write(vr, 4, 'latin1');
  header.writeUInt32LE(value.length, 8);
  return Buffer.concat([header, value]);
}

/** Puts bytes before the element of a tag. */
function before(file: Uint8Array, group: number, element: number, inserted: Uint8Array): Buffer {
  const at = Buffer.from(file).indexOf(
    Buffer.from(Uint16Array.of(group, element).buffer),
    readHeader(file).dataSetOffset,
  );
  return Buffer.concat([file.subarray(0, at), inserted, file.subarray(at)]);
}

function dataSetOf(file: Uint8Array): Uint8Array {
  return file.subarray(readHeader(file).dataSetOffset);
}

/** The bytes of the pixels. */
function pixelsOf(file: Uint8Array): number[] {
  const { elements, byteArray } = parsePart10(file, { inflate: inflateDataSet });
  const { dataOffset = 0, length = 0 } = elements[PIXELS] ?? {};
  return [...byteArray.subarray(dataOffset, dataOffset + length)];
}

const plain = ctSlice(0);

describe('values with a length of 32 bits', () => {
  it.each(['OV', 'SV', 'UV', 'ZZ'])('of %s do not hide what is behind them, wherever they are', (vr) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (value) => {
        const even = value.subarray(0, value.length & ~1);
        const nested = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
        const item = Buffer.concat([
          nested,
          longElement(0x0040, 0xa300, vr, even),
          Buffer.from([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0]),
        ]);
        const first = before(plain, 0x0028, 0x0010, longElement(0x0028, 0x0009, vr, even));
        const file = before(first, 0x7fe0, 0x0010, longElement(0x0040, 0xa730, 'SQ', item));
        expect(parsePart10(file).uint16(ROWS)).toBe(10);
        expect(pixelsOf(file)).toEqual(pixelsOf(plain));
      }),
    );
  });
});

describe('bytes behind the data set', () => {
  const implicit = part10(ctAttributes(0), {
    transferSyntaxUid: IMPLICIT,
    pixels: new Uint16Array(120).fill(7),
  });

  it.each([
    ['explicit', plain],
    ['implicit', implicit],
  ])('are no part of it: any bytes behind the pixels of an %s one', (_, file) => {
    const noise = fc.uint8Array({ minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(noise, fc.constant(file)), (behind) => {
        const padded = Buffer.concat([file, behind]);
        expect(pixelsOf(padded)).toEqual(pixelsOf(file));
        expect(parsePart10(padded).string('x00080018')).toBe('2.25.10000');
      }),
    );
  });

  it('are no part of it where they begin like an element, and end within the next', () => {
    const padding = Buffer.from([0xfc, 0xff, 0xfc, 0xff, ...Buffer.from('OB'), 0, 0, 2, 0, 0, 0, 1, 1]);
    for (const rest of [[1], [0x08, 0x00, 0x18, 0x00, ...Buffer.from('UI'), 4, 0, 0x39, 0x2e, 0x39, 0]]) {
      const dataSet = parsePart10(Buffer.concat([plain, padding, Buffer.from(rest)]));
      expect(dataSet.string('x00080018')).toBe('2.25.10000');
    }
  });

  it('do not replace its elements where they are another file', () => {
    const both = Buffer.concat([plain, ctSlice(5)]);
    expect(parsePart10(both).string('x00080018')).toBe('2.25.10000');
  });

  it.each([0, 0xff])('are filler without pixels, too: %d to the end', (byte) => {
    const report = part10(ctAttributes(0));
    expect(parsePart10(Buffer.concat([report, Buffer.alloc(37, byte)])).uint16(ROWS)).toBe(10);
    expect(() => parsePart10(Buffer.concat([report, Buffer.alloc(37, 5)]))).toThrow();
  });
});

describe('a file without preamble', () => {
  /** dcmjs writes little endian only: one element after another, turned round. */
  const bigEndian = Buffer.concat([
    plain.subarray(0, readHeader(plain).dataSetOffset),
    Buffer.from([0x00, 0x08, 0x00, 0x16, ...Buffer.from('UI'), 0x00, 0x04, ...Buffer.from('1.2\0')]),
    Buffer.from([0x00, 0x28, 0x00, 0x10, ...Buffer.from('US'), 0x00, 0x02, 0x00, 0x0a]),
    Buffer.from([0x7f, 0xe0, 0x00, 0x10, ...Buffer.from('OW'), 0, 0, 0, 0, 0, 240]),
    Buffer.alloc(240),
  ]);
  const implicit = part10(ctAttributes(0), {
    transferSyntaxUid: IMPLICIT,
    pixels: new Uint16Array(120).fill(7),
  });

  it.each([
    ['that begins with its header', plain.subarray(132)],
    ['that begins with its prefix', plain.subarray(128)],
    ['and header, of explicit VR', dataSetOf(plain)],
    ['and header, of implicit VR', dataSetOf(implicit)],
    ['and header, of big endian', dataSetOf(bigEndian)],
  ])('is read: one %s', (_, file) => {
    const dataSet = parsePart10(file);
    expect([dataSet.uint16(ROWS), dataSet.elements[PIXELS]?.length]).toEqual([10, 240]);
    expect(fileKind(file)).toBe('instance');
  });

  it.each(['<html>'.repeat(50), '\x08\x00\x05\x00ab', `\x08\x00\x99\x00CS${'x'.repeat(200)}`, ''])(
    'is not any file: %j',
    (text) => {
      expect(fileKind(Buffer.from(text, 'latin1'))).toBe('foreign');
      expect(() => parsePart10(Buffer.from(text, 'latin1'))).toThrow();
    },
  );
});

describe('the kind of a file', () => {
  const directory = {
    SOPClassUID: undefined,
    SOPInstanceUID: undefined,
    FileSetID: 'CD',
    DirectoryRecordSequence: [],
  };

  it.each([
    ['instance', plain],
    ['instance', ctSlice(0, {}, { transferSyntaxUid: DEFLATED })],
    // Somebody should hear of it.
    ['instance', plain.subarray(0, 350)],
    ['no-instance', ctSlice(0, { SOPClassUID: undefined })],
    ['directory', part10({ ...directory, SOPClassUID: '1.2.840.10008.1.3.10' })],
  ])('is %s', (kind, file) => {
    expect(fileKind(file)).toBe(kind);
  });

  it('is that of a directory of a medium also where only its records say so', () => {
    const records = Buffer.from([0x04, 0x00, 0x20, 0x12, ...Buffer.from('SQ'), 0, 0, 0, 0, 0, 0]);
    const header = plain.subarray(0, readHeader(plain).dataSetOffset);
    expect(fileKind(Buffer.concat([header, records]))).toBe('directory');
  });
});

it('a data set that was deflated with a zlib header is inflated, with bytes behind it or not', () => {
  const deflated = part10(ctAttributes(0), { transferSyntaxUid: DEFLATED });
  const header = deflated.subarray(0, readHeader(deflated).dataSetOffset);
  for (const level of [1, 6, 9]) {
    const file = Buffer.concat([header, deflateSync(dataSetOf(plain), { level })]);
    expect(pixelsOf(file)).toEqual(pixelsOf(plain));
    expect(pixelsOf(Buffer.concat([file, Buffer.alloc(3)]))).toEqual(pixelsOf(plain));
  }
});
