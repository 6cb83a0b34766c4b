import type { PixelFormat } from './types.ts';
import { modalityValues } from './modalityValues.ts';
import { formatOf } from './testing/formatOf.ts';

const unsigned12 = formatOf({ rows: 1 });

function values(format: Partial<PixelFormat>, ...cells: number[]): Int16Array | Float32Array {
  return modalityValues(Uint16Array.from(cells), { ...unsigned12, ...format });
}

describe('modalityValues', () => {
  it('extends the sign of BitsStored', () => {
    // Two's complement of 12 bits: 0x7ff is the largest, 0x800 the smallest.
    expect([...values({ isSigned: true }, 0x7ff, 0x800, 0xfff, 0x001)]).toEqual([2047, -2048, -1, 1]);
    expect([...values({ isSigned: true, bitsStored: 16, highBit: 15 }, 0x8000, 0xffff)]).toEqual([
      -32768, -1,
    ]);
  });

  it('ignores the bits above BitsStored, where old files keep overlays', () => {
    expect([...values({}, 0xf001, 0x1fff)]).toEqual([1, 4095]);
  });

  it('reads the value from below HighBit', () => {
    expect([...values({ highBit: 15 }, 0x0010, 0xfff0)]).toEqual([1, 4095]);
    expect([...values({ highBit: 15, isSigned: true }, 0xfff0, 0x8000)]).toEqual([-1, -2048]);
  });

  it('rescales to integers where they suffice', () => {
    const found = values({ slope: 2, intercept: -1024 }, 0, 1, 4095);
    expect(found).toBeInstanceOf(Int16Array);
    expect([...found]).toEqual([-1024, -1022, 7166]);
  });

  it.each([
    ['a slope that is not integral', { slope: 0.5 }, 3, 1.5],
    ['an intercept that is not integral', { intercept: 0.25 }, 3, 3.25],
    ['values beyond 16 bits', { slope: 10 }, 4095, 40950],
    ['unsigned values of 16 bits', { bitsStored: 16, highBit: 15 }, 65535, 65535],
  ])('gives floats for %s', (_, format, cell, value) => {
    const found = values(format, cell);
    expect(found).toBeInstanceOf(Float32Array);
    expect([...found]).toEqual([value]);
  });

  it('keeps integers where 16 bits are stored but not used', () => {
    const found = values({ bitsStored: 16, highBit: 15, intercept: -1024 }, 0, 4000);
    expect(found).toBeInstanceOf(Int16Array);
  });

  it('replaces padding, also padding that does not fit BitsStored', () => {
    const padding = { low: -2000, high: -2000, value: -1024 };
    const signed = { isSigned: true, bitsStored: 16, highBit: 15, padding };
    expect([...values(signed, 65536 - 2000, 40)]).toEqual([-1024, 40]);
    const unsigned = { padding: { low: 63536, high: 63536, value: -1024 }, intercept: -1000 };
    expect([...values(unsigned, 63536, 40)]).toEqual([-1024, -960]);
  });

  it('replaces a range of padding', () => {
    expect([...values({ padding: { low: 10, high: 20, value: -1 } }, 9, 10, 20, 21)]).toEqual([
      9, -1, -1, 21,
    ]);
  });

  it('reads cells of 8 bits', () => {
    const format = { ...unsigned12, bitsAllocated: 8, bitsStored: 8, highBit: 7, isSigned: true } as const;
    expect([...modalityValues(Uint8Array.from([0, 127, 128, 255]), format)]).toEqual([0, 127, -128, -1]);
  });
});
