import type { Embedding } from '../embedding/types.ts';
import { clampToStack, invert, locateInStack, toLps, toVoxel } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';

type VolumeGeometry = Embedding['volume'];

/**
 * The nearest point of the volume. The working grid may end up to half a working voxel beyond the volume; an answer there
 * would have no pixel to show.
 */
export function intoVolume(volume: VolumeGeometry, lps: LpsPoint): LpsPoint {
  if (locateInStack(volume, lps).outsideMm === 0) return lps;
  return toLps(volume.voxelToLps, clampToStack(volume, toVoxel(invert(volume.voxelToLps), lps)));
}
