/**
 * DICOM data sets in the shape in which dcmjs writes and reads them, by keyword instead of by tag.
 * @module
 */

/** One element: value representation and values. */
interface Element {
  vr: string;
  Value?: unknown;
}

/** Tag (8 upper-case hex digits) to element. */
export type Dataset = Record<string, Element>;

/** The attributes that reports use: keyword to tag and VR (PS3.6). */
const DICTIONARY = {
  FileMetaInformationVersion: ['00020001', 'OB'],
  MediaStorageSOPClassUID: ['00020002', 'UI'],
  MediaStorageSOPInstanceUID: ['00020003', 'UI'],
  TransferSyntaxUID: ['00020010', 'UI'],
  ImplementationClassUID: ['00020012', 'UI'],
  ImplementationVersionName: ['00020013', 'SH'],
  SpecificCharacterSet: ['00080005', 'CS'],
  InstanceCreationDate: ['00080012', 'DA'],
  InstanceCreationTime: ['00080013', 'TM'],
  SOPClassUID: ['00080016', 'UI'],
  SOPInstanceUID: ['00080018', 'UI'],
  StudyDate: ['00080020', 'DA'],
  SeriesDate: ['00080021', 'DA'],
  ContentDate: ['00080023', 'DA'],
  StudyTime: ['00080030', 'TM'],
  SeriesTime: ['00080031', 'TM'],
  ContentTime: ['00080033', 'TM'],
  AccessionNumber: ['00080050', 'SH'],
  Modality: ['00080060', 'CS'],
  Manufacturer: ['00080070', 'LO'],
  ReferringPhysicianName: ['00080090', 'PN'],
  CodeValue: ['00080100', 'SH'],
  CodingSchemeDesignator: ['00080102', 'SH'],
  CodeMeaning: ['00080104', 'LO'],
  MappingResource: ['00080105', 'CS'],
  CodingSchemeIdentificationSequence: ['00080110', 'SQ'],
  CodingSchemeName: ['00080115', 'ST'],
  CodingSchemeResponsibleOrganization: ['00080116', 'ST'],
  TimezoneOffsetFromUTC: ['00080201', 'SH'],
  StudyDescription: ['00081030', 'LO'],
  SeriesDescription: ['0008103E', 'LO'],
  ManufacturerModelName: ['00081090', 'LO'],
  ReferencedPerformedProcedureStepSequence: ['00081111', 'SQ'],
  ReferencedSeriesSequence: ['00081115', 'SQ'],
  ReferencedSOPClassUID: ['00081150', 'UI'],
  ReferencedSOPInstanceUID: ['00081155', 'UI'],
  ReferencedFrameNumber: ['00081160', 'IS'],
  ReferencedSOPSequence: ['00081199', 'SQ'],
  PatientName: ['00100010', 'PN'],
  PatientID: ['00100020', 'LO'],
  IssuerOfPatientID: ['00100021', 'LO'],
  PatientBirthDate: ['00100030', 'DA'],
  PatientSex: ['00100040', 'CS'],
  PatientIdentityRemoved: ['00120062', 'CS'],
  DeidentificationMethod: ['00120063', 'LO'],
  SoftwareVersions: ['00181020', 'LO'],
  DeviceSerialNumber: ['00181000', 'LO'],
  StudyInstanceUID: ['0020000D', 'UI'],
  SeriesInstanceUID: ['0020000E', 'UI'],
  StudyID: ['00200010', 'SH'],
  SeriesNumber: ['00200011', 'IS'],
  InstanceNumber: ['00200013', 'IS'],
  Rows: ['00280010', 'US'],
  Columns: ['00280011', 'US'],
  RelationshipType: ['0040A010', 'CS'],
  ObservationDateTime: ['0040A032', 'DT'],
  ValueType: ['0040A040', 'CS'],
  ConceptNameCodeSequence: ['0040A043', 'SQ'],
  MeasurementUnitsCodeSequence: ['004008EA', 'SQ'],
  ContinuityOfContent: ['0040A050', 'CS'],
  PersonName: ['0040A123', 'PN'],
  UID: ['0040A124', 'UI'],
  TextValue: ['0040A160', 'UT'],
  FloatingPointValue: ['0040A161', 'FD'],
  ConceptCodeSequence: ['0040A168', 'SQ'],
  MeasuredValueSequence: ['0040A300', 'SQ'],
  NumericValue: ['0040A30A', 'DS'],
  PerformedProcedureCodeSequence: ['0040A372', 'SQ'],
  CurrentRequestedProcedureEvidenceSequence: ['0040A375', 'SQ'],
  CompletionFlag: ['0040A491', 'CS'],
  VerificationFlag: ['0040A493', 'CS'],
  PreliminaryFlag: ['0040A496', 'CS'],
  ContentTemplateSequence: ['0040A504', 'SQ'],
  ContentSequence: ['0040A730', 'SQ'],
  TemplateIdentifier: ['0040DB00', 'CS'],
  GraphicData: ['00700022', 'FL'],
  GraphicType: ['00700023', 'CS'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

/** Keyword of an attribute that reports use. */
export type Keyword = keyof typeof DICTIONARY;

/** A data set from keywords; every value is an array, empty for an attribute of type 2 without a value. */
export function dataset(values: Readonly<Partial<Record<Keyword, readonly unknown[]>>>): Dataset {
  const result: Dataset = {};
  for (const [keyword, value] of Object.entries(values)) {
    const [tag, vr] = DICTIONARY[keyword as Keyword];
    result[tag] = { vr, Value: [...value] };
  }
  return result;
}

/** Tag to its entry in the dictionary. */
const BY_TAG = new Map<string, readonly [string, string]>(
  Object.values(DICTIONARY).map((entry) => [entry[0], entry]),
);

/** Tag and VR of a tag written as dicom-parser does (`x0020000d`); undefined when reports do not use it. */
export function dictionaryEntry(parserTag: string): readonly [string, string] | undefined {
  return BY_TAG.get(parserTag.slice(1).toUpperCase());
}

/** VR of a tag as dicom-parser writes it, for files of implicit VR; UN when reports do not use it. */
export function vrOfParserTag(parserTag: string): string {
  return dictionaryEntry(parserTag)?.[1] ?? 'UN';
}

/** The tag of a keyword. */
function tagOf(keyword: Keyword): string {
  return DICTIONARY[keyword][0];
}

/** The values of an attribute; empty when it is absent or has none. */
export function valuesOf(source: Readonly<Record<string, unknown>>, keyword: Keyword): readonly unknown[] {
  const element = source[tagOf(keyword)];
  if (typeof element !== 'object' || element === null || !('Value' in element)) return [];
  return Array.isArray(element.Value) ? (element.Value as readonly unknown[]) : [];
}

/** The first value of an attribute as text; undefined when it is absent, empty or no text or number. */
export function textOf(source: Readonly<Record<string, unknown>>, keyword: Keyword): string | undefined {
  const [value] = valuesOf(source, keyword);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first value of an attribute as a finite number. */
export function numberOf(source: Readonly<Record<string, unknown>>, keyword: Keyword): number | undefined {
  const [value] = valuesOf(source, keyword);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** The items of a sequence. */
export function itemsOf(source: Readonly<Record<string, unknown>>, keyword: Keyword): readonly Dataset[] {
  return valuesOf(source, keyword).filter(
    (item): item is Dataset => typeof item === 'object' && item !== null,
  );
}
