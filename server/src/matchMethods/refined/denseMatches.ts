/**
 * Matches of a pair whose single ones are a centimetre off, because a student's vectors are noisy or the contrasts are two. Coupled convex
 * optimisation puts the costs of many voxels together. What it adds to the map of the whole body may still be the vectors' common error;
 * the edges of the images, which have no part in it, decide how much of it is followed (docs/decisions/027-vectors-place-a-pair.md).
 * @module
 */
import { applyTo } from '../../affineRegistration/index.ts';
import type { Share } from '../../concurrency/index.ts';
import {
  bothWays,
  denseShare,
  displacementAt,
  inverseConsistent,
  moved,
  OF_FIELD,
} from '../../coupledConvex/index.ts';
import type { ConvexSettings, DenseShare } from '../../coupledConvex/index.ts';
import { distanceMm, invert, lpsPoint } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { cycleWeight, localNodesOf } from '../../neighbourMap/index.ts';
import type { WeighedPair } from '../../neighbourMap/index.ts';
import { edgeComparison } from '../../placement/index.ts';
import type { SearchSpace } from '../../search/index.ts';

/** Three times as smooth as for a field: what is left of the noise of single voxels. */
const SETTINGS: ConvexSettings = { ...OF_FIELD, smoothings: 6 };
/** Shares of the displacement that are tried. */
const SHARES = [0, 0.25, 0.5, 0.75, 1] as const;

/** A share of the dense maps around an affine one (LPS of the query to LPS of the target). */
export function matchDensely(
  query: SearchSpace,
  target: SearchSpace,
  affine: Affine,
  share: Share,
): DenseShare {
  const along = (map: Affine) => (lps: LpsPoint) => applyTo(map, lps);
  return denseShare(query, target, { there: along(affine), back: along(invert(affine)) }, share, SETTINGS);
}

/** The matches of a grid of points that all shares together make, each weighted by its cycle error. */
export function pairsOfDense(
  query: SearchSpace,
  target: SearchSpace,
  affine: Affine,
  shares: readonly DenseShare[],
): readonly WeighedPair[] {
  const maps = bothWays(shares);
  if (maps === undefined) return [];
  const { there, back } = maps;
  const inverse = invert(affine);
  const displacements = inverseConsistent(there, back, affine);
  const moveOf = (lps: LpsPoint): LpsPoint => lpsPoint(...displacementAt(displacements, lps));
  const share = followedShare(query, target, affine, moveOf);
  return localNodesOf(query, target, affine).map((from) => {
    const expected = applyTo(affine, from);
    const [x, y, z] = moveOf(from);
    const to = lpsPoint(expected[0] + share * x, expected[1] + share * y, expected[2] + share * z);
    const matched = moved(there.displacements, from, expected);
    const cycleMm = distanceMm(from, moved(back.displacements, matched, applyTo(inverse, matched)));
    return { from, to, weight: cycleWeight(cycleMm) };
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
