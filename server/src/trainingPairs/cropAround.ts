import type { Embedding } from '../embedding/index.ts';
import { invert, perAxis, toVoxel, voxelIndex, withOriginAt } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { Volume } from '../volume/index.ts';

/** What lies beyond the image, HU: air. Images of other modalities have no negative values. */
const AIR_HU = -1024;

/**
 * A cube of the working image of an embedding, with a place (LPS, mm) in its middle: the voxel nearest to it has the index `size / 2` along
 * each axis. What lies beyond the image is air (CT) or 0.
 */
export function cropAround(
  { image, volume }: Pick<Embedding, 'image' | 'volume'>,
  lps: LpsPoint,
  size: number,
): Pick<Volume, 'dims' | 'data' | 'voxelToLps'> {
  const { grid, values, scale } = image;
  const centre = toVoxel(invert(grid.voxelToLps), lps);
  const first = perAxis((axis) => Math.round(centre[axis]) - Math.floor(size / 2));
  const outside = volume.modality === 'CT' ? AIR_HU : 0;
  const crop = scale === 1 ? new Int16Array(size ** 3) : new Float32Array(size ** 3);
  const [ni, nj] = grid.dims;
  let at = 0;
  for (let k = first[2]; k < first[2] + size; k++)
    for (let j = first[1]; j < first[1] + size; j++)
      for (let i = first[0]; i < first[0] + size; i++) {
        const isIn = [i, j, k].every((index, axis) => index >= 0 && index < (grid.dims[axis] ?? 0));
        crop[at++] = isIn ? (values[(k * nj + j) * ni + i] ?? NaN) * scale : outside;
      }
  return {
    dims: [size, size, size],
    data: crop,
    voxelToLps: withOriginAt(grid.voxelToLps, voxelIndex(...first)),
  };
}
