/**
 * Reading values out of the DICOM JSON model (PS3.18 F.2). Tolerant: a PACS may send numbers as strings, empty values as
 * null, and leave anything out; the caller gets the value in the asked-for type or undefined.
 * @module
 */
import type { DicomJson } from './types.ts';

/** Keywords that Samepoint reads from DICOM JSON, with their tags (PS3.6). */
export const TAGS = {
  SpecificCharacterSet: '00080005',
  ImageType: '00080008',
  SOPClassUID: '00080016',
  SOPInstanceUID: '00080018',
  StudyDate: '00080020',
  SeriesDate: '00080021',
  AcquisitionDate: '00080022',
  ContentDate: '00080023',
  StudyTime: '00080030',
  SeriesTime: '00080031',
  ContentTime: '00080033',
  AccessionNumber: '00080050',
  Modality: '00080060',
  ModalitiesInStudy: '00080061',
  Manufacturer: '00080070',
  InstitutionName: '00080080',
  ReferringPhysicianName: '00080090',
  CodeValue: '00080100',
  CodingSchemeDesignator: '00080102',
  CodeMeaning: '00080104',
  StudyDescription: '00081030',
  SeriesDescription: '0008103E',
  ReferencedSOPClassUID: '00081150',
  ReferencedSOPInstanceUID: '00081155',
  RetrieveURL: '00081190',
  WarningReason: '00081196',
  FailureReason: '00081197',
  FailedSOPSequence: '00081198',
  ReferencedSOPSequence: '00081199',
  InstanceAvailability: '00080056',
  PatientName: '00100010',
  PatientID: '00100020',
  PatientBirthDate: '00100030',
  PatientSex: '00100040',
  BodyPartExamined: '00180015',
  SliceThickness: '00180050',
  ProtocolName: '00181030',
  StudyInstanceUID: '0020000D',
  SeriesInstanceUID: '0020000E',
  StudyID: '00200010',
  SeriesNumber: '00200011',
  InstanceNumber: '00200013',
  ImagePositionPatient: '00200032',
  ImageOrientationPatient: '00200037',
  FrameOfReferenceUID: '00200052',
  NumberOfStudyRelatedSeries: '00201206',
  NumberOfStudyRelatedInstances: '00201208',
  NumberOfSeriesRelatedInstances: '00201209',
  NumberOfFrames: '00280008',
  Rows: '00280010',
  Columns: '00280011',
  PixelSpacing: '00280030',
  AvailableTransferSyntaxUID: '00083002',
} as const;

/** A keyword that the accessors know. */
export type Keyword = keyof typeof TAGS;

/** Every value of an element, as sent; empty where it is absent or empty. */
export function valuesOf(json: DicomJson, keyword: Keyword): readonly unknown[] {
  const value: unknown = json[TAGS[keyword]]?.Value;
  return Array.isArray(value) ? value : [];
}

/** All values of an element as strings, empty ones left out; of a person name the alphabetic form. */
export function stringsOf(json: DicomJson, keyword: Keyword): readonly string[] {
  return valuesOf(json, keyword)
    .map(toText)
    .filter((text) => text !== undefined);
}

/** The first value of an element as a string, or undefined where there is none. */
export function stringOf(json: DicomJson, keyword: Keyword): string | undefined {
  return stringsOf(json, keyword)[0];
}

/** All values of an element as numbers, or undefined where there is none or one of them is not a number. */
export function numbersOf(json: DicomJson, keyword: Keyword): readonly number[] | undefined {
  const numbers = valuesOf(json, keyword).map(toNumber);
  return numbers.length > 0 && numbers.every((value) => value !== undefined) ? numbers : undefined;
}

/** The first value of an element as a number, or undefined where there is none. */
export function numberOf(json: DicomJson, keyword: Keyword): number | undefined {
  return toNumber(valuesOf(json, keyword)[0]);
}

/** The items of a sequence; empty where it is absent. */
export function itemsOf(json: DicomJson, keyword: Keyword): readonly DicomJson[] {
  return valuesOf(json, keyword).filter(isDicomJson);
}

/** True for an object whose every member looks like an element of the DICOM JSON model. */
export function isDicomJson(value: unknown): value is DicomJson {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((element) => typeof element === 'object' && element !== null)
  );
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object' && value !== null && 'Alphabetic' in value) return toText(value.Alphabetic);
  return undefined;
}

function toNumber(value: unknown): number | undefined {
  // A DS or IS may arrive as a string (allowed since 2019 for exactness, PS3.18 F.2.3).
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
