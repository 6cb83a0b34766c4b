import { perAxis } from '../geometry/index.ts';
import { solveLeastNorm } from '../numerics/index.ts';
import type { Symmetric3 } from '../numerics/index.ts';

/** A linear model of one coordinate: `slopes · x + offset`. */
export interface LinearFit {
  readonly slopes: readonly [number, number, number];
  readonly offset: number;
}

type Triple = readonly [number, number, number];

/**
 * Weighted least squares of y on [x, 1]. Where the points do not span the space (fewer than four, or in a plane) the
 * slopes are those of least norm.
 */
export function fitLinear(
  points: readonly Triple[],
  values: readonly number[],
  weights: readonly number[],
): LinearFit {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const centre = perAxis(
    (axis) => points.reduce((sum, p, n) => sum + (weights[n] ?? 0) * p[axis], 0) / total,
  );
  const mean = values.reduce((sum, y, n) => sum + (weights[n] ?? 0) * y, 0) / total;
  const covariance: Symmetric3 = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  const withValue: [number, number, number] = [0, 0, 0];
  for (const [n, point] of points.entries()) {
    const d = [point[0] - centre[0], point[1] - centre[1], point[2] - centre[2]] as const;
    const w = weights[n] ?? 0;
    for (const a of [0, 1, 2] as const) {
      withValue[a] += w * d[a] * ((values[n] ?? NaN) - mean);
      for (const b of [0, 1, 2] as const) covariance[a][b] += w * d[a] * d[b];
    }
  }
  const slopes = solveLeastNorm(covariance, withValue);
  const offset = mean - slopes[0] * centre[0] - slopes[1] * centre[1] - slopes[2] * centre[2];
  return { slopes, offset };
}

/** The value of a fit at a point. */
export function valueAt({ slopes, offset }: LinearFit, x: Triple): number {
  return slopes[0] * x[0] + slopes[1] * x[1] + slopes[2] * x[2] + offset;
}
