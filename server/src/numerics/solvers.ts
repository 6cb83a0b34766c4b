/**
 * Solvers of small linear systems.
 * @module
 */

type Triple = readonly [number, number, number];
type Rows3 = [[number, number, number], [number, number, number], [number, number, number]];

/** A symmetric 3 x 3 matrix by rows. */
export type Symmetric3 = Rows3;

/** Eigenvalues below this share of the largest one count as 0. */
const RANK_TOLERANCE = 1e-10;
/** Sweeps of Jacobi's method; a 3 x 3 matrix is diagonal to the last bit after four or five. */
const SWEEPS = 12;

/**
 * Factors a symmetric positive definite matrix in place (lower triangle, row-major): M = L LT.
 * @returns false where it is not positive definite
 */
export function factor(m: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = m[i * n + j] ?? NaN;
      for (let k = 0; k < j; k++) sum -= (m[i * n + k] ?? NaN) * (m[j * n + k] ?? NaN);
      if (i !== j) m[i * n + j] = sum / (m[j * n + j] ?? NaN);
      else if (sum > 0) m[i * n + i] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** Solves L LT x = b in place of b, given the factor. */
export function solveFactored(l: Float64Array, n: number, b: Float64Array): void {
  substituteForward(l, n, b);
  substituteBackward(l, n, b);
}

/** Solves L x = b in place. */
function substituteForward(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i] ?? NaN;
    for (let k = 0; k < i; k++) sum -= (l[i * n + k] ?? NaN) * (b[k] ?? NaN);
    b[i] = sum / (l[i * n + i] ?? NaN);
  }
}

/** Solves LT x = b in place. */
function substituteBackward(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i] ?? NaN;
    for (let k = i + 1; k < n; k++) sum -= (l[k * n + i] ?? NaN) * (b[k] ?? NaN);
    b[i] = sum / (l[i * n + i] ?? NaN);
  }
}

/**
 * The solution of least norm of a symmetric, non-negative system, by Jacobi's eigenvalue method: the matrix may be singular. Makes
 * the matrix diagonal.
 */
export function solveLeastNorm(matrix: Symmetric3, right: Triple): Triple {
  const vectors: Rows3 = [
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
function rotate(matrix: Rows3, vectors: Rows3, p: 0 | 1, q: 1 | 2): void {
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
