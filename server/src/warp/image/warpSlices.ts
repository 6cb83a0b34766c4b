/**
 * The moving series on the grid of the fixed one, slice by slice: a long series need not fit in memory twice.
 * @module
 */
import { invert } from '../../geometry/index.ts';
import type { Grid } from '../../volume/types.ts';
import { placing } from '../field/displacementField.ts';
import type { DisplacementField, Voxels } from '../types.ts';

/** What is written where the moving series shows nothing. */
export interface Outside {
  readonly outside: number;
  /** How far beyond the centres of its outermost voxels the moving series repeats them, voxels; half a voxel where absent, as in ITK. */
  readonly borderVoxels?: number;
}

/** Slices of the fixed grid with the values of the moving series where the field puts their voxels: trilinear. */
export function* warpedSlices(
  fixed: Grid,
  moving: Voxels,
  field: DisplacementField,
  { outside, borderVoxels = 0.5 }: Outside,
): Generator<Float32Array, void> {
  const [ni, nj, nk] = fixed.dims;
  const g = fixed.voxelToLps;
  const n = invert(moving.voxelToLps);
  const [place, into] = [placing(field), new Float64Array(3)];
  for (let k = 0; k < nk; k++) {
    const slice = new Float32Array(ni * nj);
    for (let j = 0; j < nj; j++) {
      for (let i = 0; i < ni; i++) {
        const x = g[0] * i + g[1] * j + g[2] * k + g[3];
        const y = g[4] * i + g[5] * j + g[6] * k + g[7];
        const z = g[8] * i + g[9] * j + g[10] * k + g[11];
        place(x, y, z, into);
        const [px = NaN, py = NaN, pz = NaN] = [into[0], into[1], into[2]];
        slice[j * ni + i] = valueAt(
          moving,
          n[0] * px + n[1] * py + n[2] * pz + n[3],
          n[4] * px + n[5] * py + n[6] * pz + n[7],
          n[8] * px + n[9] * py + n[10] * pz + n[11],
          { outside, borderVoxels },
        );
      }
    }
    yield slice;
  }
}

/** Trilinear value at a continuous voxel index. */
function valueAt(
  { dims: [ni, nj, nk], data }: Pick<Voxels, 'dims' | 'data'>,
  i: number,
  j: number,
  k: number,
  { outside, borderVoxels: b }: Required<Outside>,
): number {
  if (!(i >= -b && j >= -b && k >= -b && i <= ni - 1 + b && j <= nj - 1 + b && k <= nk - 1 + b))
    return outside;
  const x = Math.min(Math.max(i, 0), ni - 1);
  const y = Math.min(Math.max(j, 0), nj - 1);
  const z = Math.min(Math.max(k, 0), nk - 1);
  const bx = Math.min(Math.floor(x), Math.max(ni - 2, 0));
  const by = Math.min(Math.floor(y), Math.max(nj - 2, 0));
  const bz = Math.min(Math.floor(z), Math.max(nk - 2, 0));
  const at = (bz * nj + by) * ni + bx;
  const [si, sj, sk] = [ni > 1 ? 1 : 0, nj > 1 ? ni : 0, nk > 1 ? ni * nj : 0];
  const near = inPlane(data, at, si, sj, x - bx, y - by);
  return near + (z - bz) * (inPlane(data, at + sk, si, sj, x - bx, y - by) - near);
}

function inPlane(
  data: Int16Array | Float32Array,
  at: number,
  si: number,
  sj: number,
  fi: number,
  fj: number,
): number {
  const a = data[at] ?? NaN;
  const c = data[at + sj] ?? NaN;
  const low = a + fi * ((data[at + si] ?? NaN) - a);
  return low + fj * (c + fi * ((data[at + sj + si] ?? NaN) - c) - low);
}
