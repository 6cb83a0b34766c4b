import type { Lps, Match, SeriesPoint, SeriesRef } from '../wire.ts';

/** The reader's decision on a pair. Proposed by the matcher; accepted and moved pairs can be saved. */
export type PairState = 'proposed' | 'accepted' | 'moved' | 'rejected';

/** The time point of a pair: the later study is the current one. */
export type Side = 'current' | 'prior';

/** One lesion at two time points. */
export interface Pair {
  readonly id: string;
  /** Identifies the lesion: the same for all pairs of one click, and across studies. */
  readonly lesionUid: string;
  readonly label: string;
  readonly state: PairState;
  readonly current: SeriesPoint;
  readonly prior: SeriesPoint;
  /** The side that the matcher found; the other one was clicked by the reader. */
  readonly found: Side;
  /** Mean cosine, -1 to 1; not a probability. */
  readonly similarity: number;
  /** Distance between the click and the match of the match, mm. */
  readonly cycleErrorMm: number;
  /** What the server says about its answer; a pair of a report that does not record it has none. */
  readonly certainty?: Certainty;
  /** What both scans show of the lesion; absent where they do not show it beyond doubt, or their order in time is not known. */
  readonly sizes?: LesionSizes;
  /** True when the PACS holds it unchanged. Saved pairs are not edited: DICOM objects are not changed in place. */
  readonly saved: boolean;
}

/** Equivalent diameters of a lesion at both time points, mm; one of them is absent where that scan does not show the lesion. */
export interface LesionSizes {
  /** The diameters differ by no more than they can be measured. */
  readonly isUnchanged: boolean;
  readonly currentMm: number | undefined;
  readonly priorMm: number | undefined;
}

/** What the reader sees while the server works. */
export interface SearchProgress {
  readonly text: string;
  /** 0 to 1; undefined while the amount of work is unknown. */
  readonly fraction: number | undefined;
}

/** A first, coarse answer of the server in one series, until the exact one is there. */
export interface Preview {
  readonly point: SeriesPoint;
  readonly errorRadiusMm: number;
  /** When it was shown, ms of `performance.now()`. */
  readonly shownAt: number;
}

/** A running search: from the click to the answer of the server. */
export interface Search {
  readonly id: string;
  readonly label: string;
  readonly query: SeriesRef;
  readonly frameOfReferenceUid: string;
  readonly lps: Lps;
  readonly progress: SearchProgress;
  /** One per series at most. */
  readonly previews?: readonly Preview[];
}

/** What a button of a notice does about it. */
export interface NoticeMend {
  readonly label: string;
  readonly run: () => void;
}

/** Something that the reader must know: what happened, to which click, and what to do. */
export interface Notice {
  readonly id: string;
  readonly subject: string;
  /** What the notice is over with: it is removed when this has succeeded. The subject, where it is absent. */
  readonly topic?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly mend?: NoticeMend | undefined;
  /** For the administrator. */
  readonly detail?: string | undefined;
}

/** The warnings on a series: what makes its matches less certain. The reader has to know it once. */
export interface SeriesWarnings {
  /** The Series Instance UID: there is one entry per series. */
  readonly id: string;
  readonly studyInstanceUid: string;
  /** For the reader, e.g. "CT of 2024-03-01". */
  readonly title: string;
  /** The server's warnings. */
  readonly messages: readonly string[];
}

/** Cycle error above which a match without a verdict is called uncertain, mm: the accuracy that the project requires of a match. */
const UNCERTAIN_CYCLE_MM = 10;

/** True for a proposal that the server calls uncertain or, where it says nothing, whose cycle error is large. */
export function isUncertain({ state, certainty, cycleErrorMm }: Pair): boolean {
  if (state === 'moved') return false;
  return certainty === undefined ? cycleErrorMm > UNCERTAIN_CYCLE_MM : certainty.verdict === 'uncertain';
}

/** A state that can be saved. */
export function isConfirmed(pair: Pair): boolean {
  return pair.state === 'accepted' || pair.state === 'moved';
}

/** What the server says about a match beside the place, and what it was made with. */
export interface Certainty {
  /** Undefined in a preview. */
  readonly model: Match['model'];
  readonly method: string;
  readonly verdict: Match['verdict'];
  /** Holds the true point with 90 % probability, mm. */
  readonly errorRadiusMm: number;
  /** The step of the method that gave the answer. */
  readonly step: string;
  /** Only for `out-of-view`: where the counterpart lies, seen from the scan. */
  readonly outOfView: NonNullable<Match['outOfView']>;
}
