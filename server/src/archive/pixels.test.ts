import { deflateRawSync } from 'node:zlib';
import type { DcmjsDict } from 'dcmjs';
import { part10 } from '../dicomweb/testing/part10.ts';
import { readFrames } from './pixels.ts';

const JPEG_LS = '1.2.840.10008.1.2.4.80';
const UNDEFINED_LENGTH = 0xffffffff;

function image(rows: number, columns: number, bits: number, frames: number, samples = 1): DcmjsDict {
  return {
    '00280002': { vr: 'US', Value: [samples] },
    '00280008': { vr: 'IS', Value: [frames] },
    '00280010': { vr: 'US', Value: [rows] },
    '00280011': { vr: 'US', Value: [columns] },
    '00280100': { vr: 'US', Value: [bits] },
  };
}

/** Pixel data element in Explicit VR Little Endian (PS3.5 A.2). */
function pixelElement(vr: 'OB' | 'OW', bytes: Uint8Array, length = bytes.byteLength): Buffer {
  const header = Buffer.from([0xe0, 0x7f, 0x10, 0x00, vr.charCodeAt(0), vr.charCodeAt(1), 0, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(length, 8);
  return Buffer.concat([header, bytes]);
}

/** Item of encapsulated pixel data (PS3.5 A.4). */
function item(bytes: Uint8Array): Buffer {
  const header = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.byteLength, 4);
  return Buffer.concat([header, bytes]);
}

function encapsulated(offsets: readonly number[], fragments: readonly Uint8Array[]): Buffer {
  const table = Buffer.alloc(4 * offsets.length);
  offsets.forEach((offset, index) => table.writeUInt32LE(offset, 4 * index));
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  return pixelElement('OB', Buffer.concat([item(table), ...fragments.map(item), end]), UNDEFINED_LENGTH);
}

function framesOf(file: Uint8Array): number[][] {
  const frames = readFrames(file);
  return Array.from({ length: frames.count }, (_, index) => [...frames.frame(index)]);
}

test.each([[[0, 0]], [[6, 0]], [[56, 70]]])(
  'an offset table that cannot be is not followed: %j',
  (offsets) => {
    const fragments = [Uint8Array.of(1, 2), Uint8Array.of(3, 4)];
    const file = part10({
      elements: image(1, 2, 8, 2),
      transferSyntax: JPEG_LS,
      tail: encapsulated(offsets, fragments),
    });
    expect(framesOf(file)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  },
);

describe('native pixel data', () => {
  test('16-bit frames follow each other', () => {
    const tail = pixelElement('OW', Uint8Array.of(1, 0, 2, 0, 3, 0, 4, 0));
    const file = part10({ elements: image(1, 2, 16, 2), tail });
    expect(framesOf(file)).toEqual([
      [1, 0, 2, 0],
      [3, 0, 4, 0],
    ]);
    expect(readFrames(file).transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
  });

  test('colour, and one frame where NumberOfFrames is absent', () => {
    const elements = image(1, 2, 8, 1, 3);
    delete elements['00280008'];
    expect(framesOf(part10({ elements, tail: pixelElement('OB', Uint8Array.of(1, 2, 3, 4, 5, 6)) }))).toEqual(
      [[1, 2, 3, 4, 5, 6]],
    );
  });

  test('single bits are shifted to the byte of their frame', () => {
    // Two frames of 1 x 3: bits 1,0,1 and 1,1,0, least significant first (PS3.5 8.1.1): 0b011101 = 0x1D.
    const tail = pixelElement('OB', Uint8Array.of(0b011101, 0));
    expect(framesOf(part10({ elements: image(1, 3, 1, 2), tail }))).toEqual([[0b101], [0b011]]);
  });

  test('Explicit VR Big Endian comes out little endian', () => {
    // dcmjs writes no big endian data sets: this one is written by hand.
    const us = (group: number, element: number, value: number): number[] => [
      0,
      group,
      0,
      element,
      0x55,
      0x53,
      0,
      2,
      value >> 8,
      value & 255,
    ];
    const meta = part10({ transferSyntax: '1.2.840.10008.1.2.2' });
    const length = 132 + 12 + Buffer.from(meta.buffer).readUInt32LE(140);
    const dataSet = Buffer.from([
      ...us(0x28, 0x10, 1),
      ...us(0x28, 0x11, 2),
      0,
      0x28,
      1,
      0,
      0x55,
      0x53,
      0,
      2,
      0,
      16,
      0x7f,
      0xe0,
      0,
      0x10,
      0x4f,
      0x57,
      0,
      0,
      0,
      0,
      0,
      4,
      0x01,
      0x02,
      0x03,
      0x04,
    ]);
    const file = new Uint8Array(Buffer.concat([meta.subarray(0, length), dataSet]));
    expect(framesOf(file)).toEqual([[2, 1, 4, 3]]);
  });

  test('Deflated Explicit VR Little Endian', () => {
    const plain = part10({
      transferSyntax: '1.2.840.10008.1.2.1.99',
      elements: image(1, 2, 8, 1),
      tail: pixelElement('OB', Uint8Array.of(7, 9)),
    });
    const length = 132 + 12 + Buffer.from(plain.buffer).readUInt32LE(140);
    const file = Buffer.concat([plain.subarray(0, length), deflateRawSync(plain.subarray(length))]);
    expect(framesOf(new Uint8Array(file))).toEqual([[7, 9]]);
  });

  test('less data than the frames need is an error', () => {
    const tail = pixelElement('OW', Uint8Array.of(1, 0, 2, 0));
    expect(() => readFrames(part10({ elements: image(1, 2, 16, 2), tail }))).toThrow('4 bytes of pixel data');
    expect(() => readFrames(part10({ elements: image(0, 2, 16, 1), tail }))).toThrow('Rows');
    expect(() => readFrames(part10())).toThrow('no pixel data');
  });
});

describe('encapsulated pixel data', () => {
  const a = Uint8Array.of(1, 1);
  const b = Uint8Array.of(2, 2, 2, 2);
  const c = Uint8Array.of(3, 3);
  const file = (frames: number, tail: Uint8Array): Uint8Array =>
    part10({ transferSyntax: JPEG_LS, elements: image(1, 2, 8, frames), tail });

  test('one frame of several fragments', () => {
    expect(framesOf(file(1, encapsulated([], [a, b, c])))).toEqual([[1, 1, 2, 2, 2, 2, 3, 3]]);
  });

  test('a basic offset table says which fragments belong together', () => {
    // Fragments begin at 0, 10 and 22: each has 8 bytes of item header.
    expect(framesOf(file(2, encapsulated([0, 22], [a, b, c])))).toEqual([
      [1, 1, 2, 2, 2, 2],
      [3, 3],
    ]);
    expect(readFrames(file(2, encapsulated([0, 22], [a, b, c]))).transferSyntaxUid).toBe(JPEG_LS);
  });

  test('without a table: a fragment per frame, or by the end of each image', () => {
    expect(framesOf(file(3, encapsulated([], [a, b, c])))).toEqual([[...a], [...b], [...c]]);
    const end = Uint8Array.of(5, 0xff, 0xd9, 0);
    expect(framesOf(file(2, encapsulated([], [a, end, b, end])))).toEqual([
      [1, 1, 5, 0xff, 0xd9, 0],
      [2, 2, 2, 2, 5, 0xff, 0xd9, 0],
    ]);
  });

  test('a table that points between fragments is not believed', () => {
    expect(framesOf(file(3, encapsulated([0, 11, 22], [a, b, c])))).toEqual([[...a], [...b], [...c]]);
  });

  test('frames that cannot be separated are an error', () => {
    expect(() => readFrames(file(2, encapsulated([], [a, b, c])))).toThrow('3 fragments for 2 frames');
  });
});
