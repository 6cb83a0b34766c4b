import type { Embedding } from '../embedding/types.ts';
import { distanceMm } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { refine } from './refine.ts';
import type { RefinedHit } from './refine.ts';
import { bestCandidate, directionsAt } from './search.ts';
import type { QueryDirections } from './search.ts';
import { searchSpaceOf } from './searchSpace.ts';
import type { SearchSpace } from './searchSpace.ts';
import { intoVolume } from './seriesPoint.ts';

/** What a method finds for a point inside the body of the query series. */
export interface Found {
  readonly lps: LpsPoint;
  readonly similarity: number;
  readonly cycleErrorMm: number;
}

/**
 * Nearest neighbour in the embedding: the SAM rule (Yan et al., IEEE TMI 2022; mean cosine over the maps) with
 * consistent half-voxel coordinates and a sub-voxel answer, then the same way back for the cycle error.
 *
 * The query is read at its continuous position: each map's unit vectors interpolated trilinearly and renormalised.
 * @returns undefined where the fine map of the query has no direction: outside the body or the field of view
 * @throws SamepointError matching/no-fine-map, matching/no-body; the signal's reason when it is aborted
 */
export async function matchNearest(
  query: Embedding,
  target: Embedding,
  lps: LpsPoint,
  signal?: AbortSignal,
): Promise<Found | undefined> {
  const querySpace = await searchSpaceOf(query, signal);
  const targetSpace = await searchSpaceOf(target, signal);
  const directions = directionsAt(querySpace, lps);
  if (directions[0]?.every((value) => value === 0)) return undefined;
  const found = await nearestIn(targetSpace, directions, signal);
  const answer = intoVolume(target.volume, found.lps);
  const returned = await nearestIn(querySpace, directionsAt(targetSpace, answer), signal);
  return { lps: answer, similarity: found.similarity, cycleErrorMm: distanceMm(lps, returned.lps) };
}

async function nearestIn(
  space: SearchSpace,
  directions: QueryDirections,
  signal?: AbortSignal,
): Promise<RefinedHit> {
  return refine(space, directions, await bestCandidate(space, directions, signal));
}
