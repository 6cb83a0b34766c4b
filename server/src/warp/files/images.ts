/**
 * Images on the grid of the fixed series as NIfTI files, slice by slice.
 * @module
 */
import type { Grid, Volume, VolumeModality } from '../../volume/types.ts';
import type { DisplacementField } from '../types.ts';
import { warpedSlices } from '../image/warpSlices.ts';
import { bytesOf, niftiHeader } from './nifti.ts';

/** Modality value of voxels that the moving series does not show: air in CT, no signal elsewhere. */
export const OUTSIDE: Readonly<Record<VolumeModality, number>> = { CT: -1024, MR: 0, PT: 0 };

/** The moving series on the grid of the fixed one: the parts of a .nii file, with the type of the moving series' values. */
export function* warpedImage(
  { dims, voxelToLps }: Grid,
  moving: Volume,
  field: DisplacementField,
): Generator<Uint8Array, void> {
  const type = moving.data instanceof Int16Array ? 'int16' : 'float32';
  yield niftiHeader({ dims, voxelToLps, type, description: 'Samepoint: moving series on the fixed grid' });
  for (const slice of warpedSlices({ dims, voxelToLps }, moving, field, OUTSIDE[moving.modality]))
    yield bytesOf(type === 'int16' ? rounded(slice) : slice);
}

/** The nearest integers. */
export function rounded(values: Float32Array): Int16Array {
  return Int16Array.from(values, (value) => Math.round(value));
}
