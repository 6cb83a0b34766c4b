import { distanceMm, lpsPoint } from '../geometry/index.ts';
import { RUNNER_UP_MM } from '../search/search.ts';
import { fieldAt } from './field/nodes.ts';
import { FIELD_STEPS, precomputeField } from './field/precomputeField.ts';
import { METHODS } from './methods.ts';
import { precomputeHere } from './precomputation.ts';
import { CONTEXT_STEPS } from './refined/index.ts';
import { matchRefined } from './refined/matchRefined.ts';
import { PLACES, query, target, toTarget } from '../matching/testing/affinePair.ts';
import { MATCH_METHODS } from '../matching/types.ts';
import type { Found } from './types.ts';

/** How far the distance of the runner-up, from voxel to voxel, lies beside that of its place from the refined answer, mm. */
function beside(found: Found | undefined): number {
  const { lps, distanceMm: fromVoxelMm } = found?.runnerUp ?? {};
  if (found === undefined || lps === undefined || fromVoxelMm === undefined) return Infinity;
  return Math.abs(distanceMm(lps, found.lps) - fromVoxelMm);
}

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
