import type { CodedConcept } from '../findings/types.ts';
import type { Predecessor } from '../header.ts';
import type { InstanceAttributes, SeriesPoint } from '../types.ts';
import type { ReportUids } from '../uid.ts';

/** What a lesion counts for in the assessment of a treatment. */
export const LESION_ROLES = ['target', 'non-target', 'new', 'not-followed'] as const;
/** What a time point shows of a lesion. */
export const OBSERVATION_STATUSES = ['present', 'resolved', 'not-covered', 'not-evaluable'] as const;
/** What the reader did with a place that was carried over. */
export const REVIEWS = ['accepted', 'corrected'] as const;
/** RECIST 1.1: complete and partial response, stable and progressive disease, not evaluable. */
export const RESPONSES = ['CR', 'PR', 'SD', 'PD', 'NE'] as const;

/** A diameter in the image of the place; column and row continuous, 0 at the centre of the first pixel. */
export interface Diameter {
  readonly mm: number;
  readonly ends: readonly [readonly [column: number, row: number], readonly [column: number, row: number]];
}

/** One lesion at one time point. */
export interface LesionObservation {
  /** Tracking Unique Identifier: the same in the reports of all studies. */
  readonly trackingUid: string;
  /** The reader's name of the lesion, one line. */
  readonly label: string;
  readonly site?: CodedConcept;
  readonly place: SeriesPoint;
  readonly longAxis?: Diameter;
  /** Only beside a long axis. */
  readonly shortAxis?: Diameter;
}

/** The time point of a study (PS3.16 TID 1502). */
export interface TimePoint {
  /** Name of the time point, such as its date. */
  readonly name: string;
  /** PS3.16 CID 6146. */
  readonly type?: 'baseline' | 'pretreatment' | 'posttreatment' | 'nadir';
  readonly subjectIdentifier?: string;
  readonly protocolIdentifier?: string;
}

/** What the report of a time point is made from. */
export interface TimePointReportRequest {
  readonly observations: readonly LesionObservation[];
  readonly timePoint: TimePoint;
  /** Any instance of the study: patient and study come from it. Rows and Columns bound the places in its series. */
  readonly image: InstanceAttributes;
  readonly softwareVersion: string;
  readonly now: Date;
  /** Name of the reader in DICOM form (Family^Given), where it is known. */
  readonly observerName?: string;
  /** Reports that this one replaces; without observations it withdraws them. */
  readonly predecessors?: readonly Predecessor[];
  /** Random ones when omitted. */
  readonly uids?: ReportUids;
}
