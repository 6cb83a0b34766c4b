import {
  affineFromColumns,
  axisStep,
  spacingOf,
  toLps,
  voxelIndex,
} from '../../server/src/geometry/index.ts';
import type { Affine } from '../../server/src/geometry/index.ts';
import { resample } from '../../server/src/resampling/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import type { Subject } from './files.ts';

/** Pixels of a CT of the trunk: 0.7 to 0.9 mm (400 mm on 512). */
const PIXEL_MM = 0.8;
/** HU outside the volume: not met, as the outer faces stay where they are. */
const OUTSIDE_HU = -1024;

/**
 * The subject with pixels as small as a scanner's. It gains no detail; but a follow-up of it is interpolated between such
 * pixels and gets its noise per pixel, and both are then averaged to the working grid, as with a real series. A follow-up of
 * stored voxels of 2 mm is blurrier and noisier on the working grid than any real one, and its errors are larger.
 */
export function withFinerPixels(subject: Subject): Subject {
  return {
    identity: pixelIdentity(subject, PIXEL_MM),
    load: async () => finerVolume(await subject.load()),
  };
}

/** The subject with pixels of about `pixelMm`; larger ones are those of a series that was resampled for an analysis. */
export function withPixels(subject: Subject, pixelMm: number): Subject {
  return {
    identity: pixelIdentity(subject, pixelMm),
    load: async () => volumeWithPixels(await subject.load(), pixelMm),
  };
}

function pixelIdentity({ identity }: Subject, pixelMm: number): string {
  return `${identity} pixels of ${pixelMm} mm`;
}

/** The volume with pixels as small as a scanner's, unless its own are as small. */
export function finerVolume(volume: Volume): Volume {
  const [sx, sy] = spacingOf(volume.voxelToLps);
  return Math.min(sx, sy) <= PIXEL_MM ? volume : volumeWithPixels(volume, PIXEL_MM);
}

/** Trilinear between voxel centres; the slices, and the outer faces of the volume, stay. */
export function volumeWithPixels(volume: Volume, pixelMm: number): Volume {
  const [nx, ny, nz] = volume.dims;
  const [sx, sy] = spacingOf(volume.voxelToLps);
  const countOf = (count: number, spacing: number): number => Math.round((count * spacing) / pixelMm);
  const dims = [countOf(nx, sx), countOf(ny, sy), nz] as const;
  const voxelToLps = refined(volume.voxelToLps, nx / dims[0], ny / dims[1]);
  const values = resample(volume, { dims, voxelToLps }, { outside: OUTSIDE_HU });
  return { ...volume, dims, voxelToLps, data: Int16Array.from(values, Math.round) };
}

/** The grid with pixels of these multiples of the old ones, within the same outer faces. */
function refined(old: Affine, timesX: number, timesY: number): Affine {
  const scaled = (axis: 0 | 1, by: number): [number, number, number] => {
    const [x, y, z] = axisStep(old, axis);
    return [by * x, by * y, by * z];
  };
  const first = toLps(old, voxelIndex((timesX - 1) / 2, (timesY - 1) / 2, 0));
  return affineFromColumns(scaled(0, timesX), scaled(1, timesY), axisStep(old, 2), first);
}
