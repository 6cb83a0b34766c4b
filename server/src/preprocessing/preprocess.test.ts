import fc from 'fast-check';
import type { IntensityMap } from '../model/manifestShape.ts';
import { intensityRange, normalise, padTo } from './preprocess.ts';

/** SAM's CT map, and the values that the specification of SAM states for it (rounded to 0.1). */
const SAM: IntensityMap = {
  type: 'window',
  low: -1024,
  high: 3071,
  scale: 255 / 4095,
  offset: -50,
  outside: -1024,
};
const SAM_VALUES = [
  [-1000, -48.5],
  [0, 13.77],
  [40, 16.26],
  [200, 26.2],
  [1000, 76.0],
  [-3024, -50],
  [30_000, 205],
] as const;

const MR: IntensityMap = {
  type: 'percentile',
  lowPercent: 0.2,
  highPercent: 99.8,
  scale: 255,
  offset: -50,
  outside: 0,
};

describe('normalise', () => {
  it.each(SAM_VALUES)('maps %d HU to %d as SAM does', (hounsfield, expected) => {
    expect(normalise(SAM, Float32Array.of(hounsfield))[0]).toBeCloseTo(expected, 1);
  });

  it('clips MR to its percentiles', () => {
    // 0..9999 once each: the 0.2 and 99.8 percentiles are 20 and 9980.
    const values = Float32Array.from({ length: 10_000 }, (_, index) => index);
    const { low, high } = intensityRange(MR, values);
    expect(low).toBeCloseTo(20, -1);
    expect(high).toBeCloseTo(9980, -1);
    const result = normalise(MR, values);
    expect(result[0]).toBe(-50);
    expect(result[9999]).toBeCloseTo(205, 4);
    expect(result[5000]).toBeCloseTo(77.5, 0);
  });

  it('is finite for volumes of one value and for values that are no numbers', () => {
    fc.assert(
      fc.property(fc.constantFrom(SAM, MR), fc.array(fc.float(), { minLength: 1 }), (map, values) => {
        const result = normalise(map, Float32Array.from(values));
        expect(result.every((value) => value >= -50.001 && value <= 205.001)).toBe(true);
      }),
    );
    expect([...normalise(MR, new Float32Array(8).fill(7))]).toEqual(Array(8).fill(-50));
  });
});

describe('padTo', () => {
  it('pads the far end of each axis', () => {
    const { values, dims } = padTo(Float32Array.of(1, 2, 3, 4), [1, 2, 2], [2, 2, 3], 9);
    expect(dims).toEqual([2, 2, 3]);
    expect([...values]).toEqual([1, 2, 9, 3, 4, 9, 9, 9, 9, 9, 9, 9]);
  });

  it('returns a large enough volume unchanged', () => {
    const values = Float32Array.of(1, 2);
    expect(padTo(values, [1, 1, 2], [1, 1, 1], 0).values).toBe(values);
  });
});
