import { affineFromColumns, distanceMm } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { queryEmbedding, targetEmbedding, toTarget } from '../../matching/testing/affinePair.ts';
import { searchSpaceOf } from '../../search/space.ts';
import type { SearchSpace } from '../../search/index.ts';
import { matchDensely, pairsOfDense } from './denseMatches.ts';

const STILL = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
const query = searchSpaceOf(queryEmbedding);
/** Vectors of the moved anatomy, and an image in which dark and bright are exchanged. */
const MOVED = targetEmbedding.image;
const [moved, still] = [MOVED, queryEmbedding.image].map((image) =>
  searchSpaceOf({ ...targetEmbedding, image: { ...image, values: image.values.map((value) => 80 - value) } }),
) as [SearchSpace, SearchSpace];

function pairs(target: SearchSpace, parts: number): ReturnType<typeof pairsOfDense> {
  const shares = Array.from({ length: parts }, (_, part) =>
    matchDensely(query, target, STILL, { part, parts }),
  );
  return pairsOfDense(query, target, STILL, shares);
}

function isInside(lps: LpsPoint): boolean {
  return lps.every((at) => at > 24 && at < 72);
}

describe('pairsOfDense', () => {
  it('follows the vectors where the edges of the images agree with them', () => {
    const inside = pairs(moved, 1).filter(({ from }) => isInside(from));
    expect(inside.length).toBeGreaterThan(20);
    for (const { from, to, weight } of inside) {
      expect(distanceMm(from, toTarget(from))).toBeGreaterThan(6);
      expect(distanceMm(to, toTarget(from))).toBeLessThan(4);
      expect(weight).toBeGreaterThan(0.5);
    }
  });

  it('keeps the map of the whole body where they do not', () => {
    for (const { from, to } of pairs(still, 1)) expect(distanceMm(from, to)).toBeLessThan(1e-9);
  });

  it('does not depend on how the work is divided, and makes nothing of no work', () => {
    expect(pairs(moved, 2)).toEqual(pairs(moved, 1));
    expect(pairs(moved, 3)).toEqual(pairs(moved, 1));
    expect(pairsOfDense(query, moved, STILL, [])).toEqual([]);
  });
});
