import type { Manifest, MatchMethod, MatchStep } from '../model/index.ts';
import type { Embedding } from '../embedding/types.ts';
import type { SamepointError } from '../errors/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import type { Axes, LesionChange, ProposedAxes } from '../registration/index.ts';

/** The pixel of the series nearest to a world point: what a viewer jumps to and SR refers to. */
interface NearestPixel {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly frameNumber?: number;
  /** Continuous pixel index, 0 = centre of the first pixel (not the SCOORD corner convention). */
  readonly column: number;
  readonly row: number;
  /** Distance of the point from the slice plane, mm. */
  readonly offPlaneMm: number;
}

/** A point in one series: world, its frame of reference and the nearest pixel. */
export interface SeriesPoint {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** Name of the PACS where there are several; of points that a caller confirms. */
  readonly source?: string | undefined;
  readonly frameOfReferenceUid: string;
  readonly lps: LpsPoint;
  readonly pixel: NearestPixel;
}

export { MATCH_METHODS, MATCH_STEPS } from '../model/types.ts';
export type { MatchMethod } from '../model/index.ts';
export { LESION_CHANGES } from '../registration/index.ts';
export type { Axes, LesionChange, ProposedAxes } from '../registration/index.ts';

/** Method and step of previews, which come before the embeddings are there; they cannot be requested by name (preview/). */
export const PREVIEW_METHOD = 'preview';
export const PREVIEW_STEP = 'affine';

/** What the answer is worth: only `matched` claims to be the same point. */
export const MATCH_VERDICTS = ['matched', 'uncertain', 'out-of-view', 'absent'] as const;
export type MatchVerdict = (typeof MATCH_VERDICTS)[number];

/** Sides of a volume, in the patient. */
export const OUT_OF_VIEW_SIDES = ['superior', 'inferior', 'left', 'right', 'anterior', 'posterior'] as const;
export type OutOfViewSide = (typeof OUT_OF_VIEW_SIDES)[number];

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
interface WeighedFixedPoint {
  readonly query: LpsPoint;
  readonly target: LpsPoint;
  /** Of the match back. */
  readonly similarity: number;
  /** What it counted in the robust affine, 0 to 1, along x, y and z of the target. */
  readonly weights: readonly [number, number, number];
}

/** The answer for one query point in one target series. */
export interface Match {
  readonly method: MatchMethod | typeof PREVIEW_METHOD;
  /** The step of the method that gave the answer. */
  readonly step: MatchStep | typeof PREVIEW_STEP;
  /** The model whose embeddings were compared; absent in previews. */
  readonly model?: Pick<MatchModel, 'id' | 'version'>;
  readonly verdict: MatchVerdict;
  /** Only with the verdict `out-of-view`: where the counterpart lies, seen from the target volume. */
  readonly outOfView?: readonly OutOfViewSide[];
  readonly query: SeriesPoint;
  /** With the verdict `out-of-view` the nearest point inside the target volume. */
  readonly target: SeriesPoint;
  /** Weighted mean cosine over the roles of the model, -1 to 1; not a probability. */
  readonly similarity: number;
  /** Distance between the query and where the same step, run backward, puts the answer, mm. */
  readonly cycleErrorMm: number;
  /** Absent where no other place is far enough from the answer. */
  readonly runnerUp?: RunnerUp;
  /** Radius around the target point that holds the true point with 90 % probability (calibrated), mm. */
  readonly errorRadiusMm: number;
  /**
   * What became of the lesion at the query point; only with the verdict `matched`, and only where both images show it beyond doubt. Which
   * of the two is the earlier one is not known here.
   */
  readonly change?: LesionChange;
  /**
   * The diameters of the query point's lesion in the target, in the plane of the slice of the answer; only with the verdict `matched`, and
   * where the query point has some.
   */
  readonly axes?: ProposedAxes;
  /** What the answer is made of; only on request, and of the step `structural`. */
  readonly fixedPoints?: readonly WeighedFixedPoint[];
}

/** What a method knows about its answer beyond the similarity; confidence/ makes radius and verdict of it. */
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
  /** From the answer to the embedding's best candidate near the prediction, mm. */
  readonly candidateMm?: number;
  /**
   * The pair was placed by the edges of its images, and they agree little, or elsewhere nearly as well: from the answer to where it would
   * be there, mm; Infinity where no other place is known.
   */
  readonly otherPlaceMm?: number;
  /** Similarity of what is around a point whose own tissue has changed: stands for the point's own, which a change lowers. */
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

/** A point to be matched: world point of the query series. */
export interface QueryPoint extends WorkPoint {
  readonly id: string;
  /** When given, it must be the query series' own. */
  readonly frameOfReferenceUid?: string;
}

/** What became of one point; a point that fails does not touch its neighbours. */
export type PointOutcome =
  | { readonly pointId: string; readonly ok: true; readonly match: Match }
  | { readonly pointId: string; readonly ok: false; readonly error: SamepointError };

/** What the manifest of a model says about matching with it. */
export interface MatchModel extends Pick<Manifest, 'id' | 'version'> {
  /**
   * Size of the errors of each method, perhaps by the modalities of the pair; without, radii are a guess. How a pair is placed, and how near to that `nearest` searches. Weights
   * of the maps for methods that precompute a pair; without, the maps' own.
   */
  readonly matching: Pick<
    Manifest['matching'],
    'calibration' | 'modalityCalibrations' | 'globalStep' | 'nearestPriorMm' | 'neighbourMapWeights'
  >;
}

/** One request: points of a query series to be found in a target series, both embedded by the same model. */
export interface MatchRequest {
  readonly query: Embedding;
  readonly target: Embedding;
  readonly points: readonly QueryPoint[];
  readonly method?: MatchMethod;
  /** True where the answers shall have their fixed points. */
  readonly fixedPoints?: boolean | undefined;
  /**
   * Where the target was embedded in a turned world: LPS of the target series to the LPS of `target`; orthogonal, of either handedness.
   * The answers are in the world of the series.
   */
  readonly turn?: Affine | undefined;
  /** True where left and right may be exchanged between both scans: no answer is more than uncertain. */
  readonly isSideUnsure?: boolean | undefined;
  /** That of both embeddings. */
  readonly model: MatchModel;
  readonly signal?: AbortSignal;
}

/** A point of one series whose like is looked for everywhere in another one; see {@link MatchRequest}. */
export interface SimilarityRequest extends Pick<MatchRequest, 'query' | 'target' | 'turn' | 'model'> {
  /** LPS mm of the query. */
  readonly point: LpsPoint;
  readonly signal?: AbortSignal | undefined;
}
