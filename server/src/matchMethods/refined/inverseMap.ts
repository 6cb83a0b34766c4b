import { distanceMm } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { Prediction } from '../../neighbourMap/index.ts';
import type { PairContext } from './types.ts';
import { CURVATURE, registerWith, STRAIN } from './registerAt.ts';
import type { Stage } from '../../registration/index.ts';

/** The backward registration only has to distinguish the right basin from a wrong one. */
const BACK: readonly Stage[] = [{ level: 'fine', sigma: 8, terms: 4, iterations: 8, thinned: true }];
/** The same where the tissue at the answer has changed: what is around it. */
const BACK_AROUND: readonly Stage[] = [
  { level: 'fine', sigma: 13, terms: 4, iterations: 4, thinned: true, slacksMm: [3, 1] },
];
/** Prior of the backward registration, mm: wide, so that it may move away from the neighbours' place. */
const BACK_SHIFT_MM = 6;

/**
 * Registers back from the answer: distance between the query point and where that ends, mm.
 * @param back where the inverse map puts the answer: the backward registration knows nothing of the query point
 * @param isAround the answer comes from what is around the point
 * @returns undefined where too little of the window is in view
 */
export function cycleErrorMm(
  { query, target }: Pick<PairContext, 'query' | 'target'>,
  lps: LpsPoint,
  answer: LpsPoint,
  back: Pick<Prediction, 'lps' | 'linear'>,
  isAround = false,
): number | undefined {
  const prior = {
    centre: back.lps,
    linear: back.linear,
    shiftMm: BACK_SHIFT_MM,
    strain: STRAIN,
    curvature: CURVATURE,
  };
  const ended = registerWith({ query: target, target: query }, answer, prior, isAround ? BACK_AROUND : BACK);
  return ended && distanceMm(ended.lps, lps);
}
