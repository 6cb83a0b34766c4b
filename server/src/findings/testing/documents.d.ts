import type { Keyword } from '../../dicom/index.ts';
import type { Code } from '../../contentTree/codes.ts';
import type { Dataset } from '../../documents/dataset.ts';
export declare const STUDY = "1.2.826.20";
export declare const SERIES = "1.2.826.20.1";
export declare const FRAME_OF_REFERENCE = "1.2.826.20.2";
export declare const CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2";
/** SOP Instance UID of a slice of the series. */
export declare function sliceUid(slice: number): string;
/** Elements with values. */
export type Elements = Record<string, {
    vr: string;
    Value: unknown[];
}>;
/** Elements by keyword. */
export declare function elements(values: Readonly<Partial<Record<Keyword, readonly unknown[]>>>): Elements;
/** Whose document it is, and what it replaces. */
export interface DocumentOptions {
    readonly sopInstanceUid?: string;
    readonly seriesInstanceUid?: string;
    readonly studyInstanceUid?: string;
    readonly patientId?: string;
    readonly date?: string;
    readonly time?: string;
    readonly sopClassUid?: string;
    readonly characterSet?: string;
    readonly replaces?: readonly string[];
    readonly slices?: readonly number[];
}
/** A Part 10 file of the elements. */
export declare function file(dataset: Dataset, options?: DocumentOptions): Uint8Array;
/** A structured report (TID 1500) of these groups. */
export declare function reportOf(groups: readonly Dataset[], options?: DocumentOptions): Uint8Array;
/** A measurement group. */
export declare function group(items: readonly Dataset[]): Dataset;
/** A report of so many equal groups; dcmjs needs a minute to write 5,000. */
export declare function reportOfMany(item: Dataset, count: number): Uint8Array;
/** SCOORD in a slice: numbers from the corner of the first pixel. */
export declare function scoord(graphicType: string, data: readonly number[], { slice, name, frameNumber }?: {
    slice?: number;
    name?: Code;
    frameNumber?: number;
}): Dataset;
/** SCOORD3D: numbers in the patient, LPS, mm. */
export declare function scoord3d(graphicType: string, data: readonly number[]): Dataset;
/** NUM with what it is inferred from. */
export declare function measured(name: Code, value: number, unit: string, evidence?: readonly Dataset[]): Dataset;
/** A rejection for instances. */
export declare function rejectionOf(sopInstanceUids: readonly string[], title?: Code): Uint8Array;
/** DICOM JSON of a slice: 0.5 mm columns, 0.8 mm rows, slices 2 mm apart, first pixel at (-100, -80, 2 * slice). */
export declare function sliceMetadata(slice: number, changes?: Elements): Elements;
