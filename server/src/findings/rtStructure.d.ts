import type { ParsedDocument } from './document.ts';
import type { DocumentFinding } from './types.ts';
import type { UnreadCounter } from './unread.ts';
/** One finding for each region that has contours. */
export declare function findingsOfStructureSet({ parsed, dataset }: ParsedDocument, unread: UnreadCounter): readonly DocumentFinding[];
