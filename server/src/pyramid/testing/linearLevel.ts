/**
 * An image of which every value between the voxels is known.
 * @module
 */
import { lpsPoint } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { LEVEL_STEP } from '../level.ts';
import type { Level } from '../level.ts';

/** Voxels along each axis. */
export const N = 40;
const SPACING = [2, 2, 3] as const;
const ORIGIN = [-10, -20, 5] as const;
/** A place well inside, LPS mm. */
export const MIDDLE = lpsPoint(28, 19, 60);
const SLOPES = [1.5, -0.75, 1.25] as const;

/** The value at a place, LPS mm. */
export const linear = ([x, y, z]: Vector): number => SLOPES[0] * x + SLOPES[1] * y + SLOPES[2] * z;

/** An image whose value is a linear function of the place. */
export const level: Level = {
  dims: [N, N, N],
  spacing: SPACING,
  origin: ORIGIN,
  values: Int16Array.from({ length: N ** 3 }, (_, at) => {
    const index = [at % N, Math.floor(at / N) % N, Math.floor(at / N ** 2)];
    const [x, y, z] = index.map((n, axis) => (ORIGIN[axis] ?? NaN) + n * (SPACING[axis] ?? NaN));
    return linear([x ?? NaN, y ?? NaN, z ?? NaN]) / LEVEL_STEP;
  }),
};
