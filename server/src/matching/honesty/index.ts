import { spacingOf } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { SearchSpace } from '../searchSpace.ts';
import type { Found, MatchVerdict, OutOfViewSide } from '../types.ts';

/** What an answer is judged against. */
export interface JudgeContext {
  readonly query: SearchSpace;
  readonly target: SearchSpace;
  /** The query point, LPS mm. */
  readonly lps: LpsPoint;
}

/** What an answer is worth. */
export interface Judgement {
  readonly verdict: MatchVerdict;
  /** Only with the verdict `out-of-view`. */
  readonly outOfView?: readonly OutOfViewSide[];
  /** Holds the true point with 90 % probability, mm. */
  readonly errorRadiusMm: number;
}

/** Below this similarity the answer is no better than what another body part gives (sam-uae 3.5: 0.64). */
const LEAST_SIMILARITY = 0.6;
/** A way back that ends farther away than this went to another place, mm. */
const LARGEST_CYCLE_ERROR_MM = 15;
/** Radius of a perfect answer, in fine voxels. */
const LEAST_RADIUS_VOXELS = 1 / 2;
/** Radius per lost similarity, mm. */
const RADIUS_PER_DISSIMILARITY_MM = 20;

/** Judges an answer: its verdict and its error radius. */
export function judge(found: Found, { target }: JudgeContext): Judgement {
  const { similarity, cycleErrorMm, evidence } = found;
  const isDoubtful = similarity < LEAST_SIMILARITY || cycleErrorMm > LARGEST_CYCLE_ERROR_MM;
  return {
    verdict: isDoubtful ? 'uncertain' : 'matched',
    errorRadiusMm:
      LEAST_RADIUS_VOXELS * Math.max(...spacingOf(target.maps[0].map.grid.voxelToLps)) +
      RADIUS_PER_DISSIMILARITY_MM * (1 - Math.min(similarity, 1)) +
      cycleErrorMm +
      (evidence?.sdMm ?? 0),
  };
}
