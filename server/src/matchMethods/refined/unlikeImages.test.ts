import { query, target, targetEmbedding } from '../../matching/testing/affinePair.ts';
import { seededNumbers } from '../../geometry/index.ts';
import type { NeighbourMap } from '../../neighbourMap/index.ts';
import { pyramidOf } from '../../pyramid/index.ts';
import { pairContextOf } from './pairContext.ts';
import { areImagesUnlike, alikeShare } from './unlikeImages.ts';

const PAIR = pairContextOf(query, target);

/** The map of the pair, whose matches agree by so much. */
function mapOf(agreement: number): NeighbourMap {
  if (PAIR.neighbourMap === undefined) throw new Error('the pair has no neighbour map');
  return { ...PAIR.neighbourMap, agreement };
}

/** The same places with other tissue in the target, as in another patient. */
function withOtherTissue(): Parameters<typeof areImagesUnlike>[0] {
  const random = seededNumbers(7);
  const { image } = targetEmbedding;
  const values = image.values.map(() => Math.round(200 * random()));
  return { query: PAIR.query, target: pyramidOf({ ...targetEmbedding, image: { ...image, values } }) };
}

describe('images of a pair whose matches agree little', () => {
  const other = withOtherTissue();

  it('show one patient where the tissue at matched places is the same', () => {
    expect(alikeShare(PAIR, mapOf(0.4), target)).toBeGreaterThan(0.55);
    expect(areImagesUnlike(PAIR, mapOf(0.4), target)).toBe(false);
  });

  it('do not where it differs', () => {
    expect(alikeShare(other, mapOf(0.4), target)).toBeLessThan(0.2);
    expect(areImagesUnlike(other, mapOf(0.4), target)).toBe(true);
  });

  it('are not compared where the matches agree well: much of a body may have changed', () => {
    expect(areImagesUnlike(other, mapOf(0.55), target)).toBe(false);
  });

  it('say nothing where too few places are shown', () => {
    const map = mapOf(0.4);
    const few = { ...map, nodes: map.nodes.slice(0, 7 * 5) };
    expect(alikeShare(other, few, target)).toBeUndefined();
    expect(areImagesUnlike(other, few, target)).toBe(false);
  });
});

it('the images of a pair are compared only where a limit of its agreement is known', () => {
  expect(PAIR.areImagesUnlike).toBe(false);
});
