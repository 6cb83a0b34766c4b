import fc from 'fast-check';
import { lpsPoint } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { NOT_ACQUIRED } from '../layout.ts';
import { LEVEL_STEP } from '../pyramid/level.ts';
import type { Level } from '../pyramid/level.ts';
import { aroundPoint } from './sampler.ts';

const N = 40;
const SPACING = [2, 2, 3] as const;
const ORIGIN = [-10, -20, 5] as const;
const MIDDLE = lpsPoint(28, 19, 60);
const SLOPES = [1.5, -0.75, 1.25] as const;

const linear = ([x, y, z]: Vector): number => SLOPES[0] * x + SLOPES[1] * y + SLOPES[2] * z;

/** An image whose value is a linear function of the place. */
const level: Level = {
  dims: [N, N, N],
  spacing: SPACING,
  origin: ORIGIN,
  values: Int16Array.from({ length: N ** 3 }, (_, at) => {
    const index = [at % N, Math.floor(at / N) % N, Math.floor(at / N ** 2)];
    const [x, y, z] = index.map((n, axis) => (ORIGIN[axis] ?? NaN) + n * (SPACING[axis] ?? NaN));
    return linear([x ?? NaN, y ?? NaN, z ?? NaN]) / LEVEL_STEP;
  }),
};

const mm = fc.double({ min: -25, max: 25, noNaN: true });

describe('aroundPoint', () => {
  it('is the image at the point and an offset', () => {
    const image = aroundPoint(level, MIDDLE);
    fc.assert(
      fc.property(mm, mm, mm, (x, y, z) => {
        expect(image(x, y, z)).toBeCloseTo(linear([MIDDLE[0] + x, MIDDLE[1] + y, MIDDLE[2] + z]), 1);
      }),
    );
  });

  it('has no value beyond the outer voxel centres', () => {
    const image = aroundPoint(level, lpsPoint(-10, -20, 5));
    expect(image(0, 0, 0)).not.toBeNaN();
    expect(image(-0.1, 0, 0)).toBeNaN();
    expect(image(0, 0, 3 * (N - 1) + 0.1)).toBeNaN();
  });

  it('has no value beside what was not acquired', () => {
    const values = level.values.slice();
    values[20 + N * (20 + N * 20)] = NOT_ACQUIRED;
    const image = aroundPoint({ ...level, values }, lpsPoint(30, 20, 65));
    expect(image(1.9, 0, 0)).toBeNaN();
    expect(image(2.1, 0, 0)).not.toBeNaN();
  });
});
