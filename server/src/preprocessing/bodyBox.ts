/**
 * The part of a working grid that holds the body: a third to a half of a scan is air and table, and the network would
 * spend as long on them as on the patient.
 * @module
 */
import { axisStep, perAxis, toLps, voxelIndex, withOriginAt } from '../geometry/index.ts';
import { resample, voxelsOf } from '../resampling/index.ts';
import { workingGrid } from '../volume/index.ts';
import type { Grid, Volume, VolumeModality } from '../volume/types.ts';
import { bodyMask } from './bodyMask.ts';

/** Voxels in which the body is looked for, mm: coarse enough to cost a few ms, fine enough for a finger. */
const SEARCH_MM = 8;
/** An arm of 50 mL after the opening, which removes most of it at this size of voxels. */
const SMALLEST_BODY_VOXELS = 100;
/** Air kept around: the body may begin anywhere in the search voxel beside the outermost one, and skin wants contrast. */
const MARGIN_MM = 2 * SEARCH_MM;

/** What is needed of a volume. */
export type BodySource = Pick<Volume, 'dims' | 'data' | 'voxelToLps' | 'reduced'> & {
  readonly modality: VolumeModality;
};

/**
 * Whole voxels of `grid` (aligned with the patient axes) around the body of a volume and a margin; all of it where no
 * body is found, which is for the body mask to judge.
 * @param outside modality value beyond the volume.
 */
export function bodyGrid(volume: BodySource, grid: Grid, outside: number): Grid {
  const search = workingGrid(volume, SEARCH_MM);
  const [nx, ny, nz] = search.dims;
  const values = resample(voxelsOf(volume, 'points'), search, { outside });
  const mask = bodyMask({ values, dims: [nz, ny, nx] }, volume.modality, SMALLEST_BODY_VOXELS);
  const box = boxOf(mask, search.dims);
  if (box === undefined) return grid;
  const low = toLps(search.voxelToLps, voxelIndex(box.low[0] - 0.5, box.low[1] - 0.5, box.low[2] - 0.5));
  const high = toLps(search.voxelToLps, voxelIndex(box.high[0] + 0.5, box.high[1] + 0.5, box.high[2] + 0.5));
  return cutTo(
    grid,
    low.map((mm) => mm - MARGIN_MM),
    high.map((mm) => mm + MARGIN_MM),
  );
}

interface IndexBox {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
}

/** First and last index along x, y, z that hold a 1; undefined where none does. */
function boxOf(mask: Uint8Array, [nx, ny, nz]: Grid['dims']): IndexBox | undefined {
  const low: [number, number, number] = [nx, ny, nz];
  const high: [number, number, number] = [-1, -1, -1];
  for (let voxel = mask.indexOf(1); voxel >= 0; voxel = mask.indexOf(1, voxel + 1)) {
    const index = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / nx / ny)] as const;
    for (const axis of [0, 1, 2] as const) {
      low[axis] = Math.min(low[axis], index[axis]);
      high[axis] = Math.max(high[axis], index[axis]);
    }
  }
  return high[0] < 0 ? undefined : { low, high };
}

/** The voxels of an axis-aligned grid that touch the box from `low` to `high`, LPS mm. */
function cutTo(grid: Grid, low: readonly number[], high: readonly number[]): Grid {
  const { voxelToLps } = grid;
  const origin = toLps(voxelToLps, voxelIndex(0, 0, 0));
  const [[x, nx], [y, ny], [z, nz]] = perAxis((axis) => {
    const step = axisStep(voxelToLps, axis)[axis];
    const indexOf = (mm: number | undefined): number => Math.round(((mm ?? 0) - origin[axis]) / step);
    const first = Math.max(0, indexOf(low[axis]));
    return [first, Math.min(grid.dims[axis] - 1, indexOf(high[axis])) - first + 1] as const;
  });
  return { dims: [nx, ny, nz], voxelToLps: withOriginAt(voxelToLps, voxelIndex(x, y, z)) };
}
