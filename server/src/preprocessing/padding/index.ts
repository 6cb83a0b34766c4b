/**
 * Voxels of a CT that were never acquired: outside the reconstruction circle, and what resampling adds around a volume. Scanners fill
 * them with one value: -1024, -2000, -3024, and sometimes 0, which is water.
 * @module
 */
import type { ValueGrid } from '../preprocess.ts';
import { reachedFromBorders } from '../regions.ts';

/** Below the density of air, whatever the scanner's calibration; HU. */
const NOT_ACQUIRED_HU = -1050;
/** Share of the corners of all slices that have one and the same value where it is padding. Noise never repeats a mean exactly. */
const SHARE_OF_CORNERS = 0.7;

/** 1 for padding: voxels of the padding value, or below any air, that the border of their axial slice reaches. HU. */
export function paddingOf({ values, dims }: ValueGrid): Uint8Array {
  const isCandidate = new Uint8Array(values.length);
  const value = commonCornerValue({ values, dims });
  if (value === undefined && lowest(values) >= NOT_ACQUIRED_HU) return isCandidate;
  for (let voxel = 0; voxel < values.length; voxel += 1) {
    const hu = values[voxel] ?? 0;
    isCandidate[voxel] = hu === value || hu < NOT_ACQUIRED_HU ? 1 : 0;
  }
  const padding = reachedFromBorders(isCandidate, dims);
  // A volume of one value is no padding.
  return padding.includes(0) ? padding : padding.fill(0);
}

function lowest(values: ValueGrid['values']): number {
  let result = Infinity;
  for (let voxel = 0; voxel < values.length; voxel += 1) result = Math.min(result, values[voxel] ?? Infinity);
  return result;
}

/** The value that most corners of the slices have; undefined where they differ. */
function commonCornerValue({ values, dims: [nz, ny, nx] }: ValueGrid): number | undefined {
  const counts = new Map<number, number>();
  for (let z = 0; z < nz; z += 1) {
    for (const corner of [0, nx - 1, (ny - 1) * nx, ny * nx - 1]) {
      const hu = values[z * ny * nx + corner] ?? 0;
      counts.set(hu, (counts.get(hu) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most !== undefined && most[1] >= SHARE_OF_CORNERS * 4 * nz ? most[0] : undefined;
}
