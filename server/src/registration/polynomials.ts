/**
 * The local displacement model: a polynomial of the offset from the point, up to the second degree.
 * @module
 */

import { TERMS } from './layout.ts';

/** Exponents of x, y, z in each of the terms. */
export const EXPONENTS: readonly (readonly [number, number, number])[] = [
  [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1],
  [2, 0, 0], [0, 2, 0], [0, 0, 2], [1, 1, 0], [1, 0, 1], [0, 1, 1],
]; // prettier-ignore
/** Terms of an affine displacement. */
export const AFFINE_TERMS = 4;

/** Coefficients of a displacement: TERMS for x, then for y, then for z; mm. */
export type Coefficients = Float64Array;

/** The same displacement written in units of another sigma. */
export function rescaled(coefficients: Coefficients, from: number, to: number): Coefficients {
  const ratio = to / from;
  return coefficients.map((value, n) => {
    const term = n % TERMS;
    return value * (term === 0 ? 1 : term < AFFINE_TERMS ? ratio : ratio * ratio);
  });
}
