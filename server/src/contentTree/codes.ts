import { dataset } from '../documents/index.ts';
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
export const PRIVATE_SCHEME = '99SAMEPOINT';

/** Concepts of PS3.16 annex D (DCM), SNOMED CT (SCT), RFC 5646 and UCUM that reports use. */
export const CODES = {
  imagingMeasurementReport: ['126000', 'DCM', 'Imaging Measurement Report'],
  language: ['121049', 'DCM', 'Language of Content Item and Descendants'],
  english: ['en', 'RFC5646', 'English'],
  observerType: ['121005', 'DCM', 'Observer Type'],
  person: ['121006', 'DCM', 'Person'],
  device: ['121007', 'DCM', 'Device'],
  personObserverName: ['121008', 'DCM', 'Person Observer Name'],
  deviceObserverUid: ['121012', 'DCM', 'Device Observer UID'],
  deviceObserverName: ['121013', 'DCM', 'Device Observer Name'],
  deviceObserverManufacturer: ['121014', 'DCM', 'Device Observer Manufacturer'],
  deviceObserverModelName: ['121015', 'DCM', 'Device Observer Model Name'],
  procedureReported: ['121058', 'DCM', 'Procedure Reported'],
  imagingProcedure: ['363679005', 'SCT', 'Imaging procedure'],
  imageLibrary: ['111028', 'DCM', 'Image Library'],
  imageLibraryGroup: ['126200', 'DCM', 'Image Library Group'],
  frameOfReferenceUid: ['112227', 'DCM', 'Frame of Reference UID'],
  imagingMeasurements: ['126010', 'DCM', 'Imaging Measurements'],
  measurementGroup: ['125007', 'DCM', 'Measurement Group'],
  trackingIdentifier: ['112039', 'DCM', 'Tracking Identifier'],
  trackingUniqueIdentifier: ['112040', 'DCM', 'Tracking Unique Identifier'],
  finding: ['121071', 'DCM', 'Finding'],
  lesion: ['52988006', 'SCT', 'Lesion'],
  comment: ['121106', 'DCM', 'Comment'],
  algorithmName: ['111001', 'DCM', 'Algorithm Name'],
  algorithmParameters: ['111002', 'DCM', 'Algorithm Parameters'],
  algorithmVersion: ['111003', 'DCM', 'Algorithm Version'],
  findingSite: ['363698007', 'SCT', 'Finding Site'],
  timePoint: ['C2348792', 'UMLS', 'Time Point'],
  timePointType: ['126072', 'DCM', 'Time Point Type'],
  baseline: ['C1442488', 'UMLS', 'Baseline'],
  pretreatment: ['C3539075', 'UMLS', 'Pretreatment'],
  posttreatment: ['126074', 'DCM', 'Posttreatment'],
  nadir: ['C1708760', 'UMLS', 'Nadir'],
  subjectTimePoint: ['126070', 'DCM', 'Subject Time Point Identifier'],
  protocolTimePoint: ['126071', 'DCM', 'Protocol Time Point Identifier'],
  longAxis: ['103339001', 'SCT', 'Long Axis'],
  shortAxis: ['103340004', 'SCT', 'Short Axis'],
  length: ['410668003', 'SCT', 'Length'],
  centre: ['111010', 'DCM', 'Center'],
  noUnits: ['1', 'UCUM', 'no units'],
  millimetre: ['mm', 'UCUM', 'mm'],
} as const satisfies Readonly<Record<string, Code>>;

/** What no standard code says; declared in the Coding Scheme Identification Sequence of every report. */
export const OWN_CODES = {
  lesionUid: ['LESION_UID', PRIVATE_SCHEME, 'Lesion Unique Identifier'],
  matchUid: ['MATCH_UID', PRIVATE_SCHEME, 'Match Unique Identifier'],
  timePoint: ['TIME_POINT', PRIVATE_SCHEME, 'Time Point of Match'],
  current: ['CURRENT', PRIVATE_SCHEME, 'Current'],
  prior: ['PRIOR', PRIVATE_SCHEME, 'Prior'],
  state: ['STATE', PRIVATE_SCHEME, 'State of Match'],
  accepted: ['ACCEPTED', PRIVATE_SCHEME, 'Accepted as proposed'],
  moved: ['MOVED', PRIVATE_SCHEME, 'Moved by the reader'],
  similarity: ['SIMILARITY', PRIVATE_SCHEME, 'Similarity of Match'],
  cycleError: ['CYCLE_ERROR', PRIVATE_SCHEME, 'Cycle error of match'],
  position: ['POSITION', PRIVATE_SCHEME, 'Position in patient, LPS, mm'],
  model: ['MODEL', PRIVATE_SCHEME, 'Embedding model of match'],
  modelVersion: ['MODEL_VERSION', PRIVATE_SCHEME, 'Version of embedding model'],
  method: ['METHOD', PRIVATE_SCHEME, 'Matching method'],
  step: ['STEP', PRIVATE_SCHEME, 'Step of matching method'],
  verdict: ['VERDICT', PRIVATE_SCHEME, 'Verdict of match'],
  errorRadius: ['ERROR_RADIUS', PRIVATE_SCHEME, 'Radius of 90 % probability, mm'],
  offPlane: ['OFF_PLANE', PRIVATE_SCHEME, 'Distance from slice plane, mm'],
} as const satisfies Readonly<Record<string, Code>>;

/** The item of a code sequence. */
export function codeItem([CodeValue, CodingSchemeDesignator, CodeMeaning]: Code): Dataset {
  return dataset({
    CodeValue: [CodeValue],
    CodingSchemeDesignator: [CodingSchemeDesignator],
    CodeMeaning: [CodeMeaning],
  });
}
