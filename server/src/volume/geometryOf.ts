import type { Volume, VolumeGeometry } from './types.ts';

/** The volume without its voxels. */
export function geometryOf(volume: Volume): VolumeGeometry {
  const { data, instances, reduced, ...geometry } = volume;
  return geometry;
}
