/** Size of the symmetric systems solved here. */
export const PARAMETERS = 12;

/**
 * Solves A x = b for a symmetric positive definite A (row-major) by Cholesky's factorisation, in place of `a`.
 * Undefined where A is not positive definite.
 */
export function solveCholesky(a: Float64Array, b: Float64Array): Float64Array | undefined {
  const n = b.length;
  for (let column = 0; column < n; column++) {
    for (let row = column; row < n; row++) {
      let sum = a[row * n + column] as number;
      for (let k = 0; k < column; k++) sum -= (a[row * n + k] as number) * (a[column * n + k] as number);
      if (row > column) a[row * n + column] = sum / (a[column * n + column] as number);
      else if (sum > 0) a[row * n + column] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return substituteBack(a, substitute(a, b));
}

/** L y = b for the lower triangle L. */
function substitute(l: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const y = b.slice();
  for (let row = 0; row < n; row++) {
    let sum = y[row] as number;
    for (let k = 0; k < row; k++) sum -= (l[row * n + k] as number) * (y[k] as number);
    y[row] = sum / (l[row * n + row] as number);
  }
  return y;
}

/** Lᵀ x = y, in place. */
function substituteBack(l: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  for (let row = n - 1; row >= 0; row--) {
    let sum = x[row] as number;
    for (let k = row + 1; k < n; k++) sum -= (l[k * n + row] as number) * (x[k] as number);
    x[row] = sum / (l[row * n + row] as number);
  }
  return x;
}
