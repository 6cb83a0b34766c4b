/**
 * Matches of a pair whose single ones are a centimetre off, because a student's vectors are noisy or the contrasts are two. Coupled convex
 * optimisation puts the costs of many voxels together. What it adds to the map of the whole body may still be the vectors' common error;
 * the edges of the images, which have no part in it, decide how much of it is followed (docs/decisions/027-vectors-place-a-pair.md).
 * @module
 */
import { applyTo } from '../../affineRegistration/index.ts';
import type { PointPair } from '../../affineRegistration/index.ts';
import type { Share } from '../../concurrency/index.ts';
import { coupledConvex, displacementAt, inverseConsistent, moved } from '../../coupledConvex/index.ts';
import type { ConvexSettings, DenseMap } from '../../coupledConvex/index.ts';
import { distanceMm, invert, lpsPoint } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { localNodesOf } from '../../neighbourMap/index.ts';
import { edgeComparison } from '../../placement/index.ts';
import { similarityAt, directionsAt } from '../../search/index.ts';
import type { SearchSpace } from '../../search/index.ts';

/** As for a field (`coupledConvex`), but three times as smooth: what is left of the noise of single voxels. */
const SETTINGS: ConvexSettings = {
  latticeStepMm: 12,
  reach: 4,
  windowStepMm: 4,
  couplings: [0.003, 0.01, 0.03, 0.1, 0.3, 1],
  smoothings: 6,
};
/** Shares of the displacement that are tried. */
const SHARES = [0, 0.25, 0.5, 0.75, 1] as const;
/** Scale of the weight of a match's cycle error, mm. */
const CYCLE_SCALE_MM = 5;

/** The dense maps around an affine one: there is the work of one share, back that of another. */
export interface DenseShare {
  readonly there?: DenseMap;
  readonly back?: DenseMap;
}

/** A share of the dense maps. @param affine LPS of the query to LPS of the target */
export function matchDensely(
  query: SearchSpace,
  target: SearchSpace,
  affine: Affine,
  { part, parts }: Share,
): DenseShare {
  const along = (map: Affine) => (lps: LpsPoint) => applyTo(map, lps);
  return {
    ...(part === 0 ? { there: coupledConvex(query, target, along(affine), SETTINGS) } : {}),
    ...(part === Math.min(1, parts - 1)
      ? { back: coupledConvex(target, query, along(invert(affine)), SETTINGS) }
      : {}),
  };
}

/** The matches of a grid of points that all shares together make, each weighted by its cycle error. */
export function pairsOfDense(
  query: SearchSpace,
  target: SearchSpace,
  affine: Affine,
  shares: readonly DenseShare[],
): readonly PointPair[] {
  const there = shares.find((share) => share.there)?.there;
  const back = shares.find((share) => share.back)?.back;
  if (there === undefined || back === undefined) return [];
  const inverse = invert(affine);
  const displacements = inverseConsistent(there, back, affine);
  const moveOf = (lps: LpsPoint): LpsPoint => lpsPoint(...displacementAt(displacements, lps));
  const share = followedShare(query, target, affine, moveOf);
  return localNodesOf(query).map((from) => {
    const expected = applyTo(affine, from);
    const [x, y, z] = moveOf(from);
    const to = lpsPoint(expected[0] + share * x, expected[1] + share * y, expected[2] + share * z);
    const matched = moved(there.displacements, from, expected);
    const cycleMm = distanceMm(from, moved(back.displacements, matched, applyTo(inverse, matched)));
    const similarity = similarityAt(target, directionsAt(query, from), to);
    return { from, to, similarity, weight: Math.exp(-0.5 * (cycleMm / CYCLE_SCALE_MM) ** 2) };
  });
}

/** The share of a displacement with which the edges of both images agree best. */
function followedShare(
  query: SearchSpace,
  target: SearchSpace,
  affine: Affine,
  moveOf: (lps: LpsPoint) => LpsPoint,
): number {
  const edges = edgeComparison(query.embedding, target.embedding);
  const scores = SHARES.map((share) =>
    edges.scoreAlong(affine, (place) => {
      const [x, y, z] = moveOf(place);
      return [share * x, share * y, share * z];
    }),
  );
  return SHARES[scores.indexOf(Math.max(...scores))] ?? 0;
}
