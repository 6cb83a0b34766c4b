import fc from 'fast-check';
import { lpsPoint } from '../../geometry/index.ts';
import { NOT_ACQUIRED } from '../../pyramid/layout.ts';
import { level, linear, MIDDLE, N } from '../../pyramid/testing/linearLevel.ts';
import { aroundPoint } from './sampler.ts';

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
