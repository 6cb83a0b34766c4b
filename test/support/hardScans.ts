/**
 * Scans that are right but unusual: little of the body, more than one, or what does not belong to it.
 * @module
 */
import { lpsPoint, perAxis, toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';

const AIR_HU = -1000;

/** The voxels from `first` to `last` along each axis. */
export function cropped(
  volume: Volume,
  first: readonly [number, number, number],
  last: readonly [number, number, number],
): Volume {
  const { data, dims, voxelToLps: m } = volume;
  const [nx, ny, nz] = perAxis((axis) => last[axis] - first[axis] + 1);
  const out = new Int16Array(nx * ny * nz);
  for (let k = 0, at = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++, at++)
        out[at] = data[first[0] + i + dims[0] * (first[1] + j + dims[1] * (first[2] + k))]!;
  const [x, y, z] = toLps(m, voxelIndex(...first));
  return {
    ...volume,
    data: out,
    dims: [nx, ny, nz],
    voxelToLps: [m[0], m[1], m[2], x, m[4], m[5], m[6], y, m[8], m[9], m[10], z],
    slices: volume.slices.slice(first[2], last[2] + 1),
  };
}

/** The volume with other values where `huAt` gives one; LPS, mm. */
export function painted(volume: Volume, huAt: (lps: LpsPoint, hu: number) => number | undefined): Volume {
  const { dims, voxelToLps } = volume;
  const data = volume.data.slice();
  for (let k = 0, at = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++, at++) {
        const hu = huAt(toLps(voxelToLps, voxelIndex(i, j, k)), data[at]!);
        if (hu !== undefined) data[at] = Math.round(hu);
      }
  return { ...volume, data };
}

/** A limb of muscle with a bone in its middle, from one end to the other; LPS, mm. */
export function limbAt(
  from: LpsPoint,
  to: LpsPoint,
  radiusMm: number,
): (lps: LpsPoint) => number | undefined {
  const along = [to[0] - from[0], to[1] - from[1], to[2] - from[2]] as const;
  const squared = along[0] ** 2 + along[1] ** 2 + along[2] ** 2;
  return ([x, y, z]) => {
    const offset = [x - from[0], y - from[1], z - from[2]] as const;
    const share = (offset[0] * along[0] + offset[1] * along[1] + offset[2] * along[2]) / squared;
    if (share < 0 || share > 1) return undefined;
    const distance = Math.hypot(
      offset[0] - share * along[0],
      offset[1] - share * along[1],
      offset[2] - share * along[2],
    );
    if (distance > radiusMm) return undefined;
    return distance < radiusMm / 3 ? 700 : 55;
  };
}

/** A scan whose field of view is half as wide again to the left, with the patient at half the size in it. */
export function withSmallerPatient(volume: Volume): {
  readonly volume: Volume;
  /** Where a point of the patient is in the smaller one, LPS mm. */
  readonly inSmaller: (lps: LpsPoint) => LpsPoint;
} {
  const { data, dims, voxelToLps: m } = volume;
  const [nx, ny, nz] = dims;
  const width = nx + (nx >> 1);
  const out = new Int16Array(width * ny * nz).fill(AIR_HU);
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) out[i + width * (j + ny * k)] = data[i + nx * (j + ny * k)]!;
  for (let k = 0; 2 * k < nz; k++)
    for (let j = 0; 2 * j < ny; j++)
      for (let i = 0; 2 * i < nx; i++)
        out[nx + i + width * (j + ny * k)] = data[2 * i + nx * (2 * j + ny * 2 * k)]!;
  const origin = toLps(m, voxelIndex(0, 0, 0));
  const corner = toLps(m, voxelIndex(nx, 0, 0));
  return {
    volume: { ...volume, data: out, dims: [width, ny, nz] },
    inSmaller: (lps) =>
      lpsPoint(
        corner[0] + (lps[0] - origin[0]) / 2,
        corner[1] + (lps[1] - origin[1]) / 2,
        corner[2] + (lps[2] - origin[2]) / 2,
      ),
  };
}
