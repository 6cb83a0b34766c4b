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

/** Voxels that are smaller than the working ones cost no accuracy, mm. */
const FINEST_MM = 2;

/** How coarse the voxels of a pair are, mm. */
export interface PairSpacing {
  /** Distance of the slices of the scan that has the thicker ones. */
  readonly sliceMm: number;
  /** The longer side of the pixels of the scan that has the larger ones. */
  readonly pixelMm: number;
}

/** How coarse the voxels of the coarser scan are, in a slice and across. */
export function pairSpacingOf(...volumes: readonly Pick<Embedding['volume'], 'voxelToLps'>[]): PairSpacing {
  const spacings = volumes.map(({ voxelToLps }) => spacingOf(voxelToLps));
  return {
    sliceMm: Math.max(...spacings.map(([, , slice]) => slice)),
    pixelMm: Math.max(...spacings.flatMap(([column, row]) => [column, row])),
  };
}

/** The features of one answer, in the order of `FEATURES` (model/types.ts). */
export function featuresOf(found: Found, { sliceMm, pixelMm }: PairSpacing): readonly number[] {
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
    coarsenessOf(sliceMm),
    coarsenessOf(pixelMm),
  ];
}

function coarsenessOf(mm: number): number {
  return Math.log(Math.max(mm, FINEST_MM) / FINEST_MM);
}

/** Similarity that an answer is judged by: of the point, or of its surroundings where its own tissue has changed. */
export function similarityOf({ similarity, evidence }: Found): number {
  return evidence?.surroundings ?? similarity;
}

function logMm(mm: number): number {
  return Math.log(OFFSET_MM + mm);
}
