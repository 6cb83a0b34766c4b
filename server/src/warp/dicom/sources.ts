import { invert, lpsPoint, toLps, toVoxel, voxelIndex } from '../../geometry/index.ts';
import type { Grid } from '../../volume/types.ts';
import { placing } from '../field/displacementField.ts';
import type { DisplacementField } from '../types.ts';

/** A field is smooth: where a slice goes is known from this many points along each of its edges. */
const POINTS = 9;

/** Which slices of the moving series a slice of the fixed grid is made of. */
export function sourceSlices(
  fixed: Grid,
  moving: Grid,
  field: DisplacementField,
): (k: number) => readonly [first: number, last: number] {
  const [place, into, lpsToVoxel] = [placing(field), new Float64Array(3), invert(moving.voxelToLps)];
  const [ni, nj] = fixed.dims;
  const sliceAt = (i: number, j: number, k: number): number => {
    const [x, y, z] = toLps(fixed.voxelToLps, voxelIndex(i, j, k));
    place(x, y, z, into);
    return toVoxel(lpsToVoxel, lpsPoint(into[0] ?? NaN, into[1] ?? NaN, into[2] ?? NaN))[2];
  };
  return (k) => {
    let [first, last] = [Infinity, -Infinity];
    for (let n = 0; n < POINTS * POINTS; n++) {
      const i = ((n % POINTS) * (ni - 1)) / (POINTS - 1);
      const slice = sliceAt(i, (Math.floor(n / POINTS) * (nj - 1)) / (POINTS - 1), k);
      [first, last] = [Math.min(first, slice), Math.max(last, slice)];
    }
    return [Math.max(Math.floor(first), 0), Math.min(Math.ceil(last), moving.dims[2] - 1)];
  };
}
