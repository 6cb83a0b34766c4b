import { distanceMm, lpsPoint } from '../geometry/index.ts';
import { gridOf, mapOf, planeWaves, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';
import { searchSpaceOf } from '../search/space.ts';
import { neighbourMapOf } from '../neighbourMap/neighbourMap.ts';
import { matchByNeighbours } from './byNeighbours.ts';
import { matchField } from './field/index.ts';
import { matchNearPrior } from './nearPrior.ts';
import { matchRefined } from './refined/index.ts';

const GRID = gridOf([24, 20, 20], [4, 4, 4], [0, 0, 0]);
const WAVES = planeWaves(48, 60, 1);
/** Body begins at x = 20 mm; what lies before it has no vector. */
const mask = Uint8Array.from({ length: 24 * 20 * 20 }, (_, voxel) => (voxel % 24 < 5 ? 0 : 1));
const cut = searchSpaceOf(
  syntheticEmbedding({
    grid: GRID,
    bodyMask: mask,
    maps: [mapOf('fine', GRID, (at) => (at[0] < 20 ? new Float64Array(48) : WAVES(at)))],
  }),
);
const whole = searchSpaceOf(
  syntheticEmbedding({ grid: GRID, maps: [mapOf('fine', GRID, WAVES)], name: '2' }),
);
const neighbourMap = neighbourMapOf(cut, whole)!;
const air = lpsPoint(13, 41, 38);

describe('matchByNeighbours', () => {
  it('puts a point where the matches around it put it, and says that it is beside the body', () => {
    const found = matchByNeighbours(cut, whole, { neighbourMap, areImagesUnlike: true }, air);
    expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), air)).toBeLessThan(3);
    expect(found?.similarity).toBe(0);
    expect(found?.evidence?.surroundings).toBeGreaterThan(0.8);
    expect(found?.evidence).toMatchObject({ isBesideBody: true, areImagesUnlike: true });
    expect(
      matchByNeighbours(cut, whole, { neighbourMap: undefined, areImagesUnlike: false }, air),
    ).toBeUndefined();
  });

  it.each([
    ['refined', () => matchRefined(cut, whole, air)],
    ['nearest', () => matchNearPrior(cut, whole, air, { neighbourMap, priorMm: 8, areImagesUnlike: false })],
    ['field', () => matchField(cut, whole, air)],
  ] as const)('answers for %s where the query has no vector', (_, match) => {
    const found = match();
    expect(found?.step).toBe('neighbour-map');
    expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), air)).toBeLessThan(3);
  });

  it('has nothing to say for nearest without a prior', () => {
    expect(matchNearPrior(cut, whole, air)).toBeUndefined();
  });
});
