/**
 * The target seen through the current map of a patch.
 * @module
 */
import type { Level } from '../image/level.ts';
import { AFFINE_TERMS, TERMS } from '../leastSquares/basis.ts';
import type { Coefficients } from '../leastSquares/basis.ts';
import type { Prior } from './registration.ts';
import type { Template } from './template.ts';

/**
 * The map as one polynomial per axis, from offsets in sigmas to continuous voxel indices of the level: TERMS for i, then
 * for j, then for k. Composed once, so that a voxel costs one polynomial instead of three maps.
 */
function voxelPolynomial(
  { origin, spacing }: Level,
  { centre, linear }: Prior,
  theta: Coefficients,
  sigma: number,
): Float64Array {
  const polynomial = new Float64Array(3 * TERMS);
  for (let axis = 0; axis < 3; axis++) {
    const perMm = 1 / (spacing[axis] as number);
    for (let term = 0; term < TERMS; term++) {
      let mm = term === 0 ? (centre[axis] as number) - (origin[axis] as number) : 0;
      for (let d = 0; d < 3; d++) {
        const offset = term === 1 + d ? sigma : 0;
        mm += (linear[3 * axis + d] as number) * ((theta[d * TERMS + term] as number) + offset);
      }
      polynomial[axis * TERMS + term] = mm * perMm;
    }
  }
  return polynomial;
}

/** Reads the target (trilinear) where the current map puts the template's voxels; `weights` is 0 where that is out of view. */
export function sampleWarped(
  template: Template,
  level: Level,
  prior: Prior,
  theta: Coefficients,
  moved: Float32Array,
  weights: Float32Array,
): void {
  const { values, dims } = level;
  const [ni, nj, nk] = dims;
  const [stepJ, stepK] = [ni, ni * nj];
  const { offsets, count, weights: full } = template;
  const p = voxelPolynomial(level, prior, theta, template.sigma);
  const isAffine = template.terms === AFFINE_TERMS;
  for (let n = 0; n < count; n++) {
    const x = offsets[3 * n] as number;
    const y = offsets[3 * n + 1] as number;
    const z = offsets[3 * n + 2] as number;
    const fi = isAffine ? affine(p, 0, x, y, z) : quadratic(p, 0, x, y, z);
    const fj = isAffine ? affine(p, TERMS, x, y, z) : quadratic(p, TERMS, x, y, z);
    const fk = isAffine ? affine(p, 2 * TERMS, x, y, z) : quadratic(p, 2 * TERMS, x, y, z);
    if (!(fi >= 0 && fj >= 0 && fk >= 0 && fi < ni - 1 && fj < nj - 1 && fk < nk - 1)) {
      weights[n] = 0;
      continue;
    }
    // Not negative, so that cutting the fraction off rounds down.
    const i = fi | 0;
    const j = fj | 0;
    const k = fk | 0;
    const [at, ti, tj] = [k * stepK + j * stepJ + i, fi - i, fj - j];
    const near = bilinear(values, at, stepJ, ti, tj);
    moved[n] = near + (fk - k) * (bilinear(values, at + stepK, stepJ, ti, tj) - near);
    weights[n] = full[n] as number;
  }
}

function bilinear(values: Float32Array, at: number, stepJ: number, ti: number, tj: number): number {
  const v = values[at] as number;
  const w = values[at + stepJ] as number;
  const a = v + ti * ((values[at + 1] as number) - v);
  return a + tj * (w + ti * ((values[at + stepJ + 1] as number) - w) - a);
}

function affine(p: Float64Array, at: number, x: number, y: number, z: number): number {
  return (
    (p[at] as number) + (p[at + 1] as number) * x + (p[at + 2] as number) * y + (p[at + 3] as number) * z
  );
}

/** Terms in the order of {@link writeTerms}. */
function quadratic(p: Float64Array, at: number, x: number, y: number, z: number): number {
  return (
    (p[at] as number) +
    x *
      ((p[at + 1] as number) +
        (p[at + 4] as number) * x +
        (p[at + 7] as number) * y +
        (p[at + 8] as number) * z) +
    y * ((p[at + 2] as number) + (p[at + 5] as number) * y + (p[at + 9] as number) * z) +
    z * ((p[at + 3] as number) + (p[at + 6] as number) * z)
  );
}
