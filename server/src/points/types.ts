import type { LpsPoint } from '../geometry/index.ts';

/** A named place of a file of points. */
export interface NamedPoint {
  readonly name: string;
  /** Patient LPS, mm. */
  readonly lps: LpsPoint;
  /** Where the file says in whose frame of reference it lies. */
  readonly frameOfReferenceUid?: string;
  /** Tracking Unique Identifier of a lesion in an SR. */
  readonly trackingUid?: string;
}
