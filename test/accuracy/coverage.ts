/**
 * Does the error radius hold what it promises: shares of points within it, and within its multiples.
 * @module
 */
import type { Scored } from './statistics.ts';

/** An answered point with a radius. */
export interface Judged {
  readonly errorMm: number;
  readonly radiusMm: number;
}

/** What the radius promises. */
export const PROMISED = 0.9;
/** The probabilities of a curve: 0.05 to 0.95. */
export const NOMINAL: readonly number[] = Array.from({ length: 19 }, (_, n) => (n + 1) / 20);

/** Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  return 1 - series.reduce((sum, factor) => (sum + factor) * t, 0) * Math.exp(-x * x);
}

/** Probability that a standard normal vector in three dimensions is not longer than x. */
export function chi3(x: number): number {
  return erf(x / Math.SQRT2) - Math.sqrt(2 / Math.PI) * x * Math.exp((-x * x) / 2);
}

/** The length that a standard normal vector in three dimensions stays below with a probability. */
export function chi3Quantile(probability: number): number {
  let [low, high] = [0, 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (chi3(middle) < probability) low = middle;
    else high = middle;
  }
  return low;
}

/** The answered points that have a radius. */
export function judged(points: readonly Scored[]): Judged[] {
  return points.flatMap(({ errorMm, radiusMm }) =>
    errorMm === undefined || radiusMm === undefined ? [] : [{ errorMm, radiusMm }],
  );
}

/**
 * Observed coverage at each of the {@link NOMINAL} probabilities: the radius of 90 % is scaled to another probability as for an error that
 * is normal with equal variance along the three axes.
 */
export function coverageCurve(points: readonly Scored[]): readonly number[] {
  const known = judged(points);
  return NOMINAL.map((nominal) => {
    const scale = chi3Quantile(nominal) / chi3Quantile(PROMISED);
    return known.filter(({ errorMm, radiusMm }) => errorMm <= scale * radiusMm).length / known.length;
  });
}
