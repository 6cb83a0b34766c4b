/**
 * From the best voxel to the best point: the arg-max of the continuous similarity around it.
 * @module
 */
import { toLps, voxelIndex } from '../geometry/index.ts';
import type { LpsPoint, VoxelIndex } from '../geometry/index.ts';
import { indexOf } from './sampling.ts';
import type { Hit, QueryDirections } from './search.ts';
import { similarityAt } from './search.ts';
import type { SearchSpace } from './space.ts';

/** The refined point stays within one voxel of the best voxel along each axis: its interpolation cells end there. */
const REACH_VOXELS = 1;
/** First and last step of the search, in fine voxels. 1/64 of 4 mm is 0.06 mm, far below what an embedding resolves. */
const FIRST_STEP = 1 / 2;
const LAST_STEP = 1 / 64;
/** Sweeps over the axes at one step; a smooth peak needs two or three, the bound only guards against a plateau. */
const SWEEPS_PER_STEP = 8;

/** A point of the target with its similarity. */
export interface RefinedHit {
  readonly lps: LpsPoint;
  readonly similarity: number;
}

/**
 * Climbs the continuous similarity, less the cost of a place, from the best voxel, along the axes with halving steps. Never returns
 * less than the voxel's own value; deterministic. Without a cost, a query matched against its own embedding returns to its own place,
 * because both ends are read by the same interpolation.
 * @param costAt what a place (LPS, mm) loses of its similarity, in the climb only; the similarity that is returned has no cost
 */
export function refine(
  space: SearchSpace,
  query: QueryDirections,
  hit: Hit,
  costAt: (lps: LpsPoint) => number = () => 0,
): RefinedHit {
  const grid = space.maps[0].map.grid;
  const centre = indexOf(grid.dims, hit.voxel);
  const value = (index: VoxelIndex): number => {
    const lps = toLps(grid.voxelToLps, index);
    return similarityAt(space, query, lps) - costAt(lps);
  };
  const inReach = (x: number, axis: number): boolean =>
    Math.abs(x - (centre[axis] ?? NaN)) <= REACH_VOXELS && x >= 0 && x <= (grid.dims[axis] ?? NaN) - 1;
  let best = centre;
  let highest = value(centre);
  for (let step = FIRST_STEP; step >= LAST_STEP; step /= 2) {
    for (let sweep = 0, moved = true; moved && sweep < SWEEPS_PER_STEP; sweep++) {
      moved = false;
      for (const [axis, delta] of moves(step)) {
        const x = best[axis] + delta;
        if (!inReach(x, axis)) continue;
        const candidate = withAxis(best, axis, x);
        const there = value(candidate);
        if (there <= highest) continue;
        [best, highest, moved] = [candidate, there, true];
      }
    }
  }
  const lps = toLps(grid.voxelToLps, best);
  return { lps, similarity: highest + costAt(lps) };
}

function moves(step: number): readonly (readonly [0 | 1 | 2, number])[] {
  return [
    [0, step],
    [0, -step],
    [1, step],
    [1, -step],
    [2, step],
    [2, -step],
  ];
}

function withAxis(index: VoxelIndex, axis: 0 | 1 | 2, value: number): VoxelIndex {
  return voxelIndex(
    axis === 0 ? value : index[0],
    axis === 1 ? value : index[1],
    axis === 2 ? value : index[2],
  );
}
