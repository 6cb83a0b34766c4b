import type { LpsPoint } from '../geometry/index.ts';
import type { FindingPixel } from './types.ts';
/** A graphic in the patient, LPS, mm. */
export interface PlacedShape {
    readonly centre: LpsPoint;
    readonly weight: number;
    /** Corners of its box. */
    readonly corners: readonly LpsPoint[];
    /** Undefined where the document names none. */
    readonly image: FindingPixel | undefined;
}
/** What graphics are together. */
export interface Combined {
    readonly centre: LpsPoint;
    readonly min: LpsPoint;
    readonly max: LpsPoint;
    /** The image of the graphic nearest to the centre. */
    readonly image: FindingPixel | undefined;
}
/** Combines graphics; the weights of points are equal. Undefined where there is none. */
export declare function combine(shapes: readonly PlacedShape[]): Combined | undefined;
