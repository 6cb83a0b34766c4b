import { affineFromColumns, distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { withWeights } from '../search/index.ts';
import { searchSpaceOf } from '../search/space.ts';
import { matchNearPrior } from './nearPrior.ts';
import type { NearestPrior } from './nearPrior.ts';
import { matchNearest } from './nearest.ts';
import { draftFrom, neighbourMapFrom, neighbourMapOf } from '../neighbourMap/neighbourMap.ts';
import type { NeighbourMap } from '../neighbourMap/neighbourMap.ts';
import { gridOf, mapOf, planeWaves, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';
import { PLACES, query, target, toTarget } from '../matching/testing/affinePair.ts';

/** An anatomy that repeats itself along x: its vectors do not say which of two places is meant. */
const PERIOD_MM = 40;
const GRID = gridOf([24, 12, 12], [4, 4, 4], [0, 0, 0]);
const WAVES = planeWaves(48, 60, 1);
const repeated = syntheticEmbedding({
  grid: GRID,
  maps: [mapOf('fine', GRID, ([x, y, z]) => WAVES(lpsPoint(x % PERIOD_MM, y, z)))],
});

/** A neighbour map of which only a shift along x is known, mm. */
function shiftedBy(mm: number): NeighbourMap {
  const space = searchSpaceOf(repeated);
  const map = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [mm, 0, 0]);
  return neighbourMapFrom(draftFrom(map, 1), space, []);
}

describe('matchNearPrior', () => {
  it('is the nearest neighbour, in the maps own weights, where there is no prior', () => {
    const weights = { fine: 0.9, coarse: 0.1 } as const;
    for (const place of PLACES)
      expect(matchNearPrior(withWeights(query, weights), withWeights(target, weights), place)).toEqual(
        matchNearest(query, target, place),
      );
  });

  it('finds the place of a pair that differs by an affine map, and says where it was expected', () => {
    const neighbourMap = neighbourMapOf(query, target)!;
    for (const place of PLACES) {
      const found = matchNearPrior(query, target, place, priorOf(neighbourMap));
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(1.3);
      expect(found?.evidence?.predicted).toBeDefined();
    }
  });

  it.each([0, PERIOD_MM])(
    'of places that look the same, chooses the one that is expected (%d mm away)',
    (mm) => {
      const space = searchSpaceOf(repeated);
      const place = lpsPoint(22, 21, 25);
      const found = matchNearPrior(space, space, place, priorOf(shiftedBy(mm + 3)));
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), movedBy(place, mm))).toBeLessThan(2.5);
    },
  );

  it('keeps to the expected place below a voxel, too', () => {
    const space = searchSpaceOf(repeated);
    const place = lpsPoint(22, 21, 25);
    const missedBy = (priorMm: number): number => {
      const found = matchNearPrior(space, space, place, { ...priorOf(shiftedBy(1.5)), priorMm });
      return distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), movedBy(place, 1.5));
    };
    expect(missedBy(2)).toBeLessThan(0.3);
    expect(missedBy(20)).toBeGreaterThan(1);
  });

  it('searches the whole target where the place is expected out of reach of it', () => {
    const space = searchSpaceOf(repeated);
    const found = matchNearPrior(space, space, lpsPoint(22, 21, 25), priorOf(shiftedBy(500)));
    expect(found?.similarity).toBeCloseTo(1, 2);
    expect(found?.evidence?.predicted?.[0]).toBeGreaterThan(500);
  });

  it('says how much the pair agrees, and whether its images do', () => {
    const neighbourMap = { ...neighbourMapOf(query, target)!, agreement: 0.123 };
    const prior = { ...priorOf(neighbourMap), areImagesUnlike: true };
    const evidence = { pairAgreement: 0.123, areImagesUnlike: true };
    expect(matchNearPrior(query, target, PLACES[0]!, prior)?.evidence).toMatchObject(evidence);
  });
});

function priorOf(neighbourMap: NeighbourMap): NearestPrior {
  return { neighbourMap, priorMm: 8, areImagesUnlike: false };
}

function movedBy([x, y, z]: LpsPoint, mm: number): LpsPoint {
  return lpsPoint(x + mm, y, z);
}
