import type { LpsPoint } from '../../geometry/index.ts';
import type { Predecessor } from '../header.ts';
import type { CodedConcept } from '../../contentTree/index.ts';
import type { MatchProvenance, SeriesPoint } from '../types.ts';
import type { InstanceAttributes, ReportUids } from '../../documents/index.ts';

/** What a lesion counts for in the assessment of a treatment. */
export const LESION_ROLES = ['target', 'non-target', 'new', 'not-followed'] as const;
export type LesionRole = (typeof LESION_ROLES)[number];
/** What a time point shows of a lesion. */
export const OBSERVATION_STATUSES = ['present', 'resolved', 'not-covered', 'not-evaluable'] as const;
export type ObservationStatus = (typeof OBSERVATION_STATUSES)[number];
/** What the reader did with a place that was carried over. */
export const REVIEWS = ['accepted', 'corrected'] as const;
export type Review = (typeof REVIEWS)[number];
/** RECIST 1.1: complete and partial response, stable and progressive disease, not evaluable. */
export const RESPONSES = ['CR', 'PR', 'SD', 'PD', 'NE'] as const;
export type RecistResponse = (typeof RESPONSES)[number];

/** A diameter in the image of the place; column and row continuous, 0 at the centre of the first pixel. */
export interface Diameter {
  readonly mm: number;
  readonly ends: readonly [readonly [column: number, row: number], readonly [column: number, row: number]];
}

/** A diameter as its ends in the patient. */
export interface PatientDiameter {
  readonly mm: number;
  readonly ends: readonly [LpsPoint, LpsPoint];
}

/** Where the place of a lesion comes from that the reader did not mark. */
export interface CarriedOver {
  /** Study of the time point whose place was looked for. */
  readonly fromStudyInstanceUid: string;
  readonly review: Review;
  /** The match that proposed the place, as it was answered. */
  readonly provenance: MatchProvenance;
}

/** One lesion at one time point. */
export interface LesionObservation {
  /** Tracking Unique Identifier: the same in the reports of all studies. */
  readonly trackingUid: string;
  /** The reader's name of the lesion, one line. */
  readonly label: string;
  readonly role: LesionRole;
  readonly status: ObservationStatus;
  /** Lesion (52988006, SCT) where absent. */
  readonly finding?: CodedConcept;
  readonly site?: CodedConcept;
  /** With `present` and `resolved`; never with `not-covered`. */
  readonly place?: SeriesPoint;
  /** Only with `present`. */
  readonly longAxis?: Diameter;
  /** Only beside a long axis. */
  readonly shortAxis?: Diameter;
  /** Absent where the reader marked the place. */
  readonly carriedOver?: CarriedOver;
}

/** One lesion at one time point as the reader saw it: its diameters lie in the patient. */
export interface ConfirmedObservation extends Omit<LesionObservation, 'longAxis' | 'shortAxis'> {
  readonly longAxis?: PatientDiameter;
  readonly shortAxis?: PatientDiameter;
}

/** What the table of lesions says of a time point; lengths in mm. */
export interface Assessment {
  /** Sum of the diameters of the targets. */
  readonly sumMm: number;
  readonly baselineSumMm?: number;
  readonly nadirSumMm?: number;
  readonly changeFromBaselinePercent?: number;
  readonly changeFromNadirPercent?: number;
  readonly response?: RecistResponse;
}

/** A time point as its report says. */
export interface TimePointRecord {
  readonly name: string;
  readonly assessment?: Assessment;
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

/** A report that another one replaces. */
export interface ReplacedReport extends Predecessor {
  /** In the time zone of the hospital, `YYYY-MM-DDThh:mm:ss`: what replaces it is not older. */
  readonly createdAt?: string;
}

/** What the report of a time point is made from. */
export interface TimePointReportRequest {
  readonly observations: readonly LesionObservation[];
  readonly timePoint: TimePoint;
  readonly assessment?: Assessment;
  /** Any instance of the study: patient and study come from it. Rows and Columns bound the places in its series. */
  readonly image: InstanceAttributes;
  readonly softwareVersion: string;
  readonly now: Date;
  /** Name of the reader in DICOM form (Family^Given), where it is known. */
  readonly observerName?: string;
  /** Reports that this one replaces; without observations it withdraws them. */
  readonly predecessors?: readonly ReplacedReport[];
  /** Random ones when omitted. */
  readonly uids?: ReportUids;
}
