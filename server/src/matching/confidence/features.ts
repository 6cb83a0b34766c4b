import { distanceMm } from '../../geometry/index.ts';
import type { Found } from '../types.ts';

/** Distances enter as log(offset + mm): below the offset, which is what an embedding can resolve, they say nothing. */
const OFFSET_MM = 0.5;
/** What is assumed of evidence that a method does not give: the middle of what others give. */
const UNKNOWN_MM = 3;
const UNKNOWN_CORRELATION = 0.7;
/** A similarity gap to the runner-up above this says no more. */
const LARGEST_GAP = 0.3;

/** The features of one answer, in the order of `FEATURES` (model/matchingTerms.ts). */
export function featuresOf(found: Found): readonly number[] {
  const { lps, similarity, cycleErrorMm, runnerUp, evidence } = found;
  const gap = runnerUp === undefined ? LARGEST_GAP : similarity - runnerUp.similarity;
  const disagreement = evidence?.predicted === undefined ? UNKNOWN_MM : distanceMm(lps, evidence.predicted);
  return [
    logMm(cycleErrorMm),
    1 - Math.min(similarityOf(found), 1),
    LARGEST_GAP - Math.min(Math.max(gap, 0), LARGEST_GAP),
    logMm(evidence?.sdMm ?? UNKNOWN_MM),
    logMm(evidence?.spreadMm ?? UNKNOWN_MM),
    logMm(disagreement),
    logMm(evidence?.candidateMm ?? UNKNOWN_MM),
    1 - Math.min(evidence?.patchCorrelation ?? UNKNOWN_CORRELATION, 1),
  ];
}

/** Similarity that an answer is judged by: of the point, or of its surroundings where its own tissue has changed. */
export function similarityOf({ similarity, evidence }: Found): number {
  return evidence?.surroundings ?? similarity;
}

function logMm(mm: number): number {
  return Math.log(OFFSET_MM + mm);
}
