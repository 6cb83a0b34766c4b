import type { DicomJson } from '../dicom/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { Triple } from './types.ts';
/** The plane of an image or frame, LPS, mm. */
export interface Plane {
    /** Centre of the first pixel. */
    readonly origin: Triple;
    /** From a pixel to that of the next column, and of the next row. */
    readonly columnStep: Triple;
    readonly rowStep: Triple;
}
/** An image or frame that findings are marked in. */
export interface ImagePlane extends Plane {
    readonly frameOfReferenceUid: string;
    readonly columns: number;
    readonly rows: number;
}
/** A pixel, column and row continuous, in the patient. */
export declare function inPatient({ origin, columnStep, rowStep }: Plane, [column, row]: Triple): LpsPoint;
/** The pixel nearest to a point of the patient, column and row continuous, and the signed distance of the point from the plane, mm. */
export declare function toPixel({ origin, columnStep, rowStep }: Plane, point: LpsPoint): {
    readonly pixel: Triple;
    readonly offPlaneMm: number;
};
/** The plane of a frame whose place is in functional groups, those of the frame first. @throws Unreadable */
export declare function framePlane(groups: readonly (DicomJson | undefined)[]): Plane;
/** The same; a text says why there is none. */
export declare function imagePlaneOrReason(metadata: DicomJson, frameNumber?: number): ImagePlane | string;
/** True for a pixel of the image or its edge. */
export declare function isInside({ columns, rows }: ImagePlane, [column, row]: Triple): boolean;
