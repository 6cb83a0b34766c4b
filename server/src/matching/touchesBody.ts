import type { Embedding } from '../embedding/types.ts';
import { toVoxel } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { CORNERS, latticeOf, locate } from '../search/index.ts';

/**
 * True when one of the 8 fine voxels around the point is body: the mask is as coarse as the fine grid, and a
 * lesion of the skin or pleura may lie just beside it.
 */
export function touchesBody({ maps, bodyMask }: Pick<Embedding, 'maps' | 'bodyMask'>, lps: LpsPoint): boolean {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) return false;
  const lattice = latticeOf(fine.grid);
  const at = { cell: 0, fi: 0, fj: 0, fk: 0 };
  locate(lattice, toVoxel(lattice.lpsToVoxel, lps), at);
  for (let corner = 0; corner < CORNERS; corner++)
    if (bodyMask[at.cell + (lattice.cornerOffsets[corner] ?? NaN)]) return true;
  return false;
}
