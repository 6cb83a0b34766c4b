import type { ReportRef } from '../../pacsObjects/index.ts';
import type { ConfirmedPair } from '../../report/index.ts';

/** A report, read from the PACS. */
export interface StoredReport extends ReportRef {
  /** When the report was made, ISO 8601. */
  readonly createdAt: string;
  readonly pairs: readonly ConfirmedPair[];
}

/** The reports of a study, and how many structured reports of it could not be read. */
export interface ReportList {
  /** Newest first. */
  readonly reports: readonly StoredReport[];
  /** Damaged, or not given out by the PACS; one of them may be a report of Samepoint. */
  readonly unreadable: number;
}
