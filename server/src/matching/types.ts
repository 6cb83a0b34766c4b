import type { Manifest, MatchMethod, MatchStep } from '../model/index.ts';
import type { Embedding } from '../embedding/types.ts';
import type { SamepointError } from '../errors/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import type { LesionChange, ProposedAxes } from '../lesion/index.ts';
import type { RunnerUp, WeighedFixedPoint, WorkPoint } from '../matchMethods/types.ts';

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
export { LESION_CHANGES } from '../lesion/index.ts';
export type { Axes, LesionChange, ProposedAxes } from '../lesion/index.ts';

/** Method and step of previews, which come before the embeddings are there; they cannot be requested by name (preview/). */
export const PREVIEW_METHOD = 'preview';
export const PREVIEW_STEP = 'affine';

/** What the answer is worth: only `matched` claims to be the same point. */
export const MATCH_VERDICTS = ['matched', 'uncertain', 'out-of-view', 'absent'] as const;
export type MatchVerdict = (typeof MATCH_VERDICTS)[number];

/** Sides of a volume, in the patient. */
export const OUT_OF_VIEW_SIDES = ['superior', 'inferior', 'left', 'right', 'anterior', 'posterior'] as const;
export type OutOfViewSide = (typeof OUT_OF_VIEW_SIDES)[number];

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
   * Size of the errors of each method; without, radii are a guess. How a pair is placed, and how near to that `nearest` searches. Weights
   * of the maps for methods that precompute a pair; without, the maps' own.
   */
  readonly matching: Pick<
    Manifest['matching'],
    'calibration' | 'globalStep' | 'nearestPriorMm' | 'neighbourMapWeights'
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
