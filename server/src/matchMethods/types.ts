import type { LpsPoint } from '../geometry/index.ts';
import type { Axes, LesionChange, ProposedAxes } from '../lesion/index.ts';
import type { MatchStep } from '../model/index.ts';

/**
 * The second opinion of a search: the best candidate that is another place than the answer, more than 20 mm away. With methods whose
 * answer is not the choice of the embedding only (`refined`, `field`) it may be more similar than the answer.
 */
export interface RunnerUp {
  /** From the answer, mm. */
  readonly distanceMm: number;
  readonly similarity: number;
  /** LPS, mm; absent where only the distance is known. */
  readonly lps?: LpsPoint;
}

/** A pair of places that are each other's nearest neighbours (structural inference of UAE); centres of fine voxels, LPS mm. */
export interface WeighedFixedPoint {
  readonly query: LpsPoint;
  readonly target: LpsPoint;
  /** Of the match back. */
  readonly similarity: number;
  /** What it counted in the robust affine, 0 to 1, along x, y and z of the target. */
  readonly weights: readonly [number, number, number];
}

/** What a method knows about its answer beyond the similarity; matching/confidence/ makes radius and verdict of it. */
interface Evidence {
  /** Spread of the answer as the method sees it (of neighbours' predictions, of survivors, of a local fit), mm. */
  readonly sdMm?: number;
  /** Where the neighbours' matches put the point; may lie outside the target volume. LPS, mm. */
  readonly predicted?: LpsPoint;
  /** Neighbours that agreed, of those followed. */
  readonly survivors?: number;
  readonly followed?: number;
  /** Correlation of the local patches at the answer, -1 to 1. */
  readonly patchCorrelation?: number;
  /** How much the neighbours' matches disagree about the prediction (root mean square distance), mm. */
  readonly spreadMm?: number;
  /** How well the matches of the whole pair agree with their backward matches and their neighbours, 0 to 1. */
  readonly pairAgreement?: number;
  /** True where the images of the pair do not show one patient, however much its matches agree. */
  readonly areImagesUnlike?: boolean;
  /** True where the images of the pair are of two modalities, or of two sequences of an MR. */
  readonly areDifferentContrasts?: boolean;
  /** From the answer to the embedding's best candidate near the prediction, mm. */
  readonly candidateMm?: number;
  /**
   * The pair was placed by the edges of its images, and they agree little, or elsewhere nearly as well: from the answer to where it would
   * be there, mm; Infinity where no other place is known.
   */
  readonly otherPlaceMm?: number;
  /** True where the query point counts as air beside the body: the neighbours' matches only say where it is. */
  readonly isBesideBody?: boolean;
  /** Similarity of what is around a point whose own tissue has changed, or that has no vector: stands for the point's own. */
  readonly surroundings?: number;
}

/** What a method finds for a point inside the body of the query series. */
export interface Found {
  readonly lps: LpsPoint;
  readonly similarity: number;
  readonly cycleErrorMm: number;
  readonly step: MatchStep;
  readonly runnerUp?: RunnerUp;
  readonly evidence?: Evidence;
  /** What the images show of the lesion at the point, where they show it. */
  readonly change?: LesionChange;
  /** Row-major 3 x 3: a small offset from the point to one from the answer, where the method has a map. */
  readonly linear?: Float64Array;
  readonly axes?: ProposedAxes;
  /** Of structural inference. */
  readonly fixedPoints?: readonly WeighedFixedPoint[];
}

/** What a method is given of a point. */
export interface WorkPoint {
  /** Of the query series, mm. */
  readonly lps: LpsPoint;
  /** Diameters of its lesion, to be proposed in the target. */
  readonly axes?: Axes;
}
