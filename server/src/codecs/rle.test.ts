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
});
