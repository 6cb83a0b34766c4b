import type { Dataset } from '../../documents/dataset.ts';
import type { Finding, FindingsDocument, ReadFindings } from '../types.ts';
export declare const LONG: readonly ["103339001", "SCT", "Long Axis"];
export declare const SHORT: readonly ["103340004", "SCT", "Short Axis"];
export declare const LENGTH: readonly ["410668003", "SCT", "Length"];
export declare const AREA: readonly ["42798000", "SCT", "Area"];
export declare const REGION: readonly ["111030", "DCM", "Image Region"];
export declare const UID = "2.25.42";
/** The document, where it was read. */
export declare function documentOf(read: ReadFindings): FindingsDocument;
/** What the document says, in the slices of `sliceMetadata`; reasons of what cannot be placed. */
export declare function placedIn(part10: Uint8Array): {
    findings: Finding[];
    reasons: string[];
};
/** Tracking Identifier and Tracking Unique Identifier. */
export declare function tracked(tool: string): Dataset[];
/** Those of a tool of stock OHIF. */
export declare function ohif(tool: string): Dataset[];
/** One finding of a report of one group. */
export declare function oneOf(items: readonly Dataset[]): Finding;
/** Coordinates are equal to 0.05 um. */
export declare function near(actual: readonly number[] | undefined, expected: readonly number[]): void;
