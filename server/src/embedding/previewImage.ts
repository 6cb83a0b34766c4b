/**
 * Preview image of a series: intensities in voxels of about 8 mm and where the body is. Small enough to register two series
 * in a fraction of a second, long before their embeddings are there.
 * @module
 */
import { affineFromColumns, axisStep, spacingOf, toLps, voxelIndex } from '../geometry/index.ts';
import { geometryOf, workingGrid } from '../volume/index.ts';
import { resampleCooperatively, voxelsOf } from '../resampling/index.ts';
import type { Grid, Volume, VolumeModality } from '../volume/types.ts';
import { blockMeans, bodyMask, toImage } from '../preprocessing/index.ts';
import type { TensorDims } from '../preprocessing/index.ts';
import type { Embedding, PreviewImage } from './types.ts';

/** Edge of a voxel, mm: a vertebra is three of them. */
const PREVIEW_MM = 8;
/** A voxel is the mean of this many point samples per axis: averaging over all of a volume needs ten times as long. */
const SAMPLES = 2;
/** Modality value beyond the volume. */
const OUTSIDE: Readonly<Record<VolumeModality, number>> = { CT: -1024, MR: 0, PT: 0 };

/** The preview image of a volume that has just been read; about 50 ms for a chest, in small steps. */
export async function previewImageOf(volume: Volume, signal?: AbortSignal): Promise<PreviewImage> {
  const grid = workingGrid(volume, PREVIEW_MM / SAMPLES);
  const outside = OUTSIDE[volume.modality];
  const values = await resampleCooperatively(voxelsOf(volume, 'points'), grid, {
    outside,
    ...(signal ? { signal } : {}),
  });
  return reduce(values, grid, SAMPLES, geometryOf(volume));
}

/** The preview image of a series whose embedding is at hand. */
export function previewImageOfEmbedding({ image, volume }: Embedding): PreviewImage {
  const [spacing] = spacingOf(image.grid.voxelToLps);
  const block = Math.max(1, Math.round(PREVIEW_MM / spacing));
  return reduce(image.values, image.grid, block, volume);
}

/** Means over blocks; the last block of an axis may be cut. */
function reduce(
  values: Float32Array | Int16Array,
  grid: Grid,
  block: number,
  volume: PreviewImage['volume'],
): PreviewImage {
  const [nx, ny, nz] = grid.dims;
  const dims: TensorDims = [Math.ceil(nz / block), Math.ceil(ny / block), Math.ceil(nx / block)];
  const centre = (block - 1) / 2;
  const stride: TensorDims = [block, block, block];
  const means = blockMeans({ values, dims: [nz, ny, nx] }, dims, stride, [centre, centre, centre]);
  const step = (axis: 0 | 1 | 2): readonly [number, number, number] => {
    const [x, y, z] = axisStep(grid.voxelToLps, axis);
    return [x * block, y * block, z * block];
  };
  const origin = toLps(grid.voxelToLps, voxelIndex(centre, centre, centre));
  const reduced: Grid = {
    dims: [dims[2], dims[1], dims[0]],
    voxelToLps: affineFromColumns(step(0), step(1), step(2), origin),
  };
  return {
    volume,
    image: toImage(means.values, reduced, volume.modality),
    bodyMask: bodyMask(means, volume.modality),
  };
}
