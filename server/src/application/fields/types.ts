import type { LpsPoint } from '../../geometry/index.ts';
import type { SeriesRef } from '../../dicomweb/index.ts';

/** A pair of series whose whole map is wanted. */
export interface FieldRequest {
  readonly query: SeriesRef;
  readonly target: SeriesRef;
  /** The server's default where absent. */
  readonly model?: string | undefined;
}

/** What a job says of a field that is at hand. */
export interface ReadyField {
  readonly state: 'ready';
  readonly query: SeriesRef;
  readonly target: SeriesRef;
  readonly model: string;
}

/** The map of a pair, encoded (fieldFormat/). */
export interface PairField extends ReadyField {
  readonly bytes: Uint8Array;
}

/** A point of a series, and another series in which its like is looked for. */
export interface PointSimilarityRequest extends FieldRequest {
  /** LPS mm of the query. */
  readonly lps: LpsPoint;
}
