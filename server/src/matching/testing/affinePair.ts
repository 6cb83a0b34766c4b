/**
 * Two synthetic series of one anatomy, the second moved and stretched, for tests of what is computed of a pair.
 * @module
 */
import { lpsPoint, toLps } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { pyramidOf } from '../../pyramid/index.ts';
import type { Pyramid } from '../../pyramid/index.ts';
import { indexOf } from '../../search/sampling.ts';
import { searchSpaceOf } from '../../search/space.ts';
import { gridOf, syntheticEmbedding } from '../pool/syntheticEmbedding.ts';

/** 24 voxels of 4 mm along each axis. */
const GRID = gridOf([24, 24, 24], [4, 4, 4], [0, 0, 0]);
/** Target place of a query place, LPS mm. */
export const toTarget = ([x, y, z]: LpsPoint): LpsPoint => lpsPoint(1.05 * x + 6, y - 4, z + 3);
const toQuery = ([x, y, z]: LpsPoint): LpsPoint => lpsPoint((x - 6) / 1.05, y + 4, z - 3);

export const queryEmbedding = syntheticEmbedding({ grid: GRID });
export const targetEmbedding = syntheticEmbedding({ grid: GRID, toAnatomy: toQuery, name: '2' });
export const query = searchSpaceOf(queryEmbedding);
export const target = searchSpaceOf(targetEmbedding);
/** The target's image with other values, by the value that it has and its place (LPS, mm). */
export function targetWith(valueOf: (value: number, at: LpsPoint) => number): Pyramid {
  const { image } = targetEmbedding;
  const { dims, voxelToLps } = image.grid;
  const values = image.values.map((value, voxel) => {
    const [x, y, z] = toLps(voxelToLps, indexOf(dims, voxel));
    return valueOf(value, lpsPoint(x, y, z));
  });
  return pyramidOf({ ...targetEmbedding, image: { ...image, values } });
}
/** Places of the query that the target shows too, LPS mm. */
export const PLACES = [lpsPoint(40, 50, 45), lpsPoint(55, 38, 60), lpsPoint(30, 61, 33)];
