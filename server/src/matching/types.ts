import type { Embedding } from '../embedding/types.ts';
import type { SamepointError } from '../errors/index.ts';
import type { LpsPoint } from '../geometry/index.ts';

/** The pixel of the series nearest to a world point: what a viewer jumps to and SR refers to. */
export interface NearestPixel {
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
  readonly frameOfReferenceUid: string;
  readonly lps: LpsPoint;
  readonly pixel: NearestPixel;
}

/** The answer for one query point in one target series. */
export interface Match {
  /** Method that gave it, e.g. "nearest". */
  readonly method: string;
  readonly query: SeriesPoint;
  readonly target: SeriesPoint;
  /** Mean cosine over the roles of the model, -1 to 1; not a probability. */
  readonly similarity: number;
  /** Distance between the query and the match of the match back in the query series, mm. */
  readonly cycleErrorMm: number;
}

/** A point to be matched: world point of the query series. */
export interface QueryPoint {
  readonly id: string;
  readonly lps: LpsPoint;
  /** When given, it must be the query series' own. */
  readonly frameOfReferenceUid?: string;
}

/** What became of one point; a point that fails does not touch its neighbours. */
export type PointOutcome =
  | { readonly pointId: string; readonly ok: true; readonly match: Match }
  | { readonly pointId: string; readonly ok: false; readonly error: SamepointError };

/** Names of the matching methods, the default first. */
export const MATCH_METHODS = ['nearest'] as const;
export type MatchMethod = (typeof MATCH_METHODS)[number];

/** One request: points of a query series to be found in a target series, both embedded by the same model. */
export interface MatchRequest {
  readonly query: Embedding;
  readonly target: Embedding;
  readonly points: readonly QueryPoint[];
  readonly method?: MatchMethod;
  readonly signal?: AbortSignal;
}
