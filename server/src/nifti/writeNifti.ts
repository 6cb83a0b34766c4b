import type { Volume } from '../volume/types.ts';
import { bytesOf, niftiHeader } from './writeHeader.ts';

/**
 * A NIfTI-1 file (.nii, little-endian, int16 or float32) of a volume, with its place as sform in RAS. The same volume gives the same
 * bytes. NIfTI has neither UIDs nor modality.
 */
export function writeNifti({ dims, data, voxelToLps }: Pick<Volume, 'dims' | 'data' | 'voxelToLps'>): Buffer {
  const type = data instanceof Int16Array ? 'int16' : 'float32';
  return Buffer.concat([niftiHeader({ dims, voxelToLps, type, world: 'aligned' }), bytesOf(data)]);
}
