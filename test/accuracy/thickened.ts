import { withOriginAt, spacingOf, voxelIndex } from '../../server/src/geometry/index.ts';
import type { Affine } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import type { Subject } from './files.ts';

/**
 * The subject with slices about `sliceMm` apart, each the mean of the slices that it covers: what a scanner makes of thin
 * ones. Voxels stay where they are in the patient.
 */
export function thickened(subject: Subject, sliceMm: number): Subject {
  return {
    identity: `${subject.identity} slices of ${sliceMm} mm`,
    load: async () => thickenedVolume(await subject.load(), sliceMm),
  };
}

/** Means of whole slices: a distance that is no multiple of the stored one becomes the nearest multiple. */
export function thickenedVolume(volume: Volume, sliceMm: number): Volume {
  const [nx, ny, nz] = volume.dims;
  const count = Math.max(1, Math.round(sliceMm / spacingOf(volume.voxelToLps)[2]));
  const depth = Math.floor(nz / count);
  if (count === 1) return volume;
  const plane = nx * ny;
  const data = new Int16Array(plane * depth);
  for (let k = 0; k < depth; k++)
    for (let at = 0; at < plane; at++) {
      let sum = 0;
      for (let n = 0; n < count; n++) sum += volume.data[(k * count + n) * plane + at] ?? NaN;
      data[k * plane + at] = Math.round(sum / count);
    }
  const m = withOriginAt(volume.voxelToLps, voxelIndex(0, 0, (count - 1) / 2));
  const voxelToLps: Affine = [
    m[0], m[1], m[2] * count, m[3],
    m[4], m[5], m[6] * count, m[7],
    m[8], m[9], m[10] * count, m[11],
  ]; // prettier-ignore
  const slices = Array.from({ length: depth }, (_, k) => volume.slices[k * count]!);
  return { ...volume, dims: [nx, ny, depth], data, voxelToLps, slices };
}
