import { affineFromColumns, compose } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import type { ReducedVoxels, Volume } from '../../volume/types.ts';
import type { VoxelSource } from '../resample.ts';
import type { InPlanePlan, Layer } from './types.ts';

/** Where the voxels of reduced slices are. @param voxelToLps of all pixels */
export function reducedVoxels(
  { u, v, layers }: InPlanePlan,
  slices: number,
  voxelToLps: Affine,
): ReducedVoxels {
  const toPixels = affineFromColumns([u.scale, 0, 0], [0, v.scale, 0], [0, 0, 1], [u.offset, v.offset, 0]);
  return { dims: [u.samples, v.samples, slices], voxelToLps: compose(voxelToLps, toPixels), layers };
}

/** The voxels of a volume to be resampled: its own, or those of a layer of reduced ones. */
export function voxelsOf(
  volume: Pick<Volume, 'dims' | 'data' | 'voxelToLps' | 'reduced'>,
  layer: Layer,
): VoxelSource {
  const { reduced, data } = volume;
  if (reduced === undefined) return volume;
  const { dims, voxelToLps, layers } = reduced;
  const cells = dims[0] * dims[1];
  const first = cells * Math.max(0, layers.indexOf(layer));
  return { dims, voxelToLps, data: data.subarray(first), sliceStep: cells * layers.length };
}
