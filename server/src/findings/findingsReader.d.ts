import type { ReadFindings } from './types.ts';
/** A report of 5,000 findings has 8 MB, a binary segmentation of 800 slices of 512 x 512 pixels 26 MB. */
export declare const MAX_DOCUMENT_BYTES: number;
/** Reads the findings of documents; see {@link createDocumentReader}. */
export interface FindingsReader {
    readFindings(part10: Uint8Array): Promise<ReadFindings>;
    close(): Promise<void>;
}
/** Starts its thread when there is something to read. */
export declare function createFindingsReader(options?: {
    readonly timeoutMs?: number;
}): FindingsReader;
