import type { ParsedDocument } from './document.ts';
import type { DocumentFinding } from './types.ts';
import type { UnreadCounter } from './unread.ts';
/** One finding for each segment that has pixels. */
export declare function findingsOfSegmentation({ parsed, dataset }: ParsedDocument, unread: UnreadCounter): readonly DocumentFinding[];
