/**
 * Part 10 instances to a volume in patient LPS mm, and volumes to working grids.
 * @module
 */
export { createFrameDecoder } from './decoding/frameDecoder.ts';
export { giveBack } from '../concurrency/index.ts';
export { geometryOf } from './geometryOf.ts';
export { requireHounsfield } from './assembly/hounsfield.ts';
export { readInstance } from './compareInstance.ts';
export type { SingleInstance } from './compareInstance.ts';
export { derivedUid } from './derivedUid.ts';
export { MAX_VOXELS, readVolume } from './readVolume.ts';
export type { ReadVolumeOptions } from './readVolume.ts';
export { voxelsOf } from './reduction/source.ts';
export type { Sampling } from './reduction/types.ts';
export { resample, resampleCooperatively } from './resampling/resample.ts';
export { workingGrid } from './resampling/workingGrid.ts';
export type {
  Grid,
  InstanceContent,
  InstanceIdentity,
  Volume,
  VolumeGeometry,
  VolumeModality,
  VolumeWarning,
} from './types.ts';
export type { FrameDecoder } from './readInstance.ts';
export { VOLUME_MODALITIES } from './types.ts';
