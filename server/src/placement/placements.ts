/**
 * What the pairs of a model are placed by (manifest `matching.globalStep`).
 * @module
 */
import type { Embedding } from '../embedding/types.ts';
import { Placement } from './firstGuess.ts';
import { byEdges, edgeComparison } from './gradients/edges.ts';
import { byVectors } from './vectors/byVectors.ts';

/** Places a pair by the edges of both images. */
export function placementByEdges(query: Embedding, target: Embedding): Placement {
  return new Placement(byEdges(query, target));
}

/**
 * Places a pair by the vectors of both fine maps, and then by these and the edges of both images together: vectors say where in the body
 * a place is, edges say it to a millimetre. Undefined where one has no fine map or their voxels differ.
 */
export function placementByVectors(query: Embedding, target: Embedding): Placement | undefined {
  const by = byVectors(query, target);
  if (by === undefined) return undefined;
  const { images, comparison: vectors, sureScore } = by;
  const edges = edgeComparison(query, target);
  return new Placement({
    images,
    comparison: {
      centre: vectors.centre,
      scoreOf: (map) => (vectors.scoreOf(map) + edges.scoreOf(map)) / 2,
    },
    sureScore: (sureScore + edges.sureScore) / 2,
  });
}
