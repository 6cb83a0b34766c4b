import type { Dataset } from '../../documents/dataset.ts';
/** A frame: its segment, its place, and its pixels (column, row). */
export interface SegmentFrame {
    readonly segment: number;
    readonly z: number;
    readonly pixels: readonly (readonly [number, number])[];
}
/** A binary segmentation of 16 x 16 pixels of 1 mm; each frame is one of a segment. */
export declare function segmentationOf(segments: readonly {
    readonly label: string;
    readonly trackingUid?: string;
}[], frames: readonly SegmentFrame[], changes?: Dataset): Uint8Array;
/** A region of interest: contours of points, LPS, mm. */
export interface Region {
    readonly name: string;
    readonly contours: readonly {
        readonly type: string;
        readonly points: readonly number[];
    }[];
}
/** A structure set. */
export declare function structureSetOf(regions: readonly Region[]): Uint8Array;
