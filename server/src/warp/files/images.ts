/**
 * Images on the grid of the fixed series as NIfTI files, slice by slice.
 * @module
 */
import { bytesOf, niftiHeader } from '../../nifti/index.ts';
import type { Grid, Volume, VolumeModality } from '../../volume/types.ts';
import type { DisplacementField } from '../types.ts';
import { warpedSlices } from '../image/warpSlices.ts';

/** Modality value of voxels that the moving series does not show: air in CT, no signal elsewhere. */
const OUTSIDE: Readonly<Record<VolumeModality, number>> = { CT: -1024, MR: 0, PT: 0 };

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

/** The moving series on the grid of the fixed one, rounded and limited to 16 signed bits. */
export function* warpedIntegers(
  grid: Grid,
  moving: Volume,
  field: DisplacementField,
): Generator<Int16Array, void> {
  for (const slice of warpedSlices(grid, moving, field, OUTSIDE[moving.modality])) yield rounded(slice);
}

/** The nearest integers of 16 signed bits. */
function rounded(values: Float32Array): Int16Array {
  return Int16Array.from(values, (value) => Math.min(Math.max(Math.round(value), -32768), 32767));
}

/** Differences on a grid: the parts of a .nii file of int16. */
export function* differenceFile(
  { dims, voxelToLps }: Grid,
  slices: Iterable<Int16Array>,
): Generator<Uint8Array, void> {
  const description = 'Samepoint: computed difference, not for diagnosis; -32768 is blank';
  yield niftiHeader({ dims, voxelToLps, type: 'int16', description });
  for (const slice of slices) yield bytesOf(slice);
}
