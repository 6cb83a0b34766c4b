import type { LpsPoint } from '../../geometry/index.ts';

/** Row-major 3 x 3: query offset to target offset. */
export type Linear = Float64Array;

/** What is known of the map around the point before the images are looked at. */
export interface Prior {
  /** Where the point is expected in the target (LPS, mm), and the linear map of offsets from it. */
  readonly centre: LpsPoint;
  readonly linear: Linear;
  /** How much the true map is expected to differ from it (one standard deviation). */
  readonly shiftMm: number;
  /** Of the linear part, per unit. */
  readonly strain: number;
  /** Of the second derivatives, per mm. */
  readonly curvature: number;
}
