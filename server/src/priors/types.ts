/** Which time points of a patient are requested. */
export interface PriorsRequest {
  /** The study that is read. */
  readonly studyInstanceUid: string;
  /** Its PACS; the first configured one where absent. */
  readonly source?: string | undefined;
  /** The series that is read; the most suitable one of the study where absent. */
  readonly seriesInstanceUid?: string | undefined;
  /** The server's default where absent. */
  readonly model?: string | undefined;
}

/** Orientation of the slices of a series. */
export type Plane = 'axial' | 'coronal' | 'sagittal' | 'oblique';

/** A series, and whether it can be compared with the one that is read. */
export interface ComparableSeries {
  readonly seriesInstanceUid: string;
  readonly seriesNumber?: number;
  readonly description: string;
  readonly modality: string;
  readonly images: number;
  readonly plane?: Plane;
  readonly sliceThicknessMm?: number;
  readonly kernel?: string;
  /** Whether a contrast agent is named. */
  readonly contrast?: boolean;
  /** From the first to the last slice. */
  readonly lengthMm?: number;
  /** Share of the length of the series that is read which this one covers. */
  readonly coverage?: number;
  readonly isComparable: boolean;
  /** Why it is not compared, or what speaks against it; in the words of the reader. */
  readonly reasons: readonly string[];
}

/** A PACS whose studies are missing, and why. */
export interface OmittedSource {
  readonly name: string;
  readonly reason: 'unanswered' | 'hidden' | 'issuer-unknown';
}

/** A study of the patient. */
export interface TimePointStudy {
  readonly studyInstanceUid: string;
  /** Its PACS, where there are several. */
  readonly source?: string;
  /** YYYY-MM-DD. */
  readonly date?: string;
  /** hh:mm:ss. */
  readonly time?: string;
  readonly description: string;
  readonly modalities: readonly string[];
  /** The most suitable first; empty where they were not read. */
  readonly series: readonly ComparableSeries[];
  /** Whether it has structured reports, segmentations or structure sets. */
  readonly hasReports: boolean;
}

/** What is missing in a list of prior studies, and why. */
export interface OmittedPriors {
  /** The study names no patient: no other study can be said to be of the same one. */
  readonly isPatientUnknown: boolean;
  /** Where the study has no date, and others are listed: they may be later. */
  readonly isDateUnknown: boolean;
  /** Studies after the one that is read. */
  readonly later: number;
  /** Studies of the same PatientID by another issuer: other patients. */
  readonly otherIssuer: number;
  /** Studies of which it is not certain whose they are. */
  readonly unsurePatient: number;
  /** Studies that the PACS does not give out to this caller. */
  readonly hiddenStudies: number;
  /** Series that the PACS does not give out to this caller. */
  readonly hiddenSeries: number;
  /** Series whose images name another patient, study or series. */
  readonly foreignSeries: number;
  /** Listed studies whose series the PACS did not send, or not in time. */
  readonly unansweredStudies: number;
  /** Series of which the PACS did not send the headers. */
  readonly unansweredSeries: number;
  /** Listed studies whose series were not requested: there are too many studies. */
  readonly unread: number;
  /** The patient has more studies than are looked at. */
  readonly isCut: boolean;
  /** Other PACS whose studies are missing; absent where there is one PACS. */
  readonly sources?: readonly OmittedSource[];
}

/** The other studies of a patient that are not later than the one that is read. */
export interface PriorList {
  readonly current: TimePointStudy;
  /** Newest first, those without a date last. */
  readonly priors: readonly TimePointStudy[];
  readonly omitted: OmittedPriors;
  /** Whose they are; for the audit trail and for nothing else. */
  readonly patient: { readonly patientId: string | undefined; readonly issuer: string | undefined };
}
