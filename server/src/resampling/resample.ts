import { affineFromColumns, compose, invert } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { Grid, Volume } from '../volume/types.ts';
import { atOnce, inTurns } from '../concurrency/index.ts';
import { resampleOblique } from './oblique.ts';
import { isCoarser } from './axisWeights.ts';
import { alignedAxes, resampleAligned } from './separable.ts';
import type { Filling } from './separable.ts';
import type { SliceLayout } from './resamplingKernel.ts';

/** Options of {@link resample}. */
export interface ResampleOptions {
  /** Value of samples outside the outer voxel faces of the volume, e.g. -1000 HU. */
  readonly outside: number;
  /** Average over the voxel of the grid where it is coarser than the volume; without, plain interpolated samples. */
  readonly antialias?: boolean;
  readonly signal?: AbortSignal;
}

/** Voxels on a grid. */
export type VoxelSource = Pick<Volume, 'dims' | 'data' | 'voxelToLps'> & Partial<SliceLayout>;

/** Index map from a grid to a volume. */
function indexMap(volume: Grid, grid: Grid): Affine {
  return compose(invert(volume.voxelToLps), grid.voxelToLps);
}

function* steps(volume: VoxelSource, grid: Grid, filling: Filling): Generator<void, Float32Array> {
  const gridToVoxel = indexMap(volume, grid);
  const axes = alignedAxes(gridToVoxel);
  if (axes !== undefined) return yield* resampleAligned(volume, grid, gridToVoxel, axes, filling);
  const { outside } = filling;
  const coarse = filling.antialias ? coarseGrid(volume, gridToVoxel) : undefined;
  if (coarse === undefined) return yield* resampleOblique(volume, grid, gridToVoxel, outside);
  // Averaging along the volume's own axes first is separable, and reads each voxel once.
  const data = yield* resampleAligned(volume, coarse, indexMap(volume, coarse), [0, 1, 2], filling);
  return yield* resampleOblique({ dims: coarse.dims, data }, grid, indexMap(coarse, grid), outside);
}

/** Whether the grid is coarser than the volume along an axis: elsewhere {@link ResampleOptions.antialias} changes no value. */
export function averages(volume: Grid, grid: Grid): boolean {
  const gridToVoxel = indexMap(volume, grid);
  const axes = alignedAxes(gridToVoxel);
  if (axes === undefined) return coarseGrid(volume, gridToVoxel) !== undefined;
  return axes.some((column, row) => isCoarser(gridToVoxel[4 * row + column] ?? 0));
}

/** The volume's own box in whole steps about as wide as those of the grid; undefined where the grid is not coarser. */
function coarseGrid(volume: Grid, gridToVoxel: Affine): Grid | undefined {
  const sizeOf = (row: 0 | 1 | 2): number => {
    const step = Math.max(...[0, 1, 2].map((column) => Math.abs(gridToVoxel[4 * row + column] ?? 0)));
    return Math.max(1, Math.round(volume.dims[row] / Math.max(1, step)));
  };
  const dims = [sizeOf(0), sizeOf(1), sizeOf(2)] as const;
  if (dims.every((size, axis) => size === volume.dims[axis])) return undefined;
  const [a, b, c] = [volume.dims[0] / dims[0], volume.dims[1] / dims[1], volume.dims[2] / dims[2]];
  const toVolume = affineFromColumns(
    [a, 0, 0],
    [0, b, 0],
    [0, 0, c],
    [(a - 1) / 2, (b - 1) / 2, (c - 1) / 2],
  );
  return { dims, voxelToLps: compose(volume.voxelToLps, toVolume) };
}

/**
 * Values of a volume on another grid, i fastest, length = product of the grid's dims. Trilinear along the axes of
 * the volume, cubic where these are oblique to the grid; exact at voxel centres and for linear ramps; the outermost half
 * voxel repeats the border, as in SAM's preprocessing. Needs a fraction of a second and keeps the thread busy: a server uses {@link resampleCooperatively}.
 * @throws the signal's reason when it is aborted before the start.
 */
export function resample(volume: VoxelSource, grid: Grid, options: ResampleOptions): Float32Array {
  options.signal?.throwIfAborted();
  return atOnce(steps(volume, grid, fillingOf(options)));
}

/** The same, but other work gets its turn every few milliseconds, and an abort ends it (with the signal's reason). */
export async function resampleCooperatively(
  volume: VoxelSource,
  grid: Grid,
  options: ResampleOptions,
): Promise<Float32Array> {
  return await inTurns(steps(volume, grid, fillingOf(options)), options.signal);
}

function fillingOf({ antialias = false, outside }: ResampleOptions): Filling {
  return { antialias, outside };
}
