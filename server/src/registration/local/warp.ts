import type { Level } from '../../pyramid/index.ts';
import { TERMS } from '../layout.ts';
import type { Coefficients } from '../polynomials.ts';
import type { Linear, Prior } from './prior.ts';

/** The linear part of a registered map: from offsets of the query to offsets of the target. */
export function linearOf(
  { linear }: Prior,
  { coefficients, sigma }: { readonly coefficients: Coefficients; readonly sigma: number },
): Linear {
  const result = new Float64Array(9);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      for (let d = 0; d < 3; d++) {
        const own = (coefficients[d * TERMS + 1 + column] ?? NaN) / sigma + (d === column ? 1 : 0);
        result[3 * row + column] = (result[3 * row + column] ?? NaN) + (linear[3 * row + d] ?? NaN) * own;
      }
  return result;
}

/**
 * The map as one polynomial per axis, from offsets in sigmas to continuous voxel indices of the level: TERMS for i, then
 * for j, then for k. Composed once, so that a voxel costs one polynomial instead of three maps.
 */
export function voxelPolynomials(
  { origin, spacing }: Level,
  { centre, linear }: Prior,
  theta: Coefficients,
  sigma: number,
): Float64Array {
  const polynomials = new Float64Array(3 * TERMS);
  for (let axis = 0; axis < 3; axis++) {
    const perMm = 1 / (spacing[axis] ?? NaN);
    for (let term = 0; term < TERMS; term++) {
      let mm = term === 0 ? (centre[axis] ?? NaN) - (origin[axis] ?? NaN) : 0;
      for (let d = 0; d < 3; d++) {
        const offset = term === 1 + d ? sigma : 0;
        mm += (linear[3 * axis + d] ?? NaN) * ((theta[d * TERMS + term] ?? NaN) + offset);
      }
      polynomials[axis * TERMS + term] = mm * perMm;
    }
  }
  return polynomials;
}
