/**
 * Grid points of the query with their matches in the target, and how consistent each match is.
 * @module
 */
import { distanceMm, perAxis, spacingOf } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { isCandidate, bestCandidates, bestWithin, directionsAt, pointOfVoxel } from '../search/index.ts';
import type { SearchSpace } from '../search/index.ts';
import type { PointPair } from '../affineRegistration/index.ts';

/** Grid points lie at least this far apart, mm: three voxels of the embedding. */
const LEAST_NODE_MM = 12;
/** A first search looks at every second voxel of each axis: an eighth of the work. */
const STRIDE = 2;
/** Matches with a cycle error of at most this are kept, mm: two voxels of the strided search, and half a cell. */
const KEPT_CYCLE_MM = 14;
/** Scale of the weight of a match's cycle error, mm. */
const CYCLE_SCALE_MM = 5;

/** What a map is made of: the similarity has been weighed by then. */
export type WeighedPair = Pick<PointPair, 'from' | 'to' | 'weight'>;

/** The weight of a match by its cycle error, 0 to 1. */
export function cycleWeight(cycleMm: number): number {
  return Math.exp(-0.5 * (cycleMm / CYCLE_SCALE_MM) ** 2);
}

/** Candidate voxels of a space on a regular lattice of about `count` points: each costs a forward and a backward search. */
export function nodesOf(space: SearchSpace, count: number): readonly LpsPoint[] {
  const { map } = space.maps[0];
  const { dims, voxelToLps } = map.grid;
  const spacing = spacingOf(voxelToLps);
  const voxelMm3 = spacing[0] * spacing[1] * spacing[2];
  const stepMm = Math.max(Math.cbrt((space.candidates.length * voxelMm3) / count), LEAST_NODE_MM);
  const step = perAxis((axis) => Math.max(Math.round(stepMm / spacing[axis]), 1));
  const half = perAxis((axis) => step[axis] >> 1);
  const nodes: LpsPoint[] = [];
  for (let k = half[2]; k < dims[2]; k += step[2]) {
    for (let j = half[1]; j < dims[1]; j += step[1]) {
      for (let i = half[0]; i < dims[0]; i += step[0]) {
        const voxel = (k * dims[1] + j) * dims[0] + i;
        if (isCandidate(map, space.embedding.bodyMask, voxel)) nodes.push(pointOfVoxel(space, voxel));
      }
    }
  }
  return nodes;
}

/** Matches in the whole target, kept where they are forward-backward consistent. */
export function globalPairs(
  query: SearchSpace,
  target: SearchSpace,
  nodes: readonly LpsPoint[],
): readonly PointPair[] {
  const there = bestCandidates(
    target,
    nodes.map((node) => directionsAt(query, node)),
    STRIDE,
  );
  const found = nodes.flatMap((from, n) => {
    const hit = there[n];
    return hit === undefined
      ? []
      : [{ from, to: pointOfVoxel(target, hit.voxel), similarity: hit.similarity }];
  });
  const back = bestCandidates(
    query,
    found.map(({ to }) => directionsAt(target, to)),
    STRIDE,
  );
  return found.flatMap((pair, n) => {
    const hit = back[n];
    if (hit === undefined) return [];
    const cycleMm = distanceMm(pair.from, pointOfVoxel(query, hit.voxel));
    return cycleMm > KEPT_CYCLE_MM ? [] : [{ ...pair, weight: 1 - cycleMm / (2 * KEPT_CYCLE_MM) }];
  });
}

/** Matches within a ball around where each point is expected, weighted by the cycle error of a backward search within a ball of the same size. */
export function localPairs(
  query: SearchSpace,
  target: SearchSpace,
  nodes: readonly LpsPoint[],
  expect: (from: LpsPoint) => LpsPoint,
  radiusMm: number,
): readonly PointPair[] {
  return nodes.flatMap((from) => {
    const hit = bestWithin(target, directionsAt(query, from), expect(from), radiusMm);
    if (hit === undefined) return [];
    const to = pointOfVoxel(target, hit.voxel);
    const back = bestWithin(query, directionsAt(target, to), from, radiusMm);
    if (back === undefined) return [];
    const weight = cycleWeight(distanceMm(from, pointOfVoxel(query, back.voxel)));
    return [{ from, to, weight, similarity: hit.similarity }];
  });
}
