/**
 * Huber's robust linear regression by iteratively reweighted least squares, as statsmodels' RLM does it by default:
 * start from ordinary least squares, scale = median |residual| / 0.6745 renewed in every step, stop when the sum of
 * Huber's losses has settled (P. J. Huber, Robust Statistics, 1981, 7.8).
 * @module
 */
import { fitLinear, valueAt } from './leastSquares.ts';
import type { LinearFit } from './leastSquares.ts';

/** Residuals within this many scales count fully; 95 % efficiency for normal errors. */
const TUNING = 1.345;
/** Median of |x| of the standard normal distribution. */
const MEDIAN_OF_NORMAL = 0.674489750196082;
const ITERATIONS = 50;
/** Change of the summed loss below which the fit has settled. */
const TOLERANCE = 1e-8;

/** Fits y = slopes · x + offset so that outliers pull with bounded force. */
export function fitHuber(
  points: readonly (readonly [number, number, number])[],
  values: readonly number[],
): LinearFit {
  let fit = fitLinear(points, values, new Array<number>(points.length).fill(1));
  let residuals = residualsOf(fit, points, values);
  let scale = scaleOf(residuals);
  let loss = lossOf(residuals, scale);
  for (let iteration = 0; iteration < ITERATIONS && scale > 0; iteration++) {
    const weights = residuals.map((r) => Math.min(1, (TUNING * scale) / Math.abs(r)));
    fit = fitLinear(points, values, weights);
    residuals = residualsOf(fit, points, values);
    scale = scaleOf(residuals);
    const next = lossOf(residuals, scale);
    if (Math.abs(next - loss) < TOLERANCE) break;
    loss = next;
  }
  return fit;
}

function residualsOf(
  fit: LinearFit,
  points: readonly (readonly [number, number, number])[],
  values: readonly number[],
): readonly number[] {
  return points.map((point, n) => (values[n] ?? NaN) - valueAt(fit, point));
}

/** Scale of normal errors with this median of absolute residuals; 0 when more than half of the points fit exactly. */
function scaleOf(residuals: readonly number[]): number {
  const sizes = residuals.map(Math.abs).sort((a, b) => a - b);
  const middle = sizes.length / 2;
  const [low = 0, high = 0] = [sizes[Math.ceil(middle) - 1], sizes[Math.floor(middle)]];
  const median = (low + high) / 2;
  return median > SMALLEST_RESIDUAL ? median / MEDIAN_OF_NORMAL : 0;
}

/** Residuals below this are rounding, in the units of the values. */
const SMALLEST_RESIDUAL = 1e-9;

function lossOf(residuals: readonly number[], scale: number): number {
  return residuals.reduce((sum, r) => {
    const z = Math.abs(r) / scale;
    return sum + (z <= TUNING ? (z * z) / 2 : TUNING * z - (TUNING * TUNING) / 2);
  }, 0);
}
