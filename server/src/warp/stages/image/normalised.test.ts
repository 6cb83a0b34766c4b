import fc from 'fast-check';
import { LEVEL_STEP, NOT_ACQUIRED } from '../../../pyramid/index.ts';
import { boxMean, normalised } from './normalised.ts';

const DIMS = [5, 4, 3] as const;
const SIZE = 60;
const SETTINGS = { windowReach: 1, noise: 20 };

/** The mean of a box, voxel by voxel. */
function meanAround(values: Float32Array, at: number, reach: number): number {
  const [i, j, k] = [at % 5, Math.floor(at / 5) % 4, Math.floor(at / 20)];
  const near = [...values].filter((_, other) => {
    const [x, y, z] = [other % 5, Math.floor(other / 5) % 4, Math.floor(other / 20)];
    return [x - i, y - j, z - k].every((offset) => Math.abs(offset) <= reach);
  });
  return near.reduce((sum, value) => sum + value, 0) / near.length;
}

const images = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: SIZE, maxLength: SIZE });

describe('the mean of a box', () => {
  it('is that of its voxels in the image', () => {
    fc.assert(
      fc.property(images, fc.integer({ min: 0, max: 6 }), fc.nat(SIZE - 1), (numbers, reach, at) => {
        const values = Float32Array.from(numbers);
        expect(boxMean(values, DIMS, reach)[at]).toBeCloseTo(meanAround(values, at, reach), 3);
      }),
    );
  });
});

describe('local contrast', () => {
  const levelOf = (units: readonly number[]) => ({
    dims: DIMS,
    values: Int16Array.from(units, (value) => value / LEVEL_STEP),
  });

  it('does not see an offset, and of a gain only what the noise does not hide', () => {
    fc.assert(
      fc.property(images, fc.integer({ min: -200, max: 200 }), (numbers, offset) => {
        const plain = normalised(levelOf(numbers), SETTINGS);
        const shifted = normalised(levelOf(numbers.map((value) => value + offset)), SETTINGS);
        const stronger = normalised(levelOf(numbers.map((value) => 2 * value)), { ...SETTINGS, noise: 40 });
        for (const [at, value] of plain.entries()) {
          expect(shifted[at]).toBeCloseTo(value, 2);
          expect(stronger[at]).toBeCloseTo(value, 2);
        }
      }),
    );
  });

  it('is next to nothing where contrast is below the noise', () => {
    const faint = normalised(levelOf(Array.from({ length: SIZE }, (_, at) => at % 2)), SETTINGS);
    for (const value of faint) expect(Math.abs(value)).toBeLessThan(0.05);
  });

  it('has no value where nothing was acquired, and others do not count what is there', () => {
    fc.assert(
      fc.property(images, fc.nat(SIZE - 1), (numbers, missing) => {
        const level = levelOf(numbers.map(() => 100));
        level.values[missing] = NOT_ACQUIRED;
        const contrast = normalised(level, SETTINGS);
        expect(contrast[missing]).toBeNaN();
        for (const value of contrast.filter((_, at) => at !== missing)) expect(value).toBeCloseTo(0, 2);
      }),
    );
  });
});
