import { distanceMm, invert, lpsPoint, toVoxel } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { fieldOf } from '../../neighbourMap/index.ts';
import type { NeighbourMap } from '../../neighbourMap/index.ts';
import { directionsAt } from '../../search/index.ts';
import { query, target, targetEmbedding, targetWith, toTarget } from '../../matching/testing/affinePair.ts';
import { predictFromFarther } from './fartherPlaces.ts';
import { matchRefined } from './matchRefined.ts';
import { pairContextOf } from './pairContext.ts';
import { registerAt } from './registerAt.ts';
import type { PairContext } from './types.ts';

const PLACE = lpsPoint(44, 50, 46);
const PAIR = pairContextOf(query, target);
/** From, deviation and weight of a grid point: the numbers of one, and where the deviation begins. */
const [NUMBERS, DEVIATION] = [7, 3];
/** How far the matches inside a change are off, mm. */
const OFF_MM = 8;
const LESION_MM = 9;

/** The pair with something else within so many mm of the place in the target, where the matches are wrong, too. */
function withChange(radiusMm: number): PairContext {
  return {
    ...PAIR,
    target: targetWith((value, at) => (distanceMm(at, toTarget(PLACE)) > radiusMm ? value : -90)),
    neighbourMap: misledWithin(radiusMm),
  };
}

/** The pair with a lesion at the place in the target, and what is within so many mm of it shifted by so many. */
function withCopy(radiusMm: number, shiftMm: number): PairContext {
  const { grid, values } = targetEmbedding.image;
  const [ni, nj] = grid.dims;
  const fromVoxel = invert(grid.voxelToLps);
  const shifted = ([x, y, z]: LpsPoint): number | undefined => {
    const [i = NaN, j = NaN, k = NaN] = toVoxel(fromVoxel, lpsPoint(x + shiftMm, y, z)).map(Math.round);
    return values[(k * nj + j) * ni + i];
  };
  const target = targetWith((value, at) => {
    const mm = distanceMm(at, toTarget(PLACE));
    if (mm < LESION_MM) return 600;
    return mm > radiusMm ? value : (shifted(at) ?? value);
  });
  return { ...PAIR, target };
}

function misledWithin(radiusMm: number): NeighbourMap {
  if (PAIR.neighbourMap === undefined) throw new Error('the pair has no neighbour map');
  const nodes = PAIR.neighbourMap.nodes.slice();
  for (let at = 0; at < nodes.length; at += NUMBERS) {
    const from = lpsPoint(nodes[at] ?? NaN, nodes[at + 1] ?? NaN, nodes[at + 2] ?? NaN);
    if (distanceMm(from, PLACE) <= radiusMm) nodes[at + DEVIATION] = OFF_MM;
  }
  return { ...PAIR.neighbourMap, nodes };
}

function predictionIn({ neighbourMap }: PairContext) {
  if (neighbourMap === undefined) throw new Error('the pair has no neighbour map');
  return fieldOf(neighbourMap).at(PLACE);
}

function errorOf(lps: LpsPoint | undefined): number {
  return lps === undefined ? NaN : distanceMm(lps, toTarget(PLACE));
}

describe('a point in the middle of a large change', () => {
  const changed = withChange(28);
  const point = { query, target, lps: PLACE, prediction: predictionIn(changed) };

  it('is where unchanged places around it say, not where the matches inside lead', () => {
    const found = predictFromFarther(changed, point);
    expect(errorOf(point.prediction.lps)).toBeGreaterThan(3);
    expect(errorOf(found?.prediction.lps)).toBeLessThan(1.5);
    // Those of the same tissue.
    expect(found?.similarity).toBeGreaterThan(0.9);
  });

  it('is answered so', () => {
    const found = matchRefined(query, target, PLACE, changed);
    expect(found?.step).toBe('farther');
    expect(errorOf(found?.lps)).toBeLessThan(1.5);
    expect(found?.cycleErrorMm).toBe(point.prediction.spreadMm);
  });

  it.each([
    ['two patients', { areDifferentPatients: true }],
    ['two patients whose matches agree', { areImagesUnlike: true }],
    ['two contrasts', { areDifferentContrasts: true }],
    ['matches that agree on no map', { neighbourMap: undefined }],
  ])('is not looked for between images of %s', (_, other) => {
    expect(predictFromFarther({ ...changed, ...other }, point)).toBeUndefined();
  });

  it('is not looked for beside the target', () => {
    const [x, y, z] = point.prediction.lps;
    const prediction = { ...point.prediction, lps: lpsPoint(x, y, z - 200) };
    expect(predictFromFarther(changed, { ...point, prediction })).toBeUndefined();
  });

  it('is not known where hardly a place is unchanged', () => {
    expect(predictFromFarther(withChange(70), point)).toBeUndefined();
  });
});

describe('a point whose surroundings have changed so that they look like a place beside them', () => {
  const context = withCopy(26, 9);
  const point = { query, target, lps: PLACE, prediction: predictionIn(context) };
  const registered = registerAt(context, { ...point, directions: directionsAt(query, PLACE) });

  it('is registered there with confidence', () => {
    expect(registered).toMatchObject({ isAround: true, isFirm: true });
    expect(errorOf(registered?.lps)).toBeGreaterThan(4);
  });

  it('is where unchanged places farther off say', () => {
    const found = matchRefined(query, target, PLACE, context);
    expect(found?.step).toBe('farther');
    expect(errorOf(found?.lps)).toBeLessThan(1.5);
  });
});

it('a point whose tissue has not changed is registered itself', () => {
  expect(matchRefined(query, target, PLACE, PAIR)?.step).toBe('local');
});
