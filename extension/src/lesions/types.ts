/**
 * The model of a reading: lesions, each with one observation per time point.
 * @module
 */
import type {
  Axes,
  CodedConcept,
  Lps,
  MatchProvenance,
  MatchOutOfView,
  ObservationStatus,
  LesionRole,
  SeriesPoint,
  SeriesRef,
} from '../wire.ts';

export type { LesionRole, ObservationStatus } from '../wire.ts';

/** The reader's decision on an observation. Only accepted and corrected ones are saved. */
export type ReviewState = 'proposed' | 'accepted' | 'corrected' | 'rejected';

/** A diameter as it was measured. */
export interface Diameter {
  readonly mm: number;
  /** LPS, mm; absent where a report gives the number only. */
  readonly ends?: readonly [Lps, Lps];
}

/** How a place was found that the reader did not mark himself. */
export interface CarriedOver {
  /** Study of the time point whose place was looked for. */
  readonly fromStudyInstanceUid: string;
  /** The match as the server answered it: model, method, step, verdict, error radius (mm). */
  readonly provenance: MatchProvenance;
  /** Mean cosine, -1 to 1; not a probability. Absent, like the cycle error, of a match that is read from a report. */
  readonly similarity?: number;
  readonly cycleErrorMm?: number;
  /** Only with the verdict `out-of-view`: where the counterpart lies, seen from the scan. */
  readonly outOfView: MatchOutOfView;
  /** What both scans show of the lesion; absent where they do not show it beyond doubt, or their order in time is not known. */
  readonly sizes?: LesionSizes;
  /** Diameters turned by the map and fitted to the edge: to be checked by the reader. */
  readonly axes?: Axes;
  /** The place (LPS, mm) that looks most like the point besides the one that was found. */
  readonly runnerUp?: Lps;
}

/** Equivalent diameters of a lesion at two time points, mm; one of them is absent where that scan does not show the lesion. */
export interface LesionSizes {
  /** The diameters differ by no more than they can be measured. */
  readonly isUnchanged: boolean;
  readonly laterMm: number | undefined;
  readonly earlierMm: number | undefined;
}

/** What a time point shows of a lesion. */
export interface Observation {
  readonly studyInstanceUid: string;
  /** The series that was read. */
  readonly series: SeriesRef;
  readonly status: ObservationStatus;
  /** Absent where the series does not cover it, or a report says no more than the status. */
  readonly place?: SeriesPoint;
  readonly longAxis?: Diameter;
  readonly shortAxis?: Diameter;
  /** The measurement of the host that the diameters come from; absent of those that were proposed, or read from a report. */
  readonly measuredBy?: string;
  readonly review: ReviewState;
  /** Absent of places that the reader marked, or that a report names without saying how they were found. */
  readonly carriedOver?: CarriedOver;
  /** True while the PACS holds exactly this. */
  readonly isSaved: boolean;
}

/** A lesion of the patient. */
export interface Lesion {
  /** Tracking Unique Identifier: the same in the reports of all studies. */
  readonly trackingUid: string;
  /** The reader's name of it, one line. */
  readonly label: string;
  readonly role: LesionRole;
  readonly finding?: CodedConcept;
  readonly site?: CodedConcept;
  /** One per study at most, in no order. */
  readonly observations: readonly Observation[];
}

/** A series that may be compared. */
export interface SeriesChoice {
  readonly seriesInstanceUid: string;
  /** "CT · 1 mm · 412 images · B30f": for the reader. */
  readonly title: string;
  readonly isComparable: boolean;
  /** In the reader's words: why it is not compared, or what speaks against it. */
  readonly reasons: readonly string[];
  /** Share of the current series' length, 0 to 1; undefined where not known. */
  readonly coverage: number | undefined;
}

/** How far the analysis of a time point's series is. */
export type Readiness =
  | { readonly state: 'idle' }
  | { readonly state: 'working'; readonly text: string; readonly fraction: number | undefined }
  | { readonly state: 'ready' }
  | { readonly state: 'failed'; readonly message: string };

/** A study of the patient. */
export interface TimePoint {
  readonly studyInstanceUid: string;
  /** YYYY-MM-DD; '' where the study has none. */
  readonly date: string;
  readonly modality: string;
  readonly description: string;
  readonly isCurrent: boolean;
  /** Whether the viewer has loaded it, and whether a viewport shows it. */
  readonly isLoaded: boolean;
  readonly isShown: boolean;
  /** Series Instance UID of the series that is compared; undefined where none can be. */
  readonly chosen: string | undefined;
  /** The most suitable first. */
  readonly series: readonly SeriesChoice[];
  readonly readiness: Readiness;
}

/** Findings of a prior that wait to be looked for in the current study. */
export interface CarryOver {
  readonly fromStudyInstanceUid: string;
  /** Date of that study, YYYY-MM-DD; '' where it has none. */
  readonly fromDate: string;
  readonly count: number;
  /** undefined before the reader starts it. */
  readonly progress: { readonly text: string; readonly fraction: number | undefined } | undefined;
}
