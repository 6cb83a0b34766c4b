import type { Volume, VolumeGeometry } from './types.ts';

/** The volume without its voxels. */
export function geometryOf(volume: Volume): VolumeGeometry {
  const {
    dims,
    voxelToLps,
    slices,
    studyInstanceUid,
    seriesInstanceUid,
    frameOfReferenceUid,
    modality,
    bodyPart,
    warnings,
  } = volume;
  return {
    dims,
    voxelToLps,
    slices,
    studyInstanceUid,
    seriesInstanceUid,
    frameOfReferenceUid,
    modality,
    ...(bodyPart === undefined ? {} : { bodyPart }),
    warnings,
  };
}
