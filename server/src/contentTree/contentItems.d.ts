import type { Code } from './codes.ts';
import type { Dataset } from '../documents/index.ts';
/** How an item relates to its parent (PS3.3 C.17.3.2.4). */
export type Relationship = 'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS CONCEPT MOD' | 'HAS ACQ CONTEXT' | 'INFERRED FROM' | 'SELECTED FROM';
/** CONTAINER; `template` is the number of the DCMR template that it is an instance of, where there is one. */
export declare function containerItem(name: Code, children: readonly Dataset[], template?: string): Dataset;
/** Content Template Sequence (PS3.3 C.18.8). */
export declare function contentTemplate(template: string): Dataset;
/** TEXT. */
export declare function textItem(relationship: Relationship, name: Code, text: string): Dataset;
/** CODE. */
export declare function codedItem(relationship: Relationship, name: Code, value: Code): Dataset;
/** UIDREF. */
export declare function uidItem(relationship: Relationship, name: Code, uid: string): Dataset;
/** PNAME. */
export declare function personNameItem(relationship: Relationship, name: Code, person: string): Dataset;
/** A reference to an image, or to one frame of it. */
export interface ImageReference {
    readonly sopClassUid: string;
    readonly sopInstanceUid: string;
    readonly frameNumber?: number;
}
/** IMAGE; it has no concept name, as in TID 1601 and TID 320. */
export declare function imageItem(relationship: Relationship, { sopClassUid, sopInstanceUid, frameNumber }: ImageReference, children?: readonly Dataset[]): Dataset;
/** SCOORD POLYLINE: column, row pairs from the corner of the first pixel (PS3.3 C.18.6.1.2), selected from an image. */
export declare function polylineItem(graphicData: readonly number[], image: ImageReference): Dataset;
/** NUM with its unit; `evidence` is what it is inferred from. */
export declare function numericItem(name: Code, value: number, unit: Code, evidence?: readonly Dataset[]): Dataset;
