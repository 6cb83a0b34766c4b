/**
 * What documents of a study say of findings, before and after they are placed in the patient.
 * @module
 */
import type { LpsPoint } from '../geometry/index.ts';
import type { CarriedOver, LesionRole, ObservationStatus, TimePointRecord } from '../report/index.ts';
import type { CodedConcept } from '../contentTree/index.ts';
/** How a document gives the place of a finding; `none`: a lesion of our own report that was not seen. */
export declare const FINDING_KINDS: readonly ["point", "points", "line", "bidirectional", "circle", "ellipse", "region", "volume", "none"];
export type FindingKind = (typeof FINDING_KINDS)[number];
/** Kinds of documents that hold findings: structured reports, segmentations, structure sets of radiotherapy. */
export declare const FINDING_SOURCES: readonly ["SR", "SEG", "RTSTRUCT"];
export type FindingSource = (typeof FINDING_SOURCES)[number];
/** An image, or a frame of it, that a document refers to and lists with its series. */
export interface FindingImage {
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid: string;
    readonly sopClassUid: string;
    readonly sopInstanceUid: string;
    readonly frameNumber?: number;
}
export type Triple = readonly [number, number, number];
/**
 * A graphic of a document, reduced to what is needed of it. In an image the coordinates are column, row and 0, with 0 at the centre of
 * the first pixel; in the patient they are LPS, mm.
 */
export interface Shape {
    readonly space: {
        readonly image: FindingImage;
    } | {
        readonly frameOfReferenceUid: string;
        readonly image?: FindingImage | undefined;
    };
    readonly centre: Triple;
    /** Share of this centre in that of all shapes of the finding; an area where there is one. */
    readonly weight: number;
    /** Opposite corners of the box around it, along the axes of its space. */
    readonly box: readonly [Triple, Triple];
    /** End points of diameters, the longest not necessarily first. */
    readonly axes: readonly (readonly [Triple, Triple])[];
    /** The closed line around an area. */
    readonly outline?: readonly Triple[];
}
/** A finding as its document gives it. */
export interface DocumentFinding {
    /** Of the measurement group, segment or region of interest in its document, from 1. */
    readonly number: number;
    readonly kind: FindingKind;
    readonly trackingUid?: string;
    readonly trackingIdentifier?: string;
    readonly label: string;
    readonly finding?: CodedConcept;
    readonly sites: readonly CodedConcept[];
    readonly comment?: string;
    /** At least one, but of the kind `none`. */
    readonly shapes: readonly Shape[];
    /** As measured by who wrote the document, mm. */
    readonly longAxisMm?: number;
    readonly shortAxisMm?: number;
    /** The exact point of a report of Samepoint, LPS, mm, and its distance from the slice. */
    readonly exact?: {
        readonly lps: Triple;
        readonly offPlaneMm: number;
    };
    /** Of our own report of a time point. */
    readonly role?: LesionRole;
    readonly status?: ObservationStatus;
    readonly carriedOver?: CarriedOver;
}
/** Findings that could not be read for one reason. */
export interface UnreadFindings {
    readonly reason: string;
    readonly count: number;
}
/** Whose document it is. */
export interface DocumentIdentity {
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid: string;
    readonly sopInstanceUid: string;
    readonly patientId?: string;
    readonly issuer?: string;
}
/** A document of a study that says something of findings. */
export interface FindingsDocument {
    /** `KO`: a rejection (IHE RAD TF-3 4.66.4.1.3), which withdraws other documents. */
    readonly source: FindingSource | 'KO';
    readonly identity: DocumentIdentity;
    /** Date and time of its content in the time zone of the hospital, `YYYY-MM-DDThh:mm:ss`. */
    readonly createdAt?: string;
    /** SOP Instance UIDs of the documents that it replaces (Predecessor Documents Sequence) or, a rejection, withdraws. */
    readonly replaces: readonly string[];
    /** Of our own report of a time point. */
    readonly timePoint?: TimePointRecord;
    /** Our own report of pairs: what it says of a lesion counts until a report of a time point names the lesion. */
    readonly isOfPairs?: true;
    readonly findings: readonly DocumentFinding[];
    readonly unread: readonly UnreadFindings[];
}
/** What a document says, or why it says nothing of findings. */
export type ReadFindings = {
    readonly ok: true;
    readonly document: FindingsDocument;
} | {
    readonly ok: false;
    /** False where it is whole and holds no findings, such as a dose report. */
    readonly isDamaged: boolean;
    readonly reason: string;
};
/** A diameter of a finding. */
export interface FindingAxis {
    readonly mm: number;
    readonly ends?: readonly [LpsPoint, LpsPoint];
}
/** Where in an image a finding is: column and row continuous, 0 at the centre of the first pixel. */
export interface FindingPixel extends FindingImage {
    readonly column?: number;
    readonly row?: number;
    /** Distance of the point from the plane of the slice, mm; 0 where absent. */
    readonly offPlaneMm?: number;
}
/** A finding in the patient. */
export interface Finding extends Omit<DocumentFinding, 'shapes' | 'exact' | 'longAxisMm' | 'shortAxisMm'> {
    /** As `lps` absent only of the kind `none`. */
    readonly frameOfReferenceUid?: string;
    /** Its centre, or the point itself. */
    readonly lps?: LpsPoint;
    /** Opposite corners of the box around it along the axes of the patient, LPS, mm; absent for points. */
    readonly extent?: {
        readonly min: LpsPoint;
        readonly max: LpsPoint;
    };
    readonly longAxis?: FindingAxis;
    readonly shortAxis?: FindingAxis;
    /** The image that it was marked in, the middle one of several; absent where the document names none. */
    readonly image?: FindingPixel;
}
