/**
 * What goes wrong with a series before it reaches the matcher: lying patients that the tags call otherwise, other slices, less of
 * the body, metal. Each gives the volume and says where its anatomy went.
 * @module
 */
import { invert, lpsPoint, perAxis, toLps, toVoxel, voxelIndex } from '../../server/src/geometry/index.ts';
import type { Affine, LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';

/** A changed series; `moved` is where a point of the unchanged one shows now (LPS, mm). */
export interface Variant {
  readonly volume: Volume;
  moved(lps: LpsPoint): LpsPoint;
}

const still = (lps: LpsPoint): LpsPoint => lps;

function newSeries(volume: Volume, name: string): Pick<Volume, 'seriesInstanceUid' | 'slices'> {
  return {
    seriesInstanceUid: `${volume.seriesInstanceUid.slice(0, 50)}.${name}`,
    slices: Array.from({ length: volume.dims[2] }, (_, k) => ({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `${volume.seriesInstanceUid.slice(0, 44)}.${name}.${k + 1}`,
    })),
  };
}

/** The voxels read backwards along some axes. */
function reversed({ data, dims }: Volume, axes: readonly boolean[]): Volume['data'] {
  const [nx, ny, nz] = dims;
  const out = data.slice();
  const along = (x: number, axis: 0 | 1 | 2): number => (axes[axis] === true ? dims[axis] - 1 - x : x);
  for (let k = 0, at = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++, at++) out[at] = data[(along(k, 2) * ny + along(j, 1)) * nx + along(i, 0)]!;
  return out;
}

/** The affine of a grid whose axes are counted from the other end. */
function countedBackwards({ dims, voxelToLps: m }: Volume, axes: readonly boolean[]): Affine {
  const at = voxelIndex(...perAxis((a) => (axes[a] === true ? dims[a] - 1 : 0)));
  const origin = toLps(m, at);
  const [i, j, k] = perAxis((a) => (axes[a] === true ? -1 : 1));
  return [
    i * m[0], j * m[1], k * m[2], origin[0],
    i * m[4], j * m[5], k * m[6], origin[1],
    i * m[8], j * m[9], k * m[10], origin[2],
  ]; // prettier-ignore
}

/** Stored from the other ends, and tagged so: the same patient in the same place. */
export function storedBackwards(volume: Volume, axes: readonly boolean[]): Variant {
  const changed = { ...volume, data: reversed(volume, axes), voxelToLps: countedBackwards(volume, axes) };
  return { volume: { ...changed, ...newSeries(changed, '1') }, moved: still };
}

/** Lying the other way round, and tagged as if not: the patient is turned by half a turn about the omitted axis. */
export function turned(volume: Volume, axes: readonly boolean[]): Variant {
  const changed = { ...volume, data: reversed(volume, axes) };
  const there = countedBackwards(volume, axes);
  const back = invert(volume.voxelToLps);
  return {
    volume: { ...changed, ...newSeries(changed, '2') },
    moved: (lps) => toLps(there, toVoxel(back, lps)),
  };
}

/** Reconstructed with slices of another thickness: each is the mean over it. */
export function resliced(volume: Volume, sliceMm: number): Variant {
  const { data, dims, voxelToLps: m } = volume;
  const plane = dims[0] * dims[1];
  const ratio = sliceMm / m[10];
  const count = Math.floor(dims[2] / ratio);
  const out = new Int16Array(plane * count);
  const samples = Math.max(1, Math.round(ratio * 4));
  for (let k = 0; k < count; k++) {
    for (let s = 0; s < samples; s++) {
      const z = Math.min(Math.max((k + (s + 0.5) / samples) * ratio - 0.5, 0), dims[2] - 1);
      const low = Math.min(Math.floor(z), Math.max(dims[2] - 2, 0));
      const [a, b] = [(low + 1 - z) / samples, (z - low) / samples];
      for (let p = 0; p < plane; p++)
        out[k * plane + p]! += Math.round(a * data[low * plane + p]! + b * data[(low + 1) * plane + p]!);
    }
  }
  const origin = toLps(m, voxelIndex(0, 0, ratio / 2 - 0.5));
  const voxelToLps: Affine = [
    m[0],
    m[1],
    m[2],
    origin[0],
    m[4],
    m[5],
    m[6],
    origin[1],
    m[8],
    m[9],
    sliceMm,
    origin[2],
  ];
  const changed: Volume = { ...volume, data: out, dims: [dims[0], dims[1], count], voxelToLps };
  return { volume: { ...changed, ...newSeries(changed, `3.${Math.round(sliceMm * 10)}`) }, moved: still };
}

/** Only the slices from `first` to `last`. */
export function cut(volume: Volume, first: number, last: number): Variant {
  const { data, dims, voxelToLps: m } = volume;
  const plane = dims[0] * dims[1];
  const origin = toLps(m, voxelIndex(0, 0, first));
  const changed: Volume = {
    ...volume,
    data: data.slice(first * plane, (last + 1) * plane),
    dims: [dims[0], dims[1], last + 1 - first],
    voxelToLps: [m[0], m[1], m[2], origin[0], m[4], m[5], m[6], origin[1], m[8], m[9], m[10], origin[2]],
  };
  return { volume: { ...changed, ...newSeries(changed, '4') }, moved: still };
}

const METAL_HU = 3071;
const METAL_RADIUS_MM = 9;
const STREAK_HU = 700;
/** Streaks fade to a third over this distance, mm. */
const STREAK_REACH_MM = 45;
/** Bright and dark streaks around the metal. */
const STREAKS = 9;

/** A metal implant with streaks in its slices. */
export function withMetal(volume: Volume, at: LpsPoint): Variant {
  const { dims, voxelToLps } = volume;
  const data = volume.data.slice();
  for (let k = 0, n = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++, n++) {
        const [x, y, z] = toLps(voxelToLps, voxelIndex(i, j, k));
        const [dx, dy, dz] = [x - at[0], y - at[1], z - at[2]];
        if (Math.abs(dz) > METAL_RADIUS_MM) continue;
        const distance = Math.hypot(dx, dy);
        const streak =
          STREAK_HU * Math.cos(STREAKS * Math.atan2(dy, dx)) * Math.exp(-distance / STREAK_REACH_MM);
        const hu = Math.hypot(distance, dz) < METAL_RADIUS_MM ? METAL_HU : data[n]! + streak;
        data[n] = Math.round(Math.min(Math.max(hu, -1024), METAL_HU));
      }
  const changed = { ...volume, data };
  return { volume: { ...changed, ...newSeries(changed, '5') }, moved: still };
}

/** A point beside another one, mm. */
export function beside(lps: LpsPoint, dx: number, dy: number, dz: number): LpsPoint {
  return lpsPoint(lps[0] + dx, lps[1] + dy, lps[2] + dz);
}
