/** A linear model of one coordinate: `slopes · x + offset`. */
export interface LinearFit {
  readonly slopes: readonly [number, number, number];
  readonly offset: number;
}

type Triple = readonly [number, number, number];
type Matrix3 = [[number, number, number], [number, number, number], [number, number, number]];

/** Spread along a direction below this share of the widest one says nothing about the slope along it. */
const RANK_TOLERANCE = 1e-10;
/** Sweeps of Jacobi's method; a 3 x 3 matrix is diagonal to the last bit after four or five. */
const SWEEPS = 12;

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
  const centre = [0, 1, 2].map(
    (axis) => points.reduce((sum, p, n) => sum + (weights[n] ?? 0) * (p[axis] ?? 0), 0) / total,
  ) as unknown as Triple;
  const mean = values.reduce((sum, y, n) => sum + (weights[n] ?? 0) * y, 0) / total;
  const covariance: Matrix3 = [
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
  const slopes = solveSymmetric(covariance, withValue);
  const offset = mean - slopes[0] * centre[0] - slopes[1] * centre[1] - slopes[2] * centre[2];
  return { slopes, offset };
}

/** The value of a fit at a point. */
export function valueAt({ slopes, offset }: LinearFit, x: Triple): number {
  return slopes[0] * x[0] + slopes[1] * x[1] + slopes[2] * x[2] + offset;
}

/** The solution of least norm of a symmetric, non-negative system, by Jacobi's eigenvalue method. */
function solveSymmetric(matrix: Matrix3, right: Triple): Triple {
  const vectors: Matrix3 = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      rotate(matrix, vectors, p, q);
  const largest = Math.max(matrix[0][0], matrix[1][1], matrix[2][2]);
  const solution: [number, number, number] = [0, 0, 0];
  for (const e of [0, 1, 2] as const) {
    const value = matrix[e][e];
    if (value <= RANK_TOLERANCE * largest) continue;
    const along = vectors[0][e] * right[0] + vectors[1][e] * right[1] + vectors[2][e] * right[2];
    for (const a of [0, 1, 2] as const) solution[a] += (vectors[a][e] * along) / value;
  }
  return solution;
}

/** One Jacobi rotation: makes matrix[p][q] zero and turns the vectors with it. */
function rotate(matrix: Matrix3, vectors: Matrix3, p: 0 | 1, q: 1 | 2): void {
  const off = matrix[p][q];
  if (off === 0) return;
  const ratio = (matrix[q][q] - matrix[p][p]) / (2 * off);
  const t = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const r of [0, 1, 2] as const) {
    const [a, b] = [matrix[r][p], matrix[r][q]];
    matrix[r][p] = c * a - s * b;
    matrix[r][q] = s * a + c * b;
  }
  for (const r of [0, 1, 2] as const) {
    const [a, b] = [matrix[p][r], matrix[q][r]];
    matrix[p][r] = c * a - s * b;
    matrix[q][r] = s * a + c * b;
  }
  for (const r of [0, 1, 2] as const) {
    const [a, b] = [vectors[r][p], vectors[r][q]];
    vectors[r][p] = c * a - s * b;
    vectors[r][q] = s * a + c * b;
  }
}
