/**
 * The SAM / UAE similarity of one query direction per map with every candidate voxel, and its arg-max.
 * @module
 */
import type { EmbeddingMap } from '../embedding/types.ts';
import { distanceMm, toLps } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { cornerWeights, CORNERS, dot, dotStored, indexOf, sampleUnit } from './sampling.ts';
import type { Interpolation, SearchMap, SearchSpace } from './searchSpace.ts';

/** One direction per map of the search space, in its order. */
export type QueryDirections = readonly Float64Array[];

/** The best candidate voxel of the fine grid. */
export interface Hit {
  /** Flat index into the fine grid. */
  readonly voxel: number;
  /** Weighted mean cosine over the maps, -1 to 1. */
  readonly similarity: number;
}

/** The best candidate and the best one beyond its neighbourhood. */
export interface TopCandidates {
  readonly best: Hit;
  /** The best candidate farther than {@link RUNNER_UP_MM} from the best; absent where no candidate is that far. */
  readonly runnerUp: Hit | undefined;
}

/** Beyond this distance from the best candidate another one is another place, not a neighbour on the same peak. */
export const RUNNER_UP_MM = 20;

/** The directions of an embedding at a world point; a map that has none there gives the zero vector. */
export function directionsAt(space: SearchSpace, lps: LpsPoint): QueryDirections {
  return space.maps.map((map) => sampleUnit(map, lps));
}

/** World point of a fine voxel's centre. */
export function pointOfVoxel({ maps }: SearchSpace, voxel: number): LpsPoint {
  const { grid } = maps[0].map;
  return toLps(grid.voxelToLps, indexOf(grid.dims, voxel));
}

/**
 * Similarity as a function of a continuous world point: weighted mean over the maps of the cosine between the query's
 * direction and the map's direction there. At voxel centres of the fine grid this is the sum that SAM and UAE use.
 */
export function similarityAt(space: SearchSpace, query: QueryDirections, lps: LpsPoint): number {
  let sum = 0;
  for (const [m, map] of space.maps.entries())
    sum += map.weight * dot(query[m] as Float64Array, sampleUnit(map, lps));
  return sum;
}

/**
 * The candidate of highest similarity; among equals the first in scan order (k slowest, i fastest), so that the
 * answer depends on nothing but the data.
 */
export function bestCandidate(space: SearchSpace, query: QueryDirections): Hit {
  return bestOf(space, similarities(space, query), () => true) as Hit;
}

/**
 * {@link bestCandidate} for many queries at once, optionally among every `stride`-th voxel of each axis only; one hit
 * per query, in order. Undefined where a stride leaves no candidate.
 */
export function bestCandidates(
  space: SearchSpace,
  queries: readonly QueryDirections[],
  stride = 1,
): readonly (Hit | undefined)[] {
  const { dims } = space.maps[0].map.grid;
  const onStride = (voxel: number): boolean => indexOf(dims, voxel).every((x) => x % stride === 0);
  return queries.map((query) =>
    bestOf(space, similarities(space, query), stride === 1 ? () => true : onStride),
  );
}

/** The best candidate within a sphere, mm; undefined where none lies in it. */
export function bestWithin(
  space: SearchSpace,
  query: QueryDirections,
  centre: LpsPoint,
  radiusMm: number,
): Hit | undefined {
  const inside = (voxel: number): boolean => distanceMm(pointOfVoxel(space, voxel), centre) <= radiusMm;
  return bestOf(space, similarities(space, query), inside);
}

/** The best candidate of all and the runner-up. */
export function topCandidates(space: SearchSpace, query: QueryDirections): TopCandidates {
  const all = similarities(space, query);
  const best = bestOf(space, all, () => true) as Hit;
  const at = pointOfVoxel(space, best.voxel);
  const isFar = (voxel: number): boolean => distanceMm(pointOfVoxel(space, voxel), at) > RUNNER_UP_MM;
  return { best, runnerUp: bestOf(space, all, isFar) };
}

function bestOf(
  { candidates }: SearchSpace,
  sums: Float64Array,
  accepts: (voxel: number) => boolean,
): Hit | undefined {
  let [best, highest] = [-1, -Infinity];
  for (let n = 0; n < sums.length; n++) {
    if ((sums[n] as number) <= highest || !accepts(candidates[n] as number)) continue;
    [best, highest] = [n, sums[n] as number];
  }
  return best < 0 ? undefined : { voxel: candidates[best] as number, similarity: highest };
}

/** Similarity of every candidate. */
function similarities(space: SearchSpace, query: QueryDirections): Float64Array {
  const { candidates } = space;
  const sums = new Float64Array(candidates.length);
  for (const [m, { map, lattice, weight, interpolation }] of space.maps.entries()) {
    const direction = (query[m] as Float64Array).map((value) => value * weight);
    if (interpolation === undefined) addDirect(sums, candidates, map, direction);
    else addInterpolated(sums, { map, lattice }, interpolation, direction);
  }
  return sums;
}

function addDirect(
  sums: Float64Array,
  candidates: Int32Array,
  map: EmbeddingMap,
  direction: Float64Array,
): void {
  for (let n = 0; n < sums.length; n++) {
    const voxel = candidates[n] as number;
    sums[n] =
      (sums[n] as number) + dotStored(direction, map.vectors, voxel) * (map.inverseNorms[voxel] as number);
  }
}

/** cos = interp(q·C) / |interp(C)|: q·C is one number per voxel of the small grid. */
function addInterpolated(
  sums: Float64Array,
  { map, lattice }: Pick<SearchMap, 'map' | 'lattice'>,
  { cells, fractions, inverseLengths }: Interpolation,
  direction: Float64Array,
): void {
  const cosines = new Float64Array(map.inverseNorms.length);
  for (let voxel = 0; voxel < cosines.length; voxel++)
    cosines[voxel] = dotStored(direction, map.vectors, voxel) * (map.inverseNorms[voxel] as number);
  const weights = new Float64Array(CORNERS);
  for (let n = 0; n < sums.length; n++) {
    const f = n * 3;
    cornerWeights(fractions[f] as number, fractions[f + 1] as number, fractions[f + 2] as number, weights);
    let sum = 0;
    for (let corner = 0; corner < CORNERS; corner++) {
      const voxel = (cells[n] as number) + (lattice.cornerOffsets[corner] as number);
      sum += (weights[corner] as number) * (cosines[voxel] as number);
    }
    sums[n] = (sums[n] as number) + sum * (inverseLengths[n] as number);
  }
}
