/**
 * Instance optimisation: displacements moved until the embeddings at their ends are alike (ConvexAdam, Siebert et al. 2022; SAMConvex).
 * @module
 */
import { AXES, invert, lpsPoint, perAxis, toVoxel } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { DenseMap } from '../../coupledConvex/index.ts';
import { directionsAt } from '../../search/index.ts';
import type { SearchSpace } from '../../search/index.ts';
import { adam, addDiffusion } from './adam.ts';

/** Steps, learning rate and smoothing of the paper; the diffusion weight is for displacements in voxels of the embedding. */
export const INSTANCE_PARAMETERS = {
  instanceSteps: 50,
  learningRate: 0.05,
  diffusionWeight: 1,
  boxSmoothings: 3,
} as const;

/** The map with optimised displacements. */
export function optimised(
  query: SearchSpace,
  target: SearchSpace,
  guess: (lps: LpsPoint) => LpsPoint,
  dense: DenseMap,
): DenseMap {
  const { displacements, isActive } = dense;
  const { map } = target.maps[0];
  const lpsToVoxel = invert(map.grid.voxelToLps);
  // The grids are aligned with the axes of the patient: each axis has one scale.
  const scale = [lpsToVoxel[0], lpsToVoxel[5], lpsToVoxel[10]] as const;
  const nodes = nodesOf(query, dense, (lps) => toVoxel(lpsToVoxel, guess(lps)));
  const start = displacements.values.map((mm, n) => mm * (scale[n % 3] ?? NaN));
  // What the optimiser moves is smoothed before it is used: neighbours move together.
  const change = new Float32Array(start.length);
  const { learningRate, instanceSteps: steps, diffusionWeight, boxSmoothings } = INSTANCE_PARAMETERS;
  const { dims } = displacements;
  const current = new Float32Array(start.length);
  const compose = (): void => {
    const smooth = boxed(change, dims, boxSmoothings);
    for (let n = 0; n < start.length; n++) current[n] = (start[n] ?? NaN) + (smooth[n] ?? NaN);
  };
  const sampler = new FeatureSampler(map);
  adam(change, { learningRate, steps }, (_, gradient) => {
    compose();
    const raw = new Float32Array(gradient.length);
    for (const node of nodes) sampler.addGradient(node, current, 1 / nodes.length, raw);
    addDiffusion(dims, current, diffusionWeight, raw);
    gradient.set(boxed(raw, dims, boxSmoothings));
  });
  compose();
  const values = current.map((voxels, n) => voxels / (scale[n % 3] ?? NaN));
  return { ...dense, isActive, displacements: { ...displacements, values } };
}

interface FeatureNode {
  readonly node: number;
  /** Unit vector of the query. */
  readonly direction: Float64Array;
  /** Where the guess puts the node, continuous voxel index of the target. */
  readonly index: readonly [number, number, number];
}

function nodesOf(
  query: SearchSpace,
  { displacements: { dims, origin, step }, isActive }: DenseMap,
  indexOf: (lps: LpsPoint) => readonly [number, number, number],
): readonly FeatureNode[] {
  const nodes: FeatureNode[] = [];
  for (let node = isActive.indexOf(1); node >= 0; node = isActive.indexOf(1, node + 1)) {
    const at = [
      node % dims[0],
      Math.floor(node / dims[0]) % dims[1],
      Math.floor(node / dims[0] / dims[1]),
    ] as const;
    const lps = lpsPoint(...perAxis((axis) => origin[axis] + at[axis] * step[axis]));
    const [direction] = directionsAt(query, lps);
    if (direction !== undefined) nodes.push({ node, direction, index: indexOf(lps) });
  }
  return nodes;
}

/** Interpolated vectors of a map, and how they change along its axes. */
class FeatureSampler {
  readonly #map: SearchSpace['maps'][0]['map'];
  readonly #difference: Float64Array;

  constructor(map: SearchSpace['maps'][0]['map']) {
    this.#map = map;
    this.#difference = new Float64Array(map.channels);
  }

