import fc from 'fast-check';
import { jpeg2000Stream, jpegStream, lacksEndMarker } from './endOfStream.ts';
import { formatOf } from './testing/formatOf.ts';

const CUT = 'the code stream is cut off (no end marker)';
const END = [0xff, 0xd9];

const word = (value: number): number[] => [value >>> 8, value & 255];
const long = (value: number): number[] => [...word(Math.floor(value / 65_536)), ...word(value % 65_536)];

/** A JPEG stream up to its scan, with a segment of the given content before it. */
function jpegHeader(content: readonly number[] = []): number[] {
  return [0xff, 0xd8, 0xff, 0xe1, ...word(2 + content.length), ...content, 0xff, 0xda, ...word(3), 0];
}

/** A tile part (ITU-T T.800 A.4.2): one of one unless said otherwise. */
function tilePart(
  tile: number,
  body: readonly number[],
  { length = 14 + body.length, part = 0, parts = 1 } = {},
): number[] {
  return [0xff, 0x90, ...word(10), ...word(tile), ...long(length), part, parts, 0xff, 0x93, ...body];
}

/** A JPEG 2000 stream of 20 x 10 pixels in tiles of the given width, without an end marker. */
function jpeg2000(tileWidth: number, ...parts: readonly (readonly number[])[]): number[] {
  const siz = [0xff, 0x51, ...word(41), ...word(0), ...[20, 10, 0, 0, tileWidth, 10, 0, 0].flatMap(long)];
  return [0xff, 0x4f, ...siz, ...word(1), 11, 1, 1, ...parts.flat()];
}

/** Entropy-coded data: no marker inside. */
const body = fc.array(fc.integer({ min: 0, max: 0x8f }), { minLength: 2, maxLength: 20 });
const anything = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 9 });

describe.each([
  ['JPEG', jpegStream, (data: readonly number[]) => [...jpegHeader(), ...data]],
  ['JPEG 2000', jpeg2000Stream, (data: readonly number[]) => jpeg2000(20, tilePart(0, data))],
])('a %s stream', (_, streamOf, of) => {
  it('ends with its end marker, whatever bytes are behind it', () => {
    fc.assert(
      fc.property(body, fc.array(fc.constantFrom(0, 0x20, 0xff), { maxLength: 9 }), (data, behind) => {
        const whole = [...of(data), ...END];
        expect([...streamOf(Uint8Array.from([...whole, ...behind]))]).toEqual(whole);
      }),
    );
  });

  it('is refused where it is cut anywhere', () => {
    fc.assert(
      fc.property(body, fc.nat(), (data, at) => {
        const whole = of(data);
        expect(() => streamOf(Uint8Array.from(whole.slice(0, at % whole.length)))).toThrow(CUT);
      }),
    );
  });
});

it('the end marker of an icon in a segment is not that of the image', () => {
  expect(() => jpegStream(Uint8Array.from([...jpegHeader([0xff, 0xd8, 1, 2, ...END]), 1, 2]))).toThrow(CUT);
});

describe('a JPEG 2000 stream without end marker', () => {
  const frameOf = (bytes: readonly number[]): Parameters<typeof lacksEndMarker>[0] => ({
    transferSyntaxUid: '1.2.840.10008.1.2.4.90',
    bytes: Uint8Array.from(bytes),
    bigEndianWords: false,
    format: formatOf(),
  });

  it('is given one where all its tiles are there', () => {
    fc.assert(
      fc.property(body, body, anything, (first, second, behind) => {
        const tiles = [
          tilePart(0, first, { parts: 2 }),
          tilePart(1, second),
          tilePart(0, first, { part: 1, parts: 2 }),
        ];
        const whole = jpeg2000(10, ...tiles);
        fc.pre(!behind.includes(0xff));
        expect([...jpeg2000Stream(Uint8Array.from([...whole, ...behind]))]).toEqual([...whole, ...END]);
        expect(lacksEndMarker(frameOf([...whole, ...behind]))).toBe(true);
        expect(lacksEndMarker(frameOf([...whole, ...END]))).toBe(false);
      }),
    );
  });

  it.each([
    ['a tile is missing', jpeg2000(10, tilePart(0, [1, 2]))],
    ['a part of a tile is missing', jpeg2000(20, tilePart(0, [1, 2], { parts: 2 }))],
    ['the number of parts is not known', jpeg2000(20, tilePart(0, [1, 2], { parts: 0 }))],
    ['the last part goes on to the end marker', jpeg2000(20, tilePart(0, [1, 2], { length: 0 }))],
    ['the last part is cut', jpeg2000(20, tilePart(0, [1, 2], { length: 17 }))],
  ])('is refused where %s', (_, bytes) => {
    expect(() => jpeg2000Stream(Uint8Array.from(bytes))).toThrow(CUT);
    expect(lacksEndMarker(frameOf(bytes))).toBe(false);
  });
});
