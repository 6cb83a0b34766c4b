/**
 * DICOM data sets in the shape in which dcmjs writes and reads them, by keyword instead of by tag.
 * @module
 */

import { ATTRIBUTES, tagOf } from '../dicom/index.ts';
import type { Keyword } from '../dicom/index.ts';

/** One element: value representation and values. */
interface Element {
  vr: string;
  Value?: unknown;
}

/** Tag (8 upper-case hex digits) to element. */
export type Dataset = Record<string, Element>;

/** The attributes that reports use; others of a report that is read are passed over. */
const USED = [
  'FileMetaInformationVersion',
  'MediaStorageSOPClassUID',
  'MediaStorageSOPInstanceUID',
  'TransferSyntaxUID',
  'ImplementationClassUID',
  'ImplementationVersionName',
  'SpecificCharacterSet',
  'InstanceCreationDate',
  'InstanceCreationTime',
  'SOPClassUID',
  'SOPInstanceUID',
  'StudyDate',
  'SeriesDate',
  'ContentDate',
  'StudyTime',
  'SeriesTime',
  'ContentTime',
  'AccessionNumber',
  'Modality',
  'Manufacturer',
  'ReferringPhysicianName',
  'CodeValue',
  'CodingSchemeDesignator',
  'CodeMeaning',
  'MappingResource',
  'CodingSchemeIdentificationSequence',
  'CodingSchemeName',
  'CodingSchemeResponsibleOrganization',
  'TimezoneOffsetFromUTC',
  'StudyDescription',
  'SeriesDescription',
  'ManufacturerModelName',
  'ReferencedPerformedProcedureStepSequence',
  'ReferencedSeriesSequence',
  'ReferencedSOPClassUID',
  'ReferencedSOPInstanceUID',
  'ReferencedFrameNumber',
  'ReferencedSOPSequence',
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'PatientSex',
  'PatientIdentityRemoved',
  'DeidentificationMethod',
  'SoftwareVersions',
  'DeviceSerialNumber',
  'StudyInstanceUID',
  'SeriesInstanceUID',
  'StudyID',
  'SeriesNumber',
  'InstanceNumber',
  'Rows',
  'Columns',
  'RelationshipType',
  'ObservationDateTime',
  'ValueType',
  'ConceptNameCodeSequence',
  'MeasurementUnitsCodeSequence',
  'ContinuityOfContent',
  'PersonName',
  'UID',
  'TextValue',
  'FloatingPointValue',
  'ConceptCodeSequence',
  'MeasuredValueSequence',
  'NumericValue',
  'PredecessorDocumentsSequence',
  'PerformedProcedureCodeSequence',
  'CurrentRequestedProcedureEvidenceSequence',
  'CompletionFlag',
  'VerificationFlag',
  'PreliminaryFlag',
  'ContentTemplateSequence',
  'ContentSequence',
  'TemplateIdentifier',
  'GraphicData',
  'GraphicType',
  'FrameOfReferenceUID',
  'Laterality',
  'ContentLabel',
  'ContentDescription',
  'ContentCreatorName',
  'ShapeType',
  'FiducialDescription',
  'FiducialIdentifier',
  'FiducialUID',
  'FiducialSetSequence',
  'FiducialSequence',
  'NumberOfContourPoints',
  'ContourData',
] as const satisfies readonly Keyword[];

/** A data set from keywords; every value is an array, empty for an attribute of type 2 without a value. */
export function dataset(
  values: Readonly<Partial<Record<(typeof USED)[number], readonly unknown[]>>>,
): Dataset {
  const result: Dataset = {};
  for (const [keyword, value] of Object.entries(values)) {
    const [tag, vr] = ATTRIBUTES[keyword as Keyword];
    result[tag] = { vr, Value: [...value] };
  }
  return result;
}

/** Tag to its entry in the dictionary. */
const BY_TAG = new Map<string, readonly [string, string]>(
  USED.map((keyword) => [tagOf(keyword), ATTRIBUTES[keyword]]),
);

/** Tag and VR of a tag written as dicom-parser does (`x0020000d`); undefined when reports do not use it. */
export function dictionaryEntry(parserTag: string): readonly [string, string] | undefined {
  return BY_TAG.get(parserTag.slice(1).toUpperCase());
}

/** VR of a tag as dicom-parser writes it, for files of implicit VR; UN when reports do not use it. */
export function vrOfParserTag(parserTag: string): string {
  return dictionaryEntry(parserTag)?.[1] ?? 'UN';
}
