import { distanceMm, lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { directionsAt } from '../../search/index.ts';
import { fieldOf } from '../../neighbourMap/neighbourMap.ts';
import type { Prediction } from '../../neighbourMap/smoothField.ts';
import { planeWaves } from '../../matching/pool/syntheticEmbedding.ts';
import { PLACES, query, target, targetWith, toTarget } from '../../matching/testing/affinePair.ts';
import { pairContextOf } from './pairContext.ts';
import type { PairContext } from './types.ts';
import { registerAt } from './registerAt.ts';
import type { RegisteredNear } from './registerAt.ts';

const SPREAD_MM = 3;
const CONTEXT = pairContextOf(query, target);

function predictionAt(place: LpsPoint): Prediction {
  if (CONTEXT.neighbourMap === undefined) throw new Error('the pair has no neighbour map');
  return { ...fieldOf(CONTEXT.neighbourMap).at(place), spreadMm: SPREAD_MM };
}

function register(context: PairContext, place: LpsPoint, prediction: Prediction): RegisteredNear | undefined {
  return registerAt(context, { target, directions: directionsAt(query, place), lps: place, prediction });
}

/** The pair with other values in the target. */
function withValues(valueOf: Parameters<typeof targetWith>[0]): PairContext {
  return { ...CONTEXT, target: targetWith(valueOf) };
}

/** The pair with another texture in the target. */
function withTexture(seed: number): PairContext {
  const waves = planeWaves(48, 60, seed);
  return withValues((_, at) => {
    const [a = 0, b = 0, c = 0] = waves(at);
    return Math.round(40 + 800 * (a + b + c));
  });
}

/** The pair with all of the target brighter by so many HU. */
function brighter(hu: number): PairContext {
  return withValues((value) => value + hu);
}

/** The same with a lesion at a place of the target. */
function withLesion(place: LpsPoint, hu: number): PairContext {
  return withValues((value, at) => (distanceMm(at, toTarget(place)) < 9 ? 600 : value + hu));
}

describe('registerAt', () => {
  it.each([
    [0, true],
    [30, true],
    [-30, true],
    [120, false],
    [-120, false],
  ])('where a lesion has come, is firm unless all around it has changed (by %d HU: %s)', (hu, isFirm) => {
    const [place] = PLACES as [LpsPoint];
    const found = register(withLesion(place, hu), place, predictionAt(place));
    expect(found).toMatchObject({ isAround: true, isFirm });
  });

  it.each([
    [30, true],
    [120, false],
  ])('is firm unless the tissue is as a whole another one (by %d HU: %s)', (hu, isFirm) => {
    const [place] = PLACES as [LpsPoint];
    const found = register(brighter(hu), place, predictionAt(place));
    expect(found).toMatchObject({ isAround: false, isFirm });
    expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(1.5);
  });

  // Of forty textures, those which a registration with a correlation of 0.3 to 0.7 follows for 6 mm and more.
  it.each([10, 21])('stays near the prediction where the patches are a little alike (texture %d)', (seed) => {
    for (const place of PLACES) {
      const found = register(withTexture(seed), place, predictionAt(place));
      if ((found?.ncc ?? 0) < 0.7) expect(found?.movedMm ?? 0).toBeLessThan(1.5 * SPREAD_MM);
    }
  });

  it('moves as far where they are alike', () => {
    for (const place of PLACES) {
      const prediction = predictionAt(place);
      const [x, y, z] = prediction.lps;
      const found = register(CONTEXT, place, { ...prediction, lps: lpsPoint(x + 8, y, z) });
      expect(found?.movedMm).toBeGreaterThan(1.5 * SPREAD_MM);
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(4);
    }
  });
});
