import type { SeriesPoint } from '../matching/types.ts';

/** How the reader left a pair. Rejected pairs are never stored. */
export type PairState = 'accepted' | 'moved';

/** One lesion at two time points, as the reader confirmed it. */
export interface ConfirmedPair {
  /** The reader's label, shown by viewers. */
  readonly label: string;
  /** Identifies the lesion across studies: UID 2.25.x, the same in every report about it. */
  readonly lesionUid: string;
  readonly state: PairState;
  readonly current: SeriesPoint;
  readonly prior: SeriesPoint;
  /** Of the automatic match, before the reader moved it. */
  readonly similarity: number;
  readonly cycleErrorMm: number;
}

/** The algorithm that proposed the pairs (TID 4019). */
export interface AlgorithmIdentification {
  readonly name: string;
  readonly version: string;
  readonly parameters: readonly string[];
}
