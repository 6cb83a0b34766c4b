import fc from 'fast-check';
import { lpsPoint } from '../../geometry/index.ts';
import { NOT_ACQUIRED } from '../../pyramid/layout.ts';
import { TERMS } from '../../registration/layout.ts';
import { linearOf } from '../../registration/local/warp.ts';
import { level, linear, MIDDLE, N } from '../../pyramid/testing/linearLevel.ts';
import { aroundPoint, aroundRegistered } from './image.ts';
import { FINE, rays } from './rays.ts';
import type { RayImage } from './rays.ts';

const mm = fc.double({ min: -25, max: 25, noNaN: true });
const strain = fc.double({ min: -0.1, max: 0.1, noNaN: true });

/** The value at an offset, mm: rays that begin there, at a distance of 0. */
function valueAt(image: RayImage, x: number, y: number, z: number): number {
  rays.open(image, [x, y, z], FINE);
  return rays.shellAt(0, 0)[0] ?? NaN;
}

describe('aroundPoint', () => {
  it('is the image at the point and an offset', () => {
    const image = aroundPoint(level, MIDDLE);
    fc.assert(
      fc.property(mm, mm, mm, (x, y, z) => {
        expect(valueAt(image, x, y, z)).toBeCloseTo(linear([MIDDLE[0] + x, MIDDLE[1] + y, MIDDLE[2] + z]), 1);
      }),
    );
  });

  it('has no value beyond the outer voxel centres', () => {
    const image = aroundPoint(level, lpsPoint(-10, -20, 5));
    expect(valueAt(image, 0, 0, 0)).not.toBeNaN();
    expect(valueAt(image, -0.1, 0, 0)).toBeNaN();
    expect(valueAt(image, 0, 0, 3 * (N - 1) + 0.1)).toBeNaN();
  });

  it('has no value beside what was not acquired', () => {
    const values = level.values.slice();
    values[20 + N * (20 + N * 20)] = NOT_ACQUIRED;
    const image = aroundPoint({ ...level, values }, lpsPoint(30, 20, 65));
    expect(valueAt(image, 1.9, 0, 0)).toBeNaN();
    expect(valueAt(image, 2.1, 0, 0)).not.toBeNaN();
  });
});

describe('aroundRegistered', () => {
  it('is the image where the prior and the affine part of a registration lead, with the ratio of the volumes', () => {
    fc.assert(
      fc.property(mm, mm, mm, strain, strain, strain, (x, y, z, a, b, c) => {
        const prior = {
          centre: MIDDLE,
          linear: Float64Array.of(1 + a, b, 0, 0, 1, c, 0, 0, 1),
          shiftMm: 3,
          strain: 0.06,
          curvature: 0.004,
        };
        // A shift, a strain along z, and a curvature that does not count; in units of sigma.
        const sigma = 7;
        const coefficients = new Float64Array(3 * TERMS);
        coefficients[0] = 1.5;
        coefficients[2 * TERMS + 3] = 0.05 * sigma;
        coefficients[TERMS + 4] = 2;
        const { image, volumeRatio } = aroundRegistered(level, prior, { coefficients, sigma });
        const [dx, dy, dz] = [x / 2 + 1.5, y / 2, (z / 2) * 1.05];
        const expected = linear([MIDDLE[0] + (1 + a) * dx + b * dy, MIDDLE[1] + dy + c * dz, MIDDLE[2] + dz]);
        expect(valueAt(image, x / 2, y / 2, z / 2)).toBeCloseTo(expected, 1);
        expect(volumeRatio).toBeCloseTo((1 + a) * 1.05, 6);
        const map = linearOf(prior, { coefficients, sigma });
        const moved = [0, 3, 6].map((row) => map[row]! * x + map[row + 1]! * y + map[row + 2]! * z);
        const linearly = [(1 + a) * x + b * y, y + c * 1.05 * z, 1.05 * z];
        for (const [axis, value] of linearly.entries()) expect(moved[axis]).toBeCloseTo(value, 9);
      }),
    );
  });
});
