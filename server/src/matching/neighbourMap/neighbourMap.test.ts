import { distanceMm, lpsPoint } from '../../geometry/index.ts';
import { fieldAt } from '../field/nodes.ts';
import { FIELD_STEPS, precomputeField } from '../field/precomputeField.ts';
import { METHODS } from '../methods.ts';
import { precomputeHere } from '../precomputation.ts';
import { CONTEXT_STEPS } from '../refined/index.ts';
import { matchRefined } from '../refined/matchRefined.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { RUNNER_UP_MM } from '../../search/search.ts';
import { searchSpaceOf } from '../../search/space.ts';
import { gridOf, syntheticEmbedding } from '../pool/syntheticEmbedding.ts';
import { PLACES, query, target, toTarget } from '../testing/affinePair.ts';
import { MATCH_METHODS } from '../types.ts';
import type { Found } from '../types.ts';
import { robustAffine } from '../../registration/affine/affineFit.ts';
import { fieldOf, neighbourMapOf, inverseFieldOf } from './neighbourMap.ts';

/** How far the distance of the runner-up, from voxel to voxel, lies beside that of its place from the refined answer, mm. */
function beside(found: Found | undefined): number {
  const { lps, distanceMm: fromVoxelMm } = found?.runnerUp ?? {};
  if (found === undefined || lps === undefined || fromVoxelMm === undefined) return Infinity;
  return Math.abs(distanceMm(lps, found.lps) - fromVoxelMm);
}

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

describe('the methods on a known map', () => {
  /** A third of a voxel of these images: 4 mm, waves of 60 mm. */
  const TOLERANCE_MM = 1.3;

  it('refined: registers to a fraction of a voxel', () => {
    for (const place of PLACES) {
      const found = matchRefined(query, target, place);
      expect(found?.step).toBe('local');
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(TOLERANCE_MM);
    }
  });

  it.each(MATCH_METHODS)('%s: says how similar another place is, and the cycle error', (method) => {
    for (const place of PLACES) {
      const found = METHODS[method].match(query, target, place);
      expect(found?.runnerUp?.distanceMm).toBeGreaterThan(RUNNER_UP_MM);
      expect(found?.runnerUp?.similarity).toBeLessThan(found?.similarity ?? NaN);
      expect(beside(found)).toBeLessThan(4);
      expect(found?.cycleErrorMm).toBeLessThan(2);
    }
  });

  it('refined: uses the prediction of the neighbours where the pair agrees as little as two patients', () => {
    const context = precomputeHere(CONTEXT_STEPS, query, target, { interPatientAgreement: 1 });
    for (const place of PLACES)
      expect(matchRefined(query, target, place, context)?.step).toBe('neighbour-map');
    const known = precomputeHere(CONTEXT_STEPS, query, target, { interPatientAgreement: 0.01 });
    expect(matchRefined(query, target, PLACES[0]!, known)?.step).toBe('local');
  });

  it('field: registers nothing there', () => {
    const context = precomputeHere(CONTEXT_STEPS, query, target, { interPatientAgreement: 1 });
    const { grid } = precomputeHere(FIELD_STEPS, query, target, context);
    for (const place of PLACES) expect(grid && fieldAt(grid, place)?.correlation).toBe(0);
  });

  it('field: is the map', () => {
    const { grid } = precomputeField(query, target);
    for (const place of PLACES) {
      const found = grid && fieldAt(grid, place);
      expect(distanceMm(found?.lps ?? lpsPoint(NaN, 0, 0), toTarget(place))).toBeLessThan(TOLERANCE_MM);
    }
  });
});
