import type { Dataset } from '../documents/index.ts';
/** A coded concept (PS3.3 8.8): value, scheme, meaning. */
export type Code = readonly [value: string, scheme: string, meaning: string];
/** A coded concept (PS3.3 8.8) as the document gives it. */
export interface CodedConcept {
    readonly value: string;
    readonly scheme: string;
    readonly meaning: string;
}
/** Designator of our own coding scheme; 99 marks private schemes (PS3.16 8.2). */
export declare const PRIVATE_SCHEME = "99SAMEPOINT";
/** Concepts of PS3.16 annex D (DCM), SNOMED CT (SCT), RFC 5646 and UCUM that reports use. */
export declare const CODES: {
    readonly imagingMeasurementReport: readonly ["126000", "DCM", "Imaging Measurement Report"];
    readonly language: readonly ["121049", "DCM", "Language of Content Item and Descendants"];
    readonly english: readonly ["en", "RFC5646", "English"];
    readonly observerType: readonly ["121005", "DCM", "Observer Type"];
    readonly person: readonly ["121006", "DCM", "Person"];
    readonly device: readonly ["121007", "DCM", "Device"];
    readonly personObserverName: readonly ["121008", "DCM", "Person Observer Name"];
    readonly deviceObserverUid: readonly ["121012", "DCM", "Device Observer UID"];
    readonly deviceObserverName: readonly ["121013", "DCM", "Device Observer Name"];
    readonly deviceObserverManufacturer: readonly ["121014", "DCM", "Device Observer Manufacturer"];
    readonly deviceObserverModelName: readonly ["121015", "DCM", "Device Observer Model Name"];
    readonly procedureReported: readonly ["121058", "DCM", "Procedure Reported"];
    readonly imagingProcedure: readonly ["363679005", "SCT", "Imaging procedure"];
    readonly imageLibrary: readonly ["111028", "DCM", "Image Library"];
    readonly imageLibraryGroup: readonly ["126200", "DCM", "Image Library Group"];
    readonly frameOfReferenceUid: readonly ["112227", "DCM", "Frame of Reference UID"];
    readonly imagingMeasurements: readonly ["126010", "DCM", "Imaging Measurements"];
    readonly measurementGroup: readonly ["125007", "DCM", "Measurement Group"];
    readonly trackingIdentifier: readonly ["112039", "DCM", "Tracking Identifier"];
    readonly trackingUniqueIdentifier: readonly ["112040", "DCM", "Tracking Unique Identifier"];
    readonly finding: readonly ["121071", "DCM", "Finding"];
    readonly lesion: readonly ["52988006", "SCT", "Lesion"];
    readonly comment: readonly ["121106", "DCM", "Comment"];
    readonly algorithmName: readonly ["111001", "DCM", "Algorithm Name"];
    readonly algorithmParameters: readonly ["111002", "DCM", "Algorithm Parameters"];
    readonly algorithmVersion: readonly ["111003", "DCM", "Algorithm Version"];
    readonly findingSite: readonly ["363698007", "SCT", "Finding Site"];
    readonly timePoint: readonly ["C2348792", "UMLS", "Time Point"];
    readonly timePointType: readonly ["126072", "DCM", "Time Point Type"];
    readonly baseline: readonly ["C1442488", "UMLS", "Baseline"];
    readonly pretreatment: readonly ["C3539075", "UMLS", "Pretreatment"];
    readonly posttreatment: readonly ["126074", "DCM", "Posttreatment"];
    readonly nadir: readonly ["C1708760", "UMLS", "Nadir"];
    readonly subjectTimePoint: readonly ["126070", "DCM", "Subject Time Point Identifier"];
    readonly protocolTimePoint: readonly ["126071", "DCM", "Protocol Time Point Identifier"];
    readonly longAxis: readonly ["103339001", "SCT", "Long Axis"];
    readonly shortAxis: readonly ["103340004", "SCT", "Short Axis"];
    readonly length: readonly ["410668003", "SCT", "Length"];
    readonly centre: readonly ["111010", "DCM", "Center"];
    readonly noUnits: readonly ["1", "UCUM", "no units"];
    readonly millimetre: readonly ["mm", "UCUM", "mm"];
};
/** What no standard code says; declared in the Coding Scheme Identification Sequence of every report. */
export declare const OWN_CODES: {
    readonly lesionUid: readonly ["LESION_UID", "99SAMEPOINT", "Lesion Unique Identifier"];
    readonly matchUid: readonly ["MATCH_UID", "99SAMEPOINT", "Match Unique Identifier"];
    readonly timePoint: readonly ["TIME_POINT", "99SAMEPOINT", "Time Point of Match"];
    readonly current: readonly ["CURRENT", "99SAMEPOINT", "Current"];
    readonly prior: readonly ["PRIOR", "99SAMEPOINT", "Prior"];
    readonly state: readonly ["STATE", "99SAMEPOINT", "State of Match"];
    readonly accepted: readonly ["ACCEPTED", "99SAMEPOINT", "Accepted as proposed"];
    readonly moved: readonly ["MOVED", "99SAMEPOINT", "Moved by the reader"];
    readonly similarity: readonly ["SIMILARITY", "99SAMEPOINT", "Similarity of Match"];
    readonly cycleError: readonly ["CYCLE_ERROR", "99SAMEPOINT", "Cycle error of match"];
    readonly position: readonly ["POSITION", "99SAMEPOINT", "Position in patient, LPS, mm"];
    readonly model: readonly ["MODEL", "99SAMEPOINT", "Embedding model of match"];
    readonly modelVersion: readonly ["MODEL_VERSION", "99SAMEPOINT", "Version of embedding model"];
    readonly method: readonly ["METHOD", "99SAMEPOINT", "Matching method"];
    readonly step: readonly ["STEP", "99SAMEPOINT", "Step of matching method"];
    readonly verdict: readonly ["VERDICT", "99SAMEPOINT", "Verdict of match"];
    readonly errorRadius: readonly ["ERROR_RADIUS", "99SAMEPOINT", "Radius of 90 % probability, mm"];
    readonly offPlane: readonly ["OFF_PLANE", "99SAMEPOINT", "Distance from slice plane, mm"];
};
/** The item of a code sequence. */
export declare function codeItem([CodeValue, CodingSchemeDesignator, CodeMeaning]: Code): Dataset;
