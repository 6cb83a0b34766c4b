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
