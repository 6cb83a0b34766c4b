import { determinant, distanceMm, lpsPoint, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { directionsAt, similarityAt } from '../../search/index.ts';
import { searchSpaceOf } from '../../search/space.ts';
import { createMatcher } from '../matcher.ts';
import { gridOf, SYNTHETIC_MODEL, syntheticEmbedding } from '../pool/syntheticEmbedding.ts';
import { PLACES, query, queryEmbedding, target, targetEmbedding, toTarget } from '../testing/affinePair.ts';
import { similarityOver } from './similarity.ts';
import type { SimilarityMap } from '../../similarityFormat/types.ts';

/** Two threads start, on a machine that is busy with other things, ms. */
const SLOW_MS = 60_000;
const [PLACE] = PLACES;
const REQUEST = {
  query: queryEmbedding,
  target: targetEmbedding,
  point: PLACE!,
  model: SYNTHETIC_MODEL,
};

/** The place of an index. */
function placeOf({ dims: [ni, nj], voxelToLps }: SimilarityMap, place: number): LpsPoint {
  const index = voxelIndex(place % ni, Math.floor(place / ni) % nj, Math.floor(place / (ni * nj)));
  return toLps(voxelToLps, index);
}

/** Where a map is highest. */
function peakOf(map: SimilarityMap): LpsPoint {
  const best = map.similarities.reduce(
    (most, value, place) =>
      value > (map.similarities[most] ?? NaN) || Number.isNaN(map.similarities[most]) ? place : most,
    0,
  );
  return placeOf(map, best);
}

describe('the similarity of a point over a series', () => {
  it.each(PLACES)('is highest where the point is (%d, %d, %d)', (...place) => {
    const point = lpsPoint(...place);
    const map = similarityOver({ query, target }, point)!;
    expect(distanceMm(peakOf(map), toTarget(point))).toBeLessThan(4);
  });

  it('is that of the search at each place, and none outside of the body', () => {
    const map = similarityOver({ query, target }, PLACE!)!;
    const directions = directionsAt(query, PLACE!);
    const { inverseNorms } = target.maps[0].map;
    for (const place of [0, 3000, 7000, 9999]) {
      const similarity = map.similarities[place];
      if (inverseNorms[place] === 0) expect(similarity).toBeNaN();
      else expect(similarity).toBeCloseTo(similarityAt(target, directions, placeOf(map, place)), 5);
    }
  });

  it('has places about 4 mm apart where the maps are finer', () => {
    const fine = syntheticEmbedding({ grid: gridOf([30, 30, 30], [2, 2, 2], [0, 0, 0]), name: '4' });
    const space = searchSpaceOf(fine);
    const map = similarityOver({ query: space, target: space }, lpsPoint(30, 30, 30))!;
    expect(map.dims).toEqual([15, 15, 15]);
    expect(distanceMm(peakOf(map), lpsPoint(30, 30, 30))).toBeLessThan(4);
  });
});

describe('the matcher', () => {
  const pooled = createMatcher({ threads: 1 });
  const local = createMatcher({ threads: 0 });
  afterAll(() => pooled.close());

  it(
    'computes in a thread what it computes here, and names what it is of',
    async () => {
      const found = await pooled.similarity(REQUEST);
      expect(found).toEqual(await local.similarity(REQUEST));
      expect(found).toMatchObject({
        query: { seriesInstanceUid: queryEmbedding.volume.seriesInstanceUid, lps: PLACE },
        target: { seriesInstanceUid: targetEmbedding.volume.seriesInstanceUid },
        model: { id: SYNTHETIC_MODEL.id },
      });
    },
    SLOW_MS,
  );

  it('gives the places of a turned patient in the world of the series', async () => {
    const turn: Affine = [-1, 0, 0, 90, 0, -1, 0, 80, 0, 0, 1, 5];
    expect(determinant(turn)).toBe(1);
    const map = await local.similarity({ ...REQUEST, turn });
    const [x, y, z] = toTarget(PLACE!);
    expect(distanceMm(peakOf(map), lpsPoint(90 - x, 80 - y, z - 5))).toBeLessThan(4);
  });

  it.each<[string, object, string]>([
    ['a point outside of the volume', { point: lpsPoint(900, 0, 0) }, 'matching/outside-volume'],
    ['what is no point', { point: lpsPoint(NaN, 0, 0) }, 'matching/not-a-point'],
    ['a mirror image', { turn: [-1, 0, 0, 90, 0, 1, 0, 0, 0, 0, 1, 0] }, 'matching/mirrored-pair'],
    ['another model', { target: { ...targetEmbedding, modelId: 'other' } }, 'matching/different-models'],
  ])('refuses %s', async (_, changes, code) => {
    await expect(local.similarity({ ...REQUEST, ...changes })).rejects.toMatchObject({ code });
  });

  it('stops when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('disconnected'));
    await expect(pooled.similarity({ ...REQUEST, signal })).rejects.toThrow('disconnected');
  });
});
