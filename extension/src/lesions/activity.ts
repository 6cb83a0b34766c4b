/**
 * What the reader sees of the work in progress: searches, notices and warnings.
 * @module
 */
import type { Lps, SeriesPoint, SeriesRef } from '../wire.ts';

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
