import type { Embedding } from '../embedding/types.ts';
import { distanceMm, spacingOf, toLps, toVoxel, voxelIndex } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { CORNERS, latticeOf, locate } from '../search/index.ts';

/**
 * True when one of the 8 fine voxels around the point is body: the mask is as coarse as the fine grid, and a
 * lesion of the skin or pleura may lie just beside it.
 */
export function touchesBody(
  { maps, bodyMask }: Pick<Embedding, 'maps' | 'bodyMask'>,
  lps: LpsPoint,
): boolean {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) return false;
  const lattice = latticeOf(fine.grid);
  const at = { cell: 0, fi: 0, fj: 0, fk: 0 };
  locate(lattice, toVoxel(lattice.lpsToVoxel, lps), at);
  for (let corner = 0; corner < CORNERS; corner++)
    if (bodyMask[at.cell + (lattice.cornerOffsets[corner] ?? NaN)]) return true;
  return false;
}

/** True when the centre of a fine voxel of the body lies within a distance of the point (LPS, mm). */
export function isNearBody(
  { maps, bodyMask }: Pick<Embedding, 'maps' | 'bodyMask'>,
  lps: LpsPoint,
  reachMm: number,
): boolean {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) return false;
  const { dims, voxelToLps } = fine.grid;
  const spacing = spacingOf(voxelToLps);
  const centre = toVoxel(latticeOf(fine.grid).lpsToVoxel, lps);
  const edge = (axis: 0 | 1 | 2, side: -1 | 1): number =>
    Math.min(dims[axis] - 1, Math.max(0, Math.round(centre[axis] + (side * reachMm) / spacing[axis])));
  for (let k = edge(2, -1); k <= edge(2, 1); k++)
    for (let j = edge(1, -1); j <= edge(1, 1); j++)
      for (let i = edge(0, -1); i <= edge(0, 1); i++) {
        const isBody = bodyMask[(k * dims[1] + j) * dims[0] + i] === 1;
        if (isBody && distanceMm(lps, toLps(voxelToLps, voxelIndex(i, j, k))) <= reachMm) return true;
      }
  return false;
}
