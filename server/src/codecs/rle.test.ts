import fc from 'fast-check';
import type { PixelFormat } from './types.ts';
import { decodeRle } from './rle.ts';

const format: PixelFormat = {
  columns: 5,
  rows: 1,
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  isSigned: false,
  slope: 1,
  intercept: 0,
};

/** An RLE frame of the given segments (PS3.5 G.5). */
function frameOf(...segments: readonly number[][]): Uint8Array {
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, segments.length, true);
  let offset = 64;
  for (const [index, segment] of segments.entries()) {
    header.setUint32(4 + 4 * index, offset, true);
    offset += segment.length;
  }
  return Uint8Array.from([...new Uint8Array(header.buffer), ...segments.flat()]);
}

describe('decodeRle', () => {
  it('reads literals, runs and the no-operation 128', () => {
    // PS3.5 G.3.1: n in 0..127 copies n + 1 bytes, n in 129..255 repeats the next byte 257 - n times.
    expect([...decodeRle(frameOf([1, 7, 8, 128, 254, 9]), format)]).toEqual([7, 8, 9, 9, 9]);
  });

  it('puts the first segment into the high bytes', () => {
    const words = { ...format, columns: 2, bitsAllocated: 16 } as const;
    expect([...decodeRle(frameOf([1, 0x12, 0x34], [1, 0x56, 0x78]), words)]).toEqual([0x1256, 0x3478]);
  });

  it('ignores what a run has beyond the frame', () => {
    expect([...decodeRle(frameOf([250, 3]), format)]).toEqual([3, 3, 3, 3, 3]);
  });

  it.each([
    ['no header', new Uint8Array(20)],
    ['two segments for 8 bits', frameOf([252, 1], [252, 1])],
    ['a cut literal', frameOf([4, 1, 2])],
    ['a cut run', frameOf([252])],
    ['too few runs', frameOf([254, 1])],
    ['no bytes at all', frameOf([])],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeRle(bytes, format)).toThrow(/RLE/);
  });

  it('gives back what was packed, in runs and literals of any length', () => {
    const runs = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 300 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(runs, fc.constantFrom<8 | 16>(8, 16), (pieces, bitsAllocated) => {
        const cells = pieces.flatMap(([value, count], n) =>
          // Every second piece changes from cell to cell: no run fits.
          Array.from(
            { length: count },
            (_, c) => (n % 2 === 0 ? value * 257 : value * 257 + 13 * c) % 65_536,
          ),
        );
        const shape = { ...format, columns: cells.length, bitsAllocated } as const;
        const high = cells.map((cell) => cell >> 8);
        const low = cells.map((cell) => cell & 255);
        const segments = bitsAllocated === 8 ? [packed(low)] : [packed(high), packed(low)];
        expect([...decodeRle(frameOf(...segments), shape)]).toEqual(bitsAllocated === 8 ? low : cells);
      }),
    );
  });

  it('refuses a frame that ends anywhere before its last cell', () => {
    const cells = Array.from({ length: 40 }, (_, n) => (n < 20 ? 7 : (n * 31) % 256));
    const whole = frameOf(packed(cells));
    const shape = { ...format, columns: 40 };
    expect([...decodeRle(whole, shape)]).toEqual(cells);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeRle(whole.subarray(0, length), shape)).toThrow(/RLE/);
  });

  it('refuses segments that begin in the header, beyond the end, or backwards', () => {
    for (const offset of [0, 63, 1_000, 0xffffffff]) {
      const bytes = frameOf([252, 1]);
      new DataView(bytes.buffer).setUint32(4, offset, true);
      expect(() => decodeRle(bytes, format)).toThrow('the RLE offsets are wrong');
    }
    const words = { ...format, columns: 2, bitsAllocated: 16 } as const;
    const swapped = frameOf([1, 0x12, 0x34], [1, 0x56, 0x78]);
    new DataView(swapped.buffer).setUint32(4, 67, true);
    new DataView(swapped.buffer).setUint32(8, 64, true);
    expect(() => decodeRle(swapped, words)).toThrow('the RLE offsets are wrong');
  });
});

/** PackBits as PS3.5 G.3.1 describes it: runs of three and more, literals between them. */
function packed(bytes: readonly number[]): number[] {
  const out: number[] = [];
  let literal: number[] = [];
  const flush = (): void => {
    if (literal.length > 0) out.push(literal.length - 1, ...literal);
    literal = [];
  };
  for (let at = 0; at < bytes.length;) {
    let count = 1;
    while (count < 128 && bytes[at + count] === bytes[at]) count += 1;
    if (count >= 3) {
      flush();
      out.push(257 - count, bytes[at]!);
      at += count;
    } else {
      literal.push(bytes[at]!);
      at += 1;
      if (literal.length === 128) flush();
    }
  }
  flush();
  return out;
}
