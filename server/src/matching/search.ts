/**
 * The SAM / UAE similarity of one query direction per map with every candidate voxel, and its arg-max.
 * @module
 */
import type { EmbeddingMap } from '../embedding/types.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { cornerWeights, CORNERS, dot, dotStored, sampleUnit } from './sampling.ts';
import type { Interpolation, SearchMap, SearchSpace } from './searchSpace.ts';
import { inSlices } from './slices.ts';

/** One direction per map of the search space, in its order. */
export type QueryDirections = readonly Float64Array[];

/** The best candidate voxel of the fine grid. */
export interface Hit {
  /** Flat index into the fine grid. */
  readonly voxel: number;
  /** Mean cosine over the maps, -1 to 1. */
  readonly similarity: number;
}

/** No cosine exceeds this: 1 and the rounding of the stored inverse norms (Float32). */
const COSINE_LIMIT = 1 + 1e-6;

/** Cost of one trilinear read in multiply-adds, with its bookkeeping. */
const UNITS_PER_INTERPOLATION = 40;

/** The directions of an embedding at a world point; a map that has none there gives the zero vector. */
export function directionsAt(space: SearchSpace, lps: LpsPoint): QueryDirections {
  return space.maps.map((map) => sampleUnit(map, lps));
}

/**
 * Similarity as a function of a continuous world point: mean over the maps of the cosine between the query's
 * direction and the map's direction there. At voxel centres of the fine grid this is the sum that SAM and UAE use.
 */
export function similarityAt(space: SearchSpace, query: QueryDirections, lps: LpsPoint): number {
  let sum = 0;
  for (const [m, map] of space.maps.entries()) sum += dot(query[m] as Float64Array, sampleUnit(map, lps));
  return sum / space.maps.length;
}

/**
 * The candidate of highest similarity; among equals the first in scan order (k slowest, i fastest), so that the
 * answer depends on nothing but the data.
 *
 * Exact branch and bound: the interpolated (coarse) terms of all candidates cost next to nothing, and no cosine exceeds 1,
 * so a candidate whose coarse term leaves it below a similarity already reached is not looked at in the fine map.
 * @throws the signal's reason when it is aborted
 */
export async function bestCandidate(
  space: SearchSpace,
  query: QueryDirections,
  signal?: AbortSignal,
): Promise<Hit> {
  const { candidates, maps } = space;
  const sums = await interpolatedSums(space, query, signal);
  const direct = directTerms(space, query);
  const total = (n: number, floor: number): number => {
    let sum = sums[n] as number;
    let open = direct.length * COSINE_LIMIT;
    for (const { direction, map } of direct) {
      if (sum + open < floor) return -Infinity;
      const voxel = candidates[n] as number;
      sum += dotStored(direction, map.vectors, voxel) * (map.inverseNorms[voxel] as number);
      open -= COSINE_LIMIT;
    }
    return sum;
  };
  // A first floor from the best coarse place; its candidate is visited again, in its turn, so ties stay in scan order.
  let floor = total(argMax(sums), -Infinity);
  let [best, highest] = [0, -Infinity];
  const visit = (from: number, to: number): void => {
    for (let n = from; n < to; n++) {
      const sum = total(n, floor);
      if (sum <= highest) continue;
      [best, highest] = [n, sum];
      if (sum > floor) floor = sum;
    }
  };
  const unitsPerCandidate = direct.reduce((units, { map }) => units + map.channels, 0);
  await inSlices(candidates.length, unitsPerCandidate, visit, signal);
  return { voxel: candidates[best] as number, similarity: highest / maps.length };
}

/** A map on the fine grid with the query's direction in it. */
interface DirectTerm {
  readonly map: EmbeddingMap;
  readonly direction: Float64Array;
}

function directTerms({ maps }: SearchSpace, query: QueryDirections): readonly DirectTerm[] {
  return maps.flatMap(({ map, interpolation }, m) =>
    interpolation === undefined ? [{ map, direction: query[m] as Float64Array }] : [],
  );
}

function argMax(values: Float64Array): number {
  let best = 0;
  for (let n = 1; n < values.length; n++) if ((values[n] as number) > (values[best] as number)) best = n;
  return best;
}

/** Per candidate the sum of the cosines of the maps that have a grid of their own. */
async function interpolatedSums(
  space: SearchSpace,
  query: QueryDirections,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const sums = new Float64Array(space.candidates.length);
  for (const [m, map] of space.maps.entries())
    if (map.interpolation !== undefined)
      await addInterpolated(sums, map, map.interpolation, query[m] as Float64Array, signal);
  return sums;
}

/** cos = interp(q·C) / |interp(C)|: q·C is one number per voxel of the small grid. */
async function addInterpolated(
  sums: Float64Array,
  { map, lattice }: SearchMap,
  { cells, fractions, inverseLengths }: Interpolation,
  direction: Float64Array,
  signal?: AbortSignal,
): Promise<void> {
  const cosines = new Float64Array(map.inverseNorms.length);
  const project = (from: number, to: number): void => {
    for (let voxel = from; voxel < to; voxel++)
      cosines[voxel] = dotStored(direction, map.vectors, voxel) * (map.inverseNorms[voxel] as number);
  };
  await inSlices(cosines.length, map.channels, project, signal);
  const weights = new Float64Array(CORNERS);
  const add = (from: number, to: number): void => {
    for (let n = from; n < to; n++) {
      const f = n * 3;
      cornerWeights(fractions[f] as number, fractions[f + 1] as number, fractions[f + 2] as number, weights);
      let sum = 0;
      for (let corner = 0; corner < CORNERS; corner++) {
        const voxel = (cells[n] as number) + (lattice.cornerOffsets[corner] as number);
        sum += (weights[corner] as number) * (cosines[voxel] as number);
      }
      sums[n] = (sums[n] as number) + sum * (inverseLengths[n] as number);
    }
  };
  await inSlices(sums.length, UNITS_PER_INTERPOLATION, add, signal);
}
