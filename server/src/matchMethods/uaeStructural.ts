/**
 * Fixed-point (structural) inference of UAE (Bai et al., 2023), for researchers who compare with it: fixed points around the
 * query, a robust affine through them, and their mean answer. Coordinates are those of the fine voxels'
 * centres and stay real numbers, where the released code truncates.
 * @module
 */
import { distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { matchNearest, nearestIn, runnerUpOf } from './nearest.ts';
import { directionsAt, topCandidates } from '../search/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { intoVolume } from './intoVolume.ts';
import type { Found } from './types.ts';
import { fixedPointsAround, transport } from '../uaeStructural/index.ts';
import type { FixedPoint } from '../uaeStructural/index.ts';

/** A fixed point farther than this from the query is another place: 100 voxels of 2 mm. */
const DISTANCE_LIMIT_MM = 200;
/** Fixed points less similar than this are dropped. */
const SIMILARITY_LIMIT = 0.8;
/** An affine has four unknowns along each axis. */
const LEAST_PAIRS = 4;
/** Of a pair that the affine was not fitted to; there is none. */
const NO_WEIGHTS = [0, 0, 0] as const;

/**
 * Structural inference of UAE; with fewer than four surviving pairs the nearest neighbour, and its step name.
 * @returns undefined where the fine map of the query has no direction
 */
export function matchUaeStructural(
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
): Found | undefined {
  const { followed, found } = fixedPointsAround(query, target, lps);
  const kept = found.filter(
    (pair) => distanceMm(pair.query, lps) < DISTANCE_LIMIT_MM && pair.similarity > SIMILARITY_LIMIT,
  );
  const pairs = distinctTargets(kept);
  if (pairs.length < LEAST_PAIRS) {
    const nearest = matchNearest(query, target, lps);
    return nearest && { ...nearest, evidence: { survivors: pairs.length, followed } };
  }
  const limits = target.embedding.volume;
  const { votes: free, weights } = transport(pairs, lps);
  const votes = free.map((vote) => intoVolume(limits, vote));
  const answer = meanOf(votes);
  return {
    lps: answer,
    similarity: kept.reduce((sum, { similarity }) => sum + similarity, 0) / kept.length,
    cycleErrorMm: distanceMm(lps, nearestIn(query, directionsAt(target, answer)).lps),
    step: 'structural',
    ...runnerUpOf(target, topCandidates(target, directionsAt(query, lps))),
    evidence: { survivors: pairs.length, followed, sdMm: spreadMm(votes, answer) },
    fixedPoints: pairs.map((pair, n) => ({ ...pair, weights: weights[n] ?? NO_WEIGHTS })),
  };
}

/** One pair per target voxel: the first that reached it. */
function distinctTargets(pairs: readonly FixedPoint[]): readonly FixedPoint[] {
  const first = new Map<string, FixedPoint>();
  for (const pair of pairs) if (!first.has(pair.target.join())) first.set(pair.target.join(), pair);
  return [...first.values()];
}

function meanOf(points: readonly LpsPoint[]): LpsPoint {
  const mean = (axis: 0 | 1 | 2): number => points.reduce((sum, p) => sum + p[axis], 0) / points.length;
  return lpsPoint(mean(0), mean(1), mean(2));
}

/** Root mean square distance from the answer, mm. */
function spreadMm(votes: readonly LpsPoint[], answer: LpsPoint): number {
  return Math.sqrt(votes.reduce((sum, vote) => sum + distanceMm(vote, answer) ** 2, 0) / votes.length);
}
