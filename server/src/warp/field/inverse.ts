/**
 * The inverse of a field: from the world of the moving series to that of the fixed one.
 * @module
 */
import { invert, lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import type { Grid } from '../../volume/types.ts';
import type { DisplacementField } from '../types.ts';
import { fieldOfMap, placing } from './displacementField.ts';

/** The iteration halves its error at least wherever the residual is no more than half as steep as the affine map. */
const ITERATIONS = 60;
/** Less than this is no error of the inverse, mm. */
const TOLERANCE_MM = 1e-3;

/**
 * The point that a field puts at another one, by fixed-point iteration from the inverse affine map (Chen et al., Medical Physics 2008).
 * @returns the nearest that was found: where the field folds, no point or several go to a place
 */
export function inverseOf(field: DisplacementField): (lps: LpsPoint) => LpsPoint {
  const place = placing(field);
  const back = invert(field.affine);
  const into = new Float64Array(3);
  return (to) => {
    let from = applyTo(back, to);
    for (let n = 0; n < ITERATIONS; n++) {
      place(from[0], from[1], from[2], into);
      const [dx, dy, dz] = [to[0] - (into[0] ?? NaN), to[1] - (into[1] ?? NaN), to[2] - (into[2] ?? NaN)];
      if (Math.hypot(dx, dy, dz) < TOLERANCE_MM) break;
      from = lpsPoint(
        from[0] + back[0] * dx + back[1] * dy + back[2] * dz,
        from[1] + back[4] * dx + back[5] * dy + back[6] * dz,
        from[2] + back[8] * dx + back[9] * dy + back[10] * dz,
      );
    }
    return from;
  };
}

/** The inverse of a field on a lattice of the moving series. */
export function inverseField(field: DisplacementField, grid: Grid): DisplacementField {
  return fieldOfMap(grid, invert(field.affine), inverseOf(field));
}
