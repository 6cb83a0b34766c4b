import { distanceMm, spacingOf } from '../../geometry/index.ts';
import type { Embedding } from '../../embedding/types.ts';
import type { Found } from '../../matchMethods/types.ts';

/** Distances enter as log(offset + mm): below the offset, which is what an embedding can resolve, they say nothing. */
const OFFSET_MM = 0.5;
/** What is assumed of evidence that a method does not give: the middle of what others give. */
const UNKNOWN_MM = 3;
const UNKNOWN_CORRELATION = 0.7;
/** A similarity gap to the runner-up above this says no more. */
const LARGEST_GAP = 0.3;

/** Slices that are closer than the working voxels cost no accuracy, mm. */
const FINEST_SLICE_MM = 2;

/** Distance of the slices of the scan that has the thicker ones, mm. */
export function thickerSliceMm(...volumes: readonly Pick<Embedding['volume'], 'voxelToLps'>[]): number {
  return Math.max(...volumes.map(({ voxelToLps }) => spacingOf(voxelToLps)[2]));
}

/**
 * The features of one answer, in the order of `FEATURES` (model/types.ts).
 * @param sliceMm of the scan with the thicker slices
 */
export function featuresOf(found: Found, sliceMm: number): readonly number[] {
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
    Math.log(Math.max(sliceMm, FINEST_SLICE_MM) / FINEST_SLICE_MM),
  ];
}

/** Similarity that an answer is judged by: of the point, or of its surroundings where its own tissue has changed. */
export function similarityOf({ similarity, evidence }: Found): number {
  return evidence?.surroundings ?? similarity;
}

function logMm(mm: number): number {
  return Math.log(OFFSET_MM + mm);
}
