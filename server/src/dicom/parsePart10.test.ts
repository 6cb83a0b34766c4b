import { deflateRawSync } from 'node:zlib';
import { ctSlice, part10, ctAttributes } from '../volume/testing/syntheticSeries.ts';
import { inflateDataSet } from './inflate.ts';
import { parsePart10, readHeader, UnreadableDicom } from './parsePart10.ts';

const DEFLATED = '1.2.840.10008.1.2.1.99';

/** A deflated file of the given data set. */
function deflatedFile(dataSet: Uint8Array): Uint8Array {
  const file = part10(ctAttributes(0), { transferSyntaxUid: DEFLATED });
  return Buffer.concat([file.subarray(0, readHeader(file).dataSetOffset), deflateRawSync(dataSet)]);
}

function dataSetOf(file: Uint8Array): Uint8Array {
  return file.subarray(readHeader(file).dataSetOffset);
}

/** An element of 32-bit length. */
function element(
  group: number,
  number: number,
  vr: string,
  value: Uint8Array,
  length = value.length,
): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16LE(group, 0);
  header.writeUInt16LE(number, 2);
  header.write(vr, 4, 'latin1');
  header.writeUInt32LE(length, 8);
  return Buffer.concat([header, value]);
}

function failure(bytes: Uint8Array): Error {
  try {
    parsePart10(bytes, { inflate: inflateDataSet });
  } catch (error) {
    if (error instanceof UnreadableDicom) return error;
    throw error;
  }
  throw new Error('it was parsed');
}

const meta = ctSlice(0).subarray(0, readHeader(ctSlice(0)).dataSetOffset);

describe('parsePart10', () => {
  it('reads a file, with its header', () => {
    const dataSet = parsePart10(ctSlice(0));
    expect(dataSet.string('x00020010')).toBe('1.2.840.10008.1.2.1');
    expect(dataSet.uint16('x00280010')).toBe(10);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('<html>'.repeat(100))],
    ['a cut file', ctSlice(0).subarray(0, 400)],
    ['a header only', meta],
  ])('says why it cannot read %s', (_, bytes) => {
    expect(failure(bytes).message).not.toMatch(/undefined|\[object|dicomParser/);
  });

  it('ends with a hundred thousand sequences in one another', () => {
    const item = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
    const level = Buffer.concat([element(0x0040, 0xa730, 'SQ', item, 0xffffffff)]);
    expect(failure(Buffer.concat([meta, ...Array.from({ length: 100_000 }, () => level)])).message).toMatch(
      /nested too deeply/,
    );
  });

  it('ends with millions of elements', () => {
    const flood = Buffer.alloc(8 * 1_500_000, '\x09\x00\x01\x10LO\x00\x00', 'latin1');
    expect(failure(Buffer.concat([meta, flood])).message).toBe('it has too many elements');
  });

  it('ends with a header that does not', () => {
    const flood = Buffer.alloc(2 ** 21, '\x02\x00\x12\x00UI\x00\x00', 'latin1');
    expect(failure(Buffer.concat([meta, flood])).message).toMatch(/its file header|past end of buffer/);
  });
});

describe('a deflated data set', () => {
  it('is read', () => {
    const plain = ctSlice(0);
    const dataSet = parsePart10(deflatedFile(dataSetOf(plain)), { inflate: inflateDataSet });
    expect(dataSet.string('x00020010')).toBe(DEFLATED);
    expect(dataSet.uint16('x00280011')).toBe(12);
    const pixels = dataSet.elements['x7fe00010'];
    expect([pixels?.length, dataSet.byteArray.length]).toEqual([240, dataSetOf(plain).length]);
  });

  it('is refused without inflation', () => {
    expect(() => parsePart10(deflatedFile(dataSetOf(ctSlice(0))))).toThrow('its data set is deflated');
  });

  const small = dataSetOf(part10(ctAttributes(0)));
  const zeros = new Uint8Array(80 * 2 ** 20);
  it.each([
    [
      'more pixels than its header has',
      () => Buffer.concat([small, element(0x7fe0, 0x0010, 'OW', zeros)]),
      /larger than the \d+ bytes that its header and pixels need/,
    ],
    [
      'zeros behind its pixels',
      () => Buffer.concat([dataSetOf(ctSlice(0)), element(0xfffc, 0xfffc, 'OB', zeros)]),
      /larger than the \d+ bytes that its header and pixels need/,
    ],
    [
      'a private element before its pixels',
      () => Buffer.concat([element(0x0009, 0x1001, 'OB', zeros), dataSetOf(ctSlice(0))]),
      /no pixels in its first 8 MiB/,
    ],
    [
      'no pixels',
      () => Buffer.concat([small, element(0x0029, 0x1001, 'OB', zeros)]),
      /no pixels in its first/,
    ],
    [
      'pixels that are many by its header, too',
      () =>
        Buffer.concat([
          dataSetOf(part10(ctAttributes(0, { Rows: 60_000, Columns: 60_000 }))),
          element(0x7fe0, 0x0010, 'OW', zeros),
        ]),
      /its pixels need 6867 MiB/,
    ],
    [
      'an element that is endless',
      () => element(0x0009, 0x1001, 'OB', zeros, 0xffffffff),
      /no pixels in its/,
    ],
  ])('that becomes 80 MB is refused: %s', (_, dataSet, reason) => {
    const file = deflatedFile(dataSet());
    expect(file.length).toBeLessThan(1_000_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(failure(file).message).toMatch(reason);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60e6);
  });

  it('that is damaged is refused', () => {
    const file = deflatedFile(dataSetOf(ctSlice(0)));
    expect(failure(file.subarray(0, file.length - 20)).message).toMatch(/cannot be inflated/);
  });
});
