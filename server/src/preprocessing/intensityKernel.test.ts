import fc from 'fast-check';
import { mapTo, roundTo } from './intensityKernel.ts';
import { BLOCK_VALUES } from './intensityLayout.ts';

const INT16_MAX = 32_767;
const INT16_MIN = -32_768;

/** Values of all magnitudes, halves, and what is no number. */
const anyValue = fc.oneof(
  fc.float(),
  fc.integer({ min: -40_000, max: 40_000 }).map((twice) => twice / 2),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 0.49999997, -0.5, 32_767.5, -32_768.5),
);

/** An array around a few drawn values that ends within, at or behind the end of a block. */
const arrays = fc
  .tuple(fc.array(anyValue, { minLength: 1, maxLength: 60 }), fc.constantFrom(0, 1, BLOCK_VALUES))
  .map(([drawn, more]) =>
    Float32Array.from({ length: drawn.length + more }, (_, n) => drawn[n % drawn.length]!),
  );

function rounded(value: number, step: number): number {
  const steps = Math.floor(value / step + 0.5);
  if (Number.isNaN(steps)) return 0;
  return Math.min(Math.max(steps, INT16_MIN), INT16_MAX);
}

describe('roundTo', () => {
  it('rounds halves upwards, clips to int16, and gives 0 for what is no number', () => {
    fc.assert(
      fc.property(arrays, fc.constantFrom(1, 0.1, 3e-5, 700), (values, step) => {
        const into = new Int16Array(values.length + 1).fill(99);
        roundTo(into.subarray(0, values.length), values, step);
        expect(into).toEqual(Int16Array.from([...values].map((value) => rounded(value, step)).concat(99)));
      }),
      { numRuns: 60 },
    );
  });
});

describe('mapTo', () => {
  it('clips to the window and maps it; what is no number is as its lower end', () => {
    const window = fc.record({
      low: fc.double({ min: -2_000, max: 2_000, noNaN: true }),
      width: fc.double({ min: 0, max: 5_000, noNaN: true }),
      scale: fc.double({ min: 0, max: 10, noNaN: true }),
      offset: fc.double({ min: -100, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(arrays, window, (values, map) => {
        const into = new Float32Array(values.length + 1).fill(99);
        mapTo(into.subarray(0, values.length), values, map);
        const expected = Float32Array.from(values, (value) => {
          const above = value > map.low ? Math.min(value - map.low, map.width) : 0;
          return above * map.scale + map.offset;
        });
        expect(into).toEqual(Float32Array.from([...expected, 99]));
      }),
      { numRuns: 60 },
    );
  });
});