  /** Adds the gradient of `weight` times the squared distance of a node's vector from that at its end. */
  addGradient(
    { node, direction, index }: FeatureNode,
    displacements: Float32Array,
    weight: number,
    gradient: Float32Array,
  ): void {
    const { dims } = this.#map.grid;
    const place = perAxis((axis) => index[axis] + (displacements[3 * node + axis] ?? NaN));
    if (place.some((x, axis) => !(x >= 0 && x <= (dims[axis] ?? 0) - 1))) return;
    const base = perAxis((axis) => Math.min(Math.floor(place[axis]), Math.max(dims[axis] - 2, 0)));
    const fraction = perAxis((axis) => place[axis] - base[axis]);
    const voxels = cellOf(dims, base);
    this.#difference.set(direction);
    for (const [corner, voxel] of voxels.entries()) this.#subtract(voxel, weightOf(corner, fraction));
    for (const [corner, voxel] of voxels.entries()) {
      const product = -2 * weight * this.#product(voxel);
      for (const axis of AXES) {
        const at = 3 * node + axis;
        gradient[at] = (gradient[at] ?? NaN) + product * slopeOf(corner, axis, fraction);
      }
    }
  }

  /** Subtracts a share of the unit vector of a voxel from the difference. */
  #subtract(voxel: number, share: number): void {
    const { channels, vectors, inverseNorms } = this.#map;
    const factor = share * (inverseNorms[voxel] ?? NaN);
    for (let c = 0; c < channels; c++)
      this.#difference[c] = (this.#difference[c] ?? NaN) - factor * (vectors[voxel * channels + c] ?? NaN);
  }

  /** Product of the difference and the unit vector of a voxel. */
  #product(voxel: number): number {
    const { channels, vectors, inverseNorms } = this.#map;
    let sum = 0;
    for (let c = 0; c < channels; c++)
      sum += (this.#difference[c] ?? NaN) * (vectors[voxel * channels + c] ?? NaN);
    return sum * (inverseNorms[voxel] ?? NaN);
  }
}

type Three = readonly [number, number, number];

/** Voxels of a cell, corner c at bit 0 of c along i, bit 1 along j, bit 2 along k. */
function cellOf([ni, nj, nk]: Three, [i, j, k]: Three): readonly number[] {
  const first = (k * nj + j) * ni + i;
  const steps = [ni > 1 ? 1 : 0, nj > 1 ? ni : 0, nk > 1 ? ni * nj : 0] as const;
  return Array.from(
    { length: 8 },
    (_, corner) =>
      first + (corner & 1) * steps[0] + ((corner >> 1) & 1) * steps[1] + (corner >> 2) * steps[2],
  );
}

function weightOf(corner: number, fraction: Three): number {
  return fraction.reduce((product, f, axis) => product * (((corner >> axis) & 1) === 1 ? f : 1 - f), 1);
}

/** How the weight of a corner changes along an axis, per voxel. */
function slopeOf(corner: number, along: number, fraction: Three): number {
  return fraction.reduce((product, f, axis) => {
    const isFar = ((corner >> axis) & 1) === 1;
    if (axis === along) return product * (isFar ? 1 : -1);
    return product * (isFar ? f : 1 - f);
  }, 1);
}

/** Rounds of the mean of three neighbours along each axis; beyond a face, the face itself (three values per node). */
export function boxed(values: Float32Array, dims: Three, rounds: number): Float32Array {
  let current = values;
  const strides = [3, 3 * dims[0], 3 * dims[0] * dims[1]] as const;
  for (let round = 0; round < rounds; round++)
    for (const axis of [0, 1, 2] as const) {
      const [from, stride, count] = [current, strides[axis], dims[axis]];
      current = from.map((value, n) => {
        const along = Math.floor(n / stride) % count;
        const before = along > 0 ? (from[n - stride] ?? NaN) : value;
        const after = along < count - 1 ? (from[n + stride] ?? NaN) : value;
        return (before + value + after) / 3;
      });
    }
  return current;
}
