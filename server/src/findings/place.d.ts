import type { ImagePlane } from './plane.ts';
import type { DocumentFinding, Finding, FindingImage } from './types.ts';
/** Planes of images; a text says why there is none. */
export type PlaneOf = (image: FindingImage) => ImagePlane | string;
/** A finding in the patient, or why it cannot be placed. */
export type Placed = {
    readonly ok: true;
    readonly finding: Finding;
} | {
    readonly ok: false;
    readonly reason: string;
};
/** Images whose planes {@link placeFinding} needs. */
export declare function imagesOfFinding({ shapes }: DocumentFinding): readonly FindingImage[];
/** Places a finding. */
export declare function placeFinding(finding: DocumentFinding, planeOf: PlaneOf): Placed;
