import { affineFromColumns, distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { gridOf, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';
import { PLACES, query, target, toTarget } from '../matching/testing/affinePair.ts';
import { applyTo } from '../affineRegistration/index.ts';
import { robustAffine } from '../affineRegistration/affine/affineFit.ts';
import { searchSpaceOf } from '../search/space.ts';
import type { SearchSpace } from '../search/space.ts';
import { fieldOf, inverseFieldOf, localNodesOf, neighbourMapOf } from './neighbourMap.ts';

describe('neighbourMapOf', () => {
  const neighbourMap = neighbourMapOf(query, target);

  it('predicts every point of a pair that differs by an affine map', () => {
    for (const place of PLACES) {
      const found = neighbourMap && fieldOf(neighbourMap).at(place);
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(2);
    }
  });

  it('gives the inverse map, too', () => {
    for (const place of PLACES) {
      const back = neighbourMap && inverseFieldOf(neighbourMap).placeOf(toTarget(place));
      expect(distanceMm(back ?? lpsPoint(NaN, 0, 0), place)).toBeLessThan(2);
    }
  });

  it('extrapolates beyond the target', () => {
    const place = lpsPoint(92, 50, 50);
    const found = neighbourMap && fieldOf(neighbourMap).at(place);
    // Beyond x = 94, the last face of the target.
    expect(found?.lps[0]).toBeGreaterThan(96);
  });

  it('agrees as much with a narrow field of view as with the whole scan', () => {
    const grid = gridOf([10, 24, 24], [4, 4, 4], [20, 0, 0]);
    const toQuery = ([x, y, z]: LpsPoint): LpsPoint => lpsPoint((x - 6) / 1.05, y + 4, z - 3);
    const part = searchSpaceOf(syntheticEmbedding({ grid, toAnatomy: toQuery, name: '3' }));
    const whole = neighbourMap?.agreement ?? NaN;
    expect(neighbourMapOf(query, part)?.agreement).toBeGreaterThan(0.85 * whole);
  });

  it('lays as many grid points into a narrow field of view as into a whole scan, and none beyond it', () => {
    type Numbers = readonly [number, number, number];
    const spaceOf = (dims: Numbers, origin: Numbers): SearchSpace =>
      searchSpaceOf(syntheticEmbedding({ grid: gridOf(dims, [6, 6, 6], origin) }));
    const whole = spaceOf([32, 32, 32], [0, 0, 0]);
    const narrow = spaceOf([32, 12, 32], [0, 72, 0]);
    const toTargetLps = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, -6, 0]);
    const nodes = localNodesOf(whole, narrow, toTargetLps);
    const placesY = nodes.map((from) => applyTo(toTargetLps, from)[1]);
    expect(Math.min(...placesY)).toBeGreaterThan(72);
    expect(Math.max(...placesY)).toBeLessThan(138);
    expect(nodes.length).toBeGreaterThan(0.7 * localNodesOf(whole, whole, toTargetLps).length);
  });

  it('lays grid points everywhere where the target is thinner than their distance', () => {
    const slice = searchSpaceOf(syntheticEmbedding({ grid: gridOf([24, 24, 1], [4, 4, 4], [0, 0, 46]) }));
    const same = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
    expect(localNodesOf(query, slice, same)).toEqual(localNodesOf(query, query, same));
  });

  it('is the same when computed again', () => {
    expect(neighbourMapOf(query, target)).toEqual(neighbourMap);
  });
});

describe('robustAffine', () => {
  it('says that there is no map where matches go anywhere', () => {
    const scattered = Array.from({ length: 60 }, (_, n) => ({
      from: lpsPoint((n * 37) % 101, (n * 53) % 97, (n * 71) % 89),
      to: lpsPoint((n * 983) % 1009, (n * 787) % 1013, (n * 577) % 997),
      weight: 1,
      similarity: 0.5,
    }));
    expect(robustAffine(scattered)?.support ?? 0).toBeLessThan(0.25);
  });
});
