/**
 * What a volume is, in patient LPS mm, and the working grid of one.
 * @module
 */
export { geometryOf } from './geometryOf.ts';
export { derivedUid, ownFrameOfReference } from './derivedUid.ts';
export { MAX_VOXELS, VOLUME_MODALITIES } from './types.ts';
export { workingGrid, workingGridSize } from './workingGrid.ts';
export type {
  Grid,
  InstanceContent,
  InstanceIdentity,
  Volume,
  VolumeGeometry,
  VolumeModality,
  VolumeWarning,
} from './types.ts';
