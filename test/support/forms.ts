/**
 * The forms of a model compared: the same weights as int8 for the CPU and as floats for accelerators.
 * @module
 */
import type { Embedding, EmbeddingMap } from '../../server/src/embedding/index.ts';
import {
  distanceMm,
  invert,
  lpsPoint,
  perAxis,
  toLps,
  toVoxel,
  voxelIndex,
} from '../../server/src/geometry/index.ts';
import type { Affine, LpsPoint } from '../../server/src/geometry/index.ts';
import type { PointOutcome } from '../../server/src/matching/index.ts';
import { formFor } from '../../server/src/model/layout.ts';
import { createRegistry } from '../../server/src/model/registry.ts';
import type { Model, ModelRegistry } from '../../server/src/model/registry.ts';
import type { Volume } from '../../server/src/volume/types.ts';

/** The model with the graphs that an accelerator would run, for the CPU. */
export function floatForm(model: Model): ModelRegistry {
  const { graphs } = formFor(model.manifest, 'webgpu');
  return createRegistry([{ ...model, manifest: { ...model.manifest, graphs, forms: undefined } }]);
}

/** Distances between two lists of answers to the same points, mm, in ascending order; a point that only one answers is infinitely far. */
export function differences(one: readonly PointOutcome[], other: readonly PointOutcome[]): readonly number[] {
  return one
    .map((outcome, n) => apart(placeOf(outcome), placeOf(other[n])))
    .filter((mm) => !Number.isNaN(mm))
    .sort((a, b) => a - b);
}

function placeOf(outcome: PointOutcome | undefined): LpsPoint | undefined {
  return outcome?.ok === true ? outcome.match.target.lps : undefined;
}

/** NaN where both have no answer. */
function apart(a: LpsPoint | undefined, b: LpsPoint | undefined): number {
  if (a === undefined || b === undefined) return a === b ? NaN : Infinity;
  return distanceMm(a, b);
}

/** The value below which a share of an ascending list lies. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? NaN;
}

/** A box of a volume around a place, as a series of its own. */
export function boxAround(volume: Volume, lps: LpsPoint, dims: Volume['dims']): Volume {
  const centre = toVoxel(invert(volume.voxelToLps), lps);
  const first = perAxis((axis) => Math.round(centre[axis] - dims[axis] / 2));
  const [width, height, depth] = dims;
  const data = new Int16Array(width * height * depth);
  let at = 0;
  for (let k = 0; k < depth; k += 1)
    for (let j = 0; j < height; j += 1) {
      const row = ((k + first[2]) * volume.dims[1] + j + first[1]) * volume.dims[0] + first[0];
      for (let i = 0; i < width; i += 1, at += 1) data[at] = volume.data[row + i] ?? 0;
    }
  const [x, y, z] = toLps(volume.voxelToLps, voxelIndex(...first));
  const { voxelToLps: m } = volume;
  const voxelToLps: Affine = [m[0], m[1], m[2], x, m[4], m[5], m[6], y, m[8], m[9], m[10], z];
  return { ...volume, dims, data, voxelToLps, slices: volume.slices.slice(0, depth) };
}

/** Cosines between the vectors of two maps of equal size, in ascending order; where only one has a vector it is 0. */
export function cosines(one: EmbeddingMap, other: EmbeddingMap): readonly number[] {
  const { channels } = one;
  const found: number[] = [];
  for (let voxel = 0; voxel < one.inverseNorms.length; voxel += 1) {
    const [a = 0, b = 0] = [one.inverseNorms[voxel], other.inverseNorms[voxel]];
    if (a === 0 && b === 0) continue;
    let sum = 0;
    for (let at = voxel * channels; at < (voxel + 1) * channels; at += 1)
      sum += (one.vectors[at] ?? 0) * (other.vectors[at] ?? 0);
    found.push(sum * a * b);
  }
  return found.sort((a, b) => a - b);
}

/** Points of a lattice inside the body of an embedding, about `count` of them. */
export function placesIn({ bodyMask, maps }: Embedding, count: number): readonly LpsPoint[] {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) throw new RangeError('no fine map');
  const { dims, voxelToLps } = fine.grid;
  const [nx, ny] = dims;
  const inside = Array.from(bodyMask.keys()).filter((voxel) => bodyMask[voxel] === 1);
  const step = Math.max(1, Math.floor(inside.length / count));
  return inside
    .filter((_, n) => n % step === 0)
    .map((voxel) => {
      const index = voxelIndex(voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / nx / ny));
      const [x, y, z] = toLps(voxelToLps, index);
      return lpsPoint(x, y, z);
    });
}
