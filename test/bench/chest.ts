import { lpsPoint, resample, toLps, voxelIndex, workingGrid } from '@samepoint/server';
import type { Volume } from '@samepoint/server';

/** The chest whose embedding is the agreed measure: 352 x 352 x 300 mm. */
const DIMS = [176, 176, 150] as const;
const MM = 2;
const OUTSIDE_HU = -1024;

/** Index within n voxels of a place beyond them, mirrored at the ends: anatomy goes on, nothing is repeated at once. */
function mirrored(index: number, n: number): number {
  const period = 2 * n;
  const at = ((index % period) + period) % period;
  return at < n ? at : period - 1 - at;
}

/**
 * The middle of a real chest CT as a volume of exactly 176 x 176 x 150 voxels of 2 mm: cut in plane, mirrored along z where the
 * scan is shorter.
 */
export function standardChest(source: Volume): Volume {
  const grid = workingGrid(source, MM);
  const values = resample(source, grid, { outside: OUTSIDE_HU, antialias: true });
  const [nx, ny, nz] = grid.dims;
  const first = DIMS.map((size, axis) => Math.floor(((grid.dims[axis] ?? 0) - size) / 2));
  const [x0 = 0, y0 = 0, z0 = 0] = first;
  const data = new Int16Array(DIMS[0] * DIMS[1] * DIMS[2]);
  let at = 0;
  for (let k = 0; k < DIMS[2]; k++)
    for (let j = 0; j < DIMS[1]; j++) {
      const row = nx * (mirrored(y0 + j, ny) + ny * mirrored(z0 + k, nz));
      for (let i = 0; i < DIMS[0]; i++) data[at++] = values[row + mirrored(x0 + i, nx)] ?? OUTSIDE_HU;
    }
  const [x, y, z] = toLps(grid.voxelToLps, voxelIndex(x0, y0, z0));
  const origin = lpsPoint(x, y, z);
  const [slice] = source.slices;
  if (slice === undefined) throw new RangeError('a volume has slices');
  return {
    ...source,
    dims: DIMS,
    data,
    voxelToLps: [MM, 0, 0, origin[0], 0, MM, 0, origin[1], 0, 0, MM, origin[2]],
    slices: Array.from({ length: DIMS[2] }, () => slice),
  };
}
