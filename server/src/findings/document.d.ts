import type { DataSet } from 'dicom-parser';
import type { Dataset } from '../documents/index.ts';
import type { DocumentIdentity, FindingImage } from './types.ts';
/** A document: parsed, and its attributes in the DICOM JSON model. */
export interface ParsedDocument {
    readonly parsed: DataSet;
    readonly dataset: Dataset;
}
/** Parses a document. @throws UnreadableDicom */
export declare function parseDocument(part10: Uint8Array): ParsedDocument;
/** Study, series, instance and patient. @throws UnreadableDicom where a UID is missing */
export declare function identityOf(dataset: Dataset): DocumentIdentity;
/** Content, else series date and time, `YYYY-MM-DDThh:mm:ss`. */
export declare function createdAtOf(dataset: Dataset): string | undefined;
/** Images by SOP Instance UID, from the evidence sequences. */
export declare function evidenceOf(dataset: Dataset): ReadonlyMap<string, FindingImage>;
/** SOP Instance UIDs of the documents that this one replaces. */
export declare function predecessorsOf(dataset: Dataset): readonly string[];
/** SOP Instance UIDs of the documents that this one lists as evidence. */
export declare function listedIn(dataset: Dataset): readonly string[];
/** The first text that is one. */
export declare function firstLine(...texts: readonly (string | undefined)[]): string | undefined;
