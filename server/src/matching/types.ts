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
