import type { Embedding } from '../embedding/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { MatchVerdict, SeriesPoint } from '../matching/index.ts';
import type { SamepointError } from '../errors/index.ts';

/** A named place in a series. */
export interface Landmark {
  readonly name: string;
  /** LPS, mm. */
  readonly lps: LpsPoint;
}

/**
 * Landmarks of one series, and the vectors around them: what is needed to find them in another series, and no image. Its embedding has
 * no image, no UIDs, and vectors near the landmarks only.
 */
export interface LandmarkTemplate {
  readonly model: { readonly id: string; readonly version: string };
  readonly landmarks: readonly Landmark[];
  /** How far from a landmark vectors are kept, mm. */
  readonly reachMm: number;
  readonly embedding: Embedding;
}

/** A landmark in a series that a template was searched in. */
export interface FoundLandmark {
  readonly name: string;
  /** Never `matched`: the template may be of another patient. */
  readonly verdict: Exclude<MatchVerdict, 'matched'>;
  readonly place: SeriesPoint;
  /** Mean over the templates. */
  readonly similarity: number;
  /** Holds the true place with 90 % probability, as measured between patients, mm. */
  readonly errorRadiusMm: number;
  /** Templates that have this landmark and found it. */
  readonly votes: number;
  /** Largest distance of an answer of a template from the place; absent where there is one template. */
  readonly spreadMm?: number;
}

/** A landmark, or why there is none. */
export type LandmarkOutcome =
  | { readonly name: string; readonly ok: true; readonly landmark: FoundLandmark }
  | { readonly name: string; readonly ok: false; readonly error: SamepointError };
