import { distanceMm } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { refine, bestCandidate, directionsAt, pointOfVoxel, topCandidates } from '../search/index.ts';
import type { RefinedHit, QueryDirections, TopCandidates, SearchSpace } from '../search/index.ts';
import { intoVolume } from './intoVolume.ts';
import type { Found, RunnerUp } from './types.ts';

/**
 * Nearest neighbour in the embedding: the SAM rule (Yan et al., IEEE TMI 2022; mean cosine over the maps) with
 * consistent half-voxel coordinates and a sub-voxel answer, then the same backward for the cycle error.
 *
 * The query is read at its continuous position: each map's unit vectors interpolated trilinearly and renormalised.
 * @returns undefined where the fine map of the query has no vector: outside the body. A point outside the grid is read at its edge
 */
export function matchNearest(query: SearchSpace, target: SearchSpace, lps: LpsPoint): Found | undefined {
  const directions = directionsAt(query, lps);
  if (hasNoDirection(directions)) return undefined;
  const top = topCandidates(target, directions);
  const found = refine(target, directions, top.best);
  return { ...answerOf(query, target, lps, found), ...runnerUpOf(target, top) };
}

/** What is found where a forward search from a query point ends: the place inside the volume, and the same backward for the cycle error. */
export function answerOf(query: SearchSpace, target: SearchSpace, lps: LpsPoint, hit: RefinedHit): Found {
  const answer = intoVolume(target.embedding.volume, hit.lps);
  const back = nearestIn(query, directionsAt(target, answer));
  return {
    lps: answer,
    similarity: hit.similarity,
    cycleErrorMm: distanceMm(lps, back.lps),
    step: 'nearest',
  };
}

/** True where the fine map has no vector: outside the body. */
export function hasNoDirection(directions: QueryDirections): boolean {
  return directions[0]?.every((value) => value === 0) ?? true;
}

/** The sub-voxel nearest neighbour of a direction. */
export function nearestIn(space: SearchSpace, directions: QueryDirections): RefinedHit {
  return refine(space, directions, bestCandidate(space, directions));
}

/** The runner-up of a search as a part of its result; nothing where there is none. */
export function runnerUpOf(
  space: SearchSpace,
  { best, runnerUp }: TopCandidates,
): { readonly runnerUp?: RunnerUp } {
  if (runnerUp === undefined) return {};
  const lps = pointOfVoxel(space, runnerUp.voxel);
  const distance = distanceMm(pointOfVoxel(space, best.voxel), lps);
  return { runnerUp: { distanceMm: distance, similarity: runnerUp.similarity, lps } };
}
