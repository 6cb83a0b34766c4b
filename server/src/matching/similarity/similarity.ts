/**
 * The similarity of one point over a whole series.
 * @module
 */
import { affineFromColumns, axisStep, spacingOf, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { directionsAt, similarityAt } from '../../search/index.ts';
import type { Pair } from '../answer.ts';
import type { SimilarityMap } from '../../similarityFormat/types.ts';

/** Places lie at least this far apart, mm: a viewer shows colours, not voxels. */
const FINEST_MM = 3.9;
/** So many places at most: what a viewer is sent is then below 200 kB. */
const MAX_PLACES = 220_000;

/** Every how many-th voxel along the axes is looked at. */
type Strides = readonly [number, number, number];

function countsOf(
  dims: readonly [number, number, number],
  strides: Strides,
): readonly [number, number, number] {
  const count = (axis: 0 | 1 | 2): number => Math.floor((dims[axis] - 1) / strides[axis]) + 1;
  return [count(0), count(1), count(2)];
}

/** The finest strides that do not make too many places. */
function stridesFor(
  dims: readonly [number, number, number],
  spacing: readonly [number, number, number],
): Strides {
  const { max, round } = Math;
  for (let mm = FINEST_MM; ; mm *= 1.15) {
    const strides = [0, 1, 2].map((axis) => max(1, round(mm / (spacing[axis] ?? 1)))) as [
      number,
      number,
      number,
    ];
    const [ni, nj, nk] = countsOf(dims, strides);
    if (ni * nj * nk <= MAX_PLACES) return strides;
  }
}

/** The affine of every so many-th voxel of a grid. */
function strided(affine: Affine, strides: Strides): Affine {
  const step = (axis: 0 | 1 | 2): readonly [number, number, number] => {
    const [x, y, z] = axisStep(affine, axis);
    return [x * strides[axis], y * strides[axis], z * strides[axis]];
  };
  return affineFromColumns(step(0), step(1), step(2), [affine[3], affine[7], affine[11]]);
}

/** The similarity of a point of the query (LPS mm) over the target; undefined where the query has no direction there. */
export function similarityOver({ query, target }: Pair, lps: LpsPoint): SimilarityMap | undefined {
  const directions = directionsAt(query, lps);
  if (directions.every((direction) => direction.every((part) => part === 0))) return undefined;
  const { map } = target.maps[0];
  const { dims: all, voxelToLps } = map.grid;
  const strides = stridesFor(all, spacingOf(voxelToLps));
  const dims = countsOf(all, strides);
  const similarities = new Float32Array(dims[0] * dims[1] * dims[2]).fill(NaN);
  for (let place = 0; place < similarities.length; place += 1) {
    const i = strides[0] * (place % dims[0]);
    const j = strides[1] * (Math.floor(place / dims[0]) % dims[1]);
    const k = strides[2] * Math.floor(place / (dims[0] * dims[1]));
    const voxel = i + all[0] * (j + all[1] * k);
    if ((map.inverseNorms[voxel] ?? 0) === 0) continue;
    similarities[place] = similarityAt(target, directions, toLps(voxelToLps, voxelIndex(i, j, k)));
  }
  return { dims, voxelToLps: strided(voxelToLps, strides), similarities };
}
