import { distanceMm } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { PairContext } from './pairContext.ts';
import { CURVATURE, registerWith, STRAIN } from './registerAt.ts';
import { inverse3 } from './registration.ts';
import type { Linear, Stage } from './registration.ts';

/** The way back only has to tell the right basin from a wrong one. */
const BACK: readonly Stage[] = [{ level: 'fine', sigma: 8, terms: 4, iterations: 5, thinned: true }];
/** Prior of the way back, mm: wide, so that it may leave the query's place. */
const BACK_SHIFT_MM = 6;

/**
 * Registers back from the answer: distance between the query point and where that ends, mm.
 * @param linear offsets of the query to offsets of the target, row-major
 * @returns undefined where too little of the window is in view
 */
export function cycleErrorMm(
  { query, target }: Pick<PairContext, 'query' | 'target'>,
  lps: LpsPoint,
  answer: LpsPoint,
  linear: Linear,
): number | undefined {
  const prior = {
    centre: lps,
    linear: inverse3(linear),
    shiftMm: BACK_SHIFT_MM,
    strain: STRAIN,
    curvature: CURVATURE,
  };
  const back = registerWith({ query: target, target: query }, answer, prior, BACK);
  return back && distanceMm(back.lps, lps);
}
