import type { LpsPoint } from '../geometry/index.ts';
import type { InstanceAttributes } from '../documents/index.ts';

/** A named point in the patient. */
export interface Fiducial {
  readonly name: string;
  /** LPS, mm. */
  readonly lps: LpsPoint;
  /** What is known of it, for people. */
  readonly description?: string;
}

/** What a Spatial Fiducials object is made from. */
export interface FiducialsRequest {
  readonly fiducials: readonly Fiducial[];
  /** Of the series that the points were found in. */
  readonly frameOfReferenceUid: string;
  /** Any instance of the study: patient and study come from it. */
  readonly image: InstanceAttributes;
  readonly softwareVersion: string;
  readonly now: Date;
}

/** The points of one frame of reference, as an object gives them. */
export interface FiducialSet {
  /** Absent where the points are given in images. */
  readonly frameOfReferenceUid?: string;
  readonly fiducials: readonly Fiducial[];
  /** Fiducials without a point in the patient. */
  readonly omitted: number;
}
