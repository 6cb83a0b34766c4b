/**
 * Bytes of a document to its data set, and what every document says of itself.
 * @module
 */
import {
  ATTRIBUTES,
  decoderOf,
  inflateDataSet,
  itemsOf,
  parsePart10,
  parserTagOf,
  reading,
  stringOf,
  UnreadableDicom,
} from '../dicom/index.ts';
import type { Keyword } from '../dicom/index.ts';
import type { DataSet } from 'dicom-parser';
import type { Dataset } from '../documents/index.ts';
import { convert } from '../documents/index.ts';
import { lineOf, uidIn } from '../contentTree/index.ts';
import type { DocumentIdentity, FindingImage } from './types.ts';

const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';
const MAX_CHARACTER_SET_BYTES = 64;
/** Numbers read for tags and lengths, three per element: an SR of 5,000 findings has 700,000 elements. */
const MAX_READS = 4_000_000;
/** Documents that one document replaces or rejects. */
const MAX_REFERENCES = 1_000;

/** Large values and what no reader of findings uses; RT contours are read from the parsed file (rtStructure.ts). */
const PASSED_OVER: readonly Keyword[] = [
  'PixelData',
  'ExtendedOffsetTable',
  'ContourData',
  'ROIContourSequence',
];

const ENTRIES = new Map<string, readonly [tag: string, vr: string]>(
  Object.entries(ATTRIBUTES)
    .filter(([keyword]) => !PASSED_OVER.some((one) => one === keyword))
    .map(([keyword, entry]) => [parserTagOf(keyword as Keyword), entry]),
);

/** A document: parsed, and its attributes in the DICOM JSON model. */
export interface ParsedDocument {
  readonly parsed: DataSet;
  readonly dataset: Dataset;
}

/** Parses a document. @throws UnreadableDicom */
export function parseDocument(part10: Uint8Array): ParsedDocument {
  const vrOf = (tag: string): string => ENTRIES.get(tag)?.[1] ?? 'UN';
  const parsed = parsePart10(part10, { vrOf, maxReads: MAX_READS, inflate: inflateDataSet });
  return reading(() => {
    // dicom-parser ends open sequences at the end of a file that was cut.
    if (parsed.warnings.some((warning) => warning.includes('eof')))
      throw new UnreadableDicom('it ends within a sequence');
    const isBigEndian = parsed.string(parserTagOf('TransferSyntaxUID')) === EXPLICIT_VR_BIG_ENDIAN;
    const element = parsed.elements[parserTagOf('SpecificCharacterSet')];
    const isName = element !== undefined && element.length <= MAX_CHARACTER_SET_BYTES;
    const characterSet = isName ? (parsed.string(element.tag) ?? '') : '';
    const decoder = decoderOf(element === undefined || isName ? characterSet : 'unknown');
    return { parsed, dataset: convert(parsed, { decoder, entryOf: (tag) => ENTRIES.get(tag), isBigEndian }) };
  });
}

/** Study, series, instance and patient. @throws UnreadableDicom where a UID is missing */
export function identityOf(dataset: Dataset): DocumentIdentity {
  const studyInstanceUid = uidIn(dataset, 'StudyInstanceUID');
  const seriesInstanceUid = uidIn(dataset, 'SeriesInstanceUID');
  const sopInstanceUid = uidIn(dataset, 'SOPInstanceUID');
  if (studyInstanceUid === undefined || seriesInstanceUid === undefined || sopInstanceUid === undefined)
    throw new UnreadableDicom('a UID of its study, its series or itself is missing');
  const patientId = stringOf(dataset, 'PatientID');
  const issuer = stringOf(dataset, 'IssuerOfPatientID');
  return {
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid,
    ...(patientId === undefined ? {} : { patientId }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

/** Content, else series date and time, `YYYY-MM-DDThh:mm:ss`. */
export function createdAtOf(dataset: Dataset): string | undefined {
  const date = stringOf(dataset, 'ContentDate') ?? stringOf(dataset, 'SeriesDate') ?? '';
  const time = stringOf(dataset, 'ContentTime') ?? stringOf(dataset, 'SeriesTime') ?? '';
  if (!/^\d{8}$/u.test(date)) return undefined;
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)];
  const [, hour = '00', minute = '00', second = '00'] = /^(\d\d)(\d\d)?(\d\d)?/u.exec(time) ?? [];
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

/** The SOP instances that a sequence of studies, series and instances lists (PS3.3 C.17.2.1). */
function instancesIn(dataset: Dataset, keyword: Keyword): readonly FindingImage[] {
  return itemsOf(dataset, keyword).flatMap((study) =>
    itemsOf(study, 'ReferencedSeriesSequence').flatMap((series) =>
      itemsOf(series, 'ReferencedSOPSequence').map((instance) => ({
        studyInstanceUid: stringOf(study, 'StudyInstanceUID') ?? '',
        seriesInstanceUid: stringOf(series, 'SeriesInstanceUID') ?? '',
        sopClassUid: stringOf(instance, 'ReferencedSOPClassUID') ?? '',
        sopInstanceUid: stringOf(instance, 'ReferencedSOPInstanceUID') ?? '',
      })),
    ),
  );
}

/** Images by SOP Instance UID, from the evidence sequences. */
export function evidenceOf(dataset: Dataset): ReadonlyMap<string, FindingImage> {
  const images = [
    ...instancesIn(dataset, 'CurrentRequestedProcedureEvidenceSequence'),
    ...instancesIn(dataset, 'PertinentOtherEvidenceSequence'),
  ];
  return new Map(images.map((image) => [image.sopInstanceUid, image]));
}

/** SOP Instance UIDs of the documents that this one replaces. */
export function predecessorsOf(dataset: Dataset): readonly string[] {
  return uidsIn(dataset, 'PredecessorDocumentsSequence');
}

/** SOP Instance UIDs of the documents that this one lists as evidence. */
export function listedIn(dataset: Dataset): readonly string[] {
  return uidsIn(dataset, 'CurrentRequestedProcedureEvidenceSequence');
}

function uidsIn(dataset: Dataset, keyword: Keyword): readonly string[] {
  const uids = new Set(instancesIn(dataset, keyword).map(({ sopInstanceUid }) => sopInstanceUid));
  uids.delete('');
  return [...uids].slice(0, MAX_REFERENCES);
}

/** The first text that is one. */
export function firstLine(...texts: readonly (string | undefined)[]): string | undefined {
  for (const text of texts) {
    const line = lineOf(text);
    if (line !== undefined) return line;
  }
  return undefined;
}
