/**
 * Named points as Spatial Fiducials (PS3.3 A.40, C.21.2).
 * @module
 */
import dcmjs from 'dcmjs';
import { isUid, stringOf } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';
import {
  dataset,
  decimalString,
  dicomDateTime,
  fileMeta,
  labelProblem,
  newUid,
  offsetValue,
  sharedAttributes,
} from '../documents/index.ts';
import type { BuiltReport, Dataset } from '../documents/index.ts';
import type { Fiducial, FiducialsRequest } from './types.ts';

/** Spatial Fiducials Storage. */
const SPATIAL_FIDUCIALS = '1.2.840.10008.5.1.4.1.1.66.2';
/** Longest Fiducial Identifier (SH). */
const IDENTIFIER_LENGTH = 16;
/** Longest Fiducial Description (ST). */
const DESCRIPTION_LENGTH = 1024;
/** Behind the image series of a study. */
const SERIES_NUMBER = '9901';

/**
 * Builds one Spatial Fiducials object in the study of the images: a set of points in their frame of reference. The whole name of a point
 * is the first line of its description, because an identifier has 16 characters.
 * @throws SamepointError report/incomplete-context, report/bad-observation
 */
export function buildFiducials(request: FiducialsRequest): BuiltReport {
  assertFiducials(request);
  const studyInstanceUid = stringOf(request.image, 'StudyInstanceUID') ?? '';
  const ids = { studyInstanceUid, seriesInstanceUid: newUid(), sopInstanceUid: newUid() };
  const dict = new dcmjs.data.DicomDict(fileMeta(ids, SPATIAL_FIDUCIALS));
  dict.dict = { ...sharedAttributes(request.image), ...instanceOf(request, ids), ...pointsOf(request) };
  return { part10: new Uint8Array(dict.write()), ...ids };
}

function assertFiducials({ image, fiducials, frameOfReferenceUid }: FiducialsRequest): void {
  const missing = (['StudyInstanceUID'] as const).filter((keyword) => !isUid(stringOf(image, keyword)));
  if (missing.length > 0) throw new SamepointError('report/incomplete-context', { missing });
  if (!isUid(frameOfReferenceUid))
    throw new SamepointError('report/incomplete-context', { missing: ['FrameOfReferenceUID'] });
  if (fiducials.length === 0) throw new SamepointError('report/incomplete-context', { missing: ['a point'] });
  for (const [index, { name, lps }] of fiducials.entries()) {
    const ofName = labelProblem(name);
    const problem = lps.every(Number.isFinite)
      ? ofName && `has a name that ${ofName}`
      : 'has no finite place';
    if (problem !== undefined)
      throw new SamepointError('report/bad-observation', { observation: index + 1, problem });
  }
}

function instanceOf(
  { image, now, softwareVersion }: FiducialsRequest,
  ids: Omit<BuiltReport, 'part10'>,
): Dataset {
  const { date, time } = dicomDateTime(now, offsetValue(stringOf(image, 'TimezoneOffsetFromUTC')));
  return dataset({
    SpecificCharacterSet: ['ISO_IR 192'],
    SOPClassUID: [SPATIAL_FIDUCIALS],
    SOPInstanceUID: [ids.sopInstanceUid],
    StudyInstanceUID: [ids.studyInstanceUid],
    SeriesInstanceUID: [ids.seriesInstanceUid],
    Modality: ['FID'],
    // Type 2C: the images may be of a paired part of the body.
    Laterality: [],
    SeriesNumber: [SERIES_NUMBER],
    SeriesDescription: ['Samepoint landmarks'],
    SeriesDate: [date],
    SeriesTime: [time],
    Manufacturer: ['Samepoint'],
    ManufacturerModelName: ['Samepoint'],
    SoftwareVersions: [softwareVersion],
    InstanceNumber: ['1'],
    ContentDate: [date],
    ContentTime: [time],
    ContentLabel: ['LANDMARKS'],
    ContentDescription: ['Landmarks found by Samepoint, not confirmed by a reader'],
    ContentCreatorName: [],
  });
}

function pointsOf({ fiducials, frameOfReferenceUid }: FiducialsRequest): Dataset {
  const set = dataset({
    FrameOfReferenceUID: [frameOfReferenceUid],
    FiducialSequence: fiducials.map((fiducial, index) => pointItem(fiducial, identifierOf(fiducials, index))),
  });
  return dataset({ FiducialSetSequence: [set] });
}

function pointItem({ name, lps, description }: Fiducial, identifier: string): Dataset {
  const text = description === undefined ? name : `${name}\r\n${description}`;
  return dataset({
    FiducialIdentifier: [identifier],
    FiducialDescription: [text.slice(0, DESCRIPTION_LENGTH)],
    FiducialUID: [newUid()],
    ShapeType: ['POINT'],
    NumberOfContourPoints: ['1'],
    ContourData: lps.map(decimalString),
  });
}

/** The name where it fits and is the only one, otherwise a number. */
function identifierOf(fiducials: readonly Fiducial[], index: number): string {
  const name = fiducials[index]?.name.trim() ?? '';
  const isOnly = fiducials.filter((other) => other.name.trim() === name).length === 1;
  const fits = Buffer.byteLength(name) <= IDENTIFIER_LENGTH && !name.includes('\\');
  return isOnly && fits ? name : `L${String(index + 1)}`;
}
