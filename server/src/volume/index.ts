/**
 * Room 2: Part 10 instances (or a NIfTI file) to a volume in patient LPS mm, and volumes to working grids.
 * @module
 */
export { createFrameDecoder } from './codecs/frameDecoder.ts';
export { giveBack } from './giveBack.ts';
export { geometryOf } from './geometryOf.ts';
export { readNifti } from './nifti/readNifti.ts';
export { readInstance } from './compareInstance.ts';
export type { SingleInstance } from './compareInstance.ts';
export { MAX_VOXELS, readVolume } from './readVolume.ts';
export type { ReadVolumeOptions } from './readVolume.ts';
export { resample, resampleCooperatively } from './resampling/resample.ts';
export type { ResampleOptions } from './resampling/resample.ts';
export { boundingBox, workingGrid } from './resampling/workingGrid.ts';
export type {
  EncodedFrame,
  FrameDecoder,
  Grid,
  InstanceContent,
  InstanceIdentity,
  PixelFormat,
  SliceSource,
  Volume,
  VolumeGeometry,
  VolumeModality,
  VolumeWarning,
} from './types.ts';
