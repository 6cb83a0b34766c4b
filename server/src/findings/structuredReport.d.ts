import type { Dataset } from '../documents/index.ts';
import type { DocumentFinding } from './types.ts';
import type { UnreadCounter } from './unread.ts';
/** The findings of a report. */
export declare function findingsOfReport(report: Dataset, unread: UnreadCounter): readonly DocumentFinding[];
/** Measurement groups anywhere below the root, in document order; not those inside another. */
export declare function groupsIn(parent: Dataset, depth?: number): readonly Dataset[];
