import type { Finding, FindingSource, UnreadFindings } from '../../findings/index.ts';
import type { SeriesRef } from '../../dicomweb/index.ts';

/** Which findings of a study are requested. */
export interface FindingsRequest {
  readonly studyInstanceUid: string;
  /** Its PACS; the first configured one where absent. */
  readonly source?: string | undefined;
  /** Findings that are passed over, of the order of the answer. */
  readonly offset: number;
  readonly limit: number;
}

/** A finding, and the document that says so. */
export interface ReportedFinding extends Finding {
  readonly document: SeriesRef & {
    readonly sopInstanceUid: string;
    readonly source: FindingSource;
    /** In the time zone of the hospital, `YYYY-MM-DDThh:mm:ss`. */
    readonly createdAt?: string;
  };
}

/** The findings of a study. */
export interface FindingList {
  /** Those of the newest document first; of one document in its order. */
  readonly findings: readonly ReportedFinding[];
  /** Findings of the study, those of other pages and those that could not be read included. */
  readonly total: number;
  /** Offset of the next page; absent on the last one. */
  readonly next?: number;
  /** Of all documents, and of the images of this page. */
  readonly unread: { readonly count: number; readonly reasons: readonly UnreadFindings[] };
  readonly documents: DocumentCounts;
  /** Our reports of the time point that count, newest first: one, unless two readers have saved unaware of each other; also an empty one. */
  readonly reports: readonly TimePointReportRef[];
}

/** Names a report of a time point of the study. */
export interface TimePointReportRef {
  readonly sopInstanceUid: string;
  /** In the time zone of the hospital, `YYYY-MM-DDThh:mm:ss`. */
  readonly createdAt: string;
}

/** What became of the documents of a study. */
export interface DocumentCounts {
  /** Their findings are listed. */
  readonly read: number;
  /** Replaced by a newer one (Predecessor Documents Sequence), or withdrawn by a rejection. */
  readonly replaced: number;
  /** Damaged, or not given out by the PACS. */
  readonly unreadable: number;
  /** Of another patient, study or series than the PACS says. */
  readonly foreign: number;
  /** More than are read of one study. */
  readonly leftOut: number;
}
