/**
 * The studies of a patient in the PACS.
 * @module
 */
import { stringOf, stringsOf, tagOf } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import type { DicomwebSource, RequestOptions } from '../dicomweb/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { PatientIdentity } from '../access/index.ts';
import { comparable } from '../access/index.ts';
import { searchPages } from './pages.ts';

/** A study as the PACS lists it. */
export interface ListedStudy {
  readonly studyInstanceUid: string;
  /** Its PACS, where there are several. */
  readonly source?: string | undefined;
  readonly patient: PatientIdentity;
  /** YYYY-MM-DD. */
  readonly date?: string;
  /** hh:mm:ss. */
  readonly time?: string;
  readonly description: string;
  /** Empty where the PACS does not say. */
  readonly modalities: readonly string[];
}

/** Studies of one patient that are looked at. */
const MAX_STUDIES = 1_000;

const FIELDS = [
  tagOf('StudyDate'),
  tagOf('StudyTime'),
  tagOf('StudyDescription'),
  tagOf('ModalitiesInStudy'),
  tagOf('PatientID'),
  tagOf('IssuerOfPatientID'),
];

/** A date (DA) in ISO 8601; also in the form of ACR-NEMA, `2026.03.02`. */
function dateOf(text: string | undefined): string | undefined {
  const [, year, month, day] = /^(\d{4})\.?(\d\d)\.?(\d\d)$/u.exec(text?.trim() ?? '') ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const iso = `${year}-${month}-${day}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  // 31 February is read as a day of March.
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(iso) ? iso : undefined;
}

/** A time (TM) in ISO 8601 without fractions; minutes and seconds may be omitted (PS3.5 6.2). */
function timeOf(text: string | undefined): string | undefined {
  const [, hours, minutes = '00', seconds = '00'] =
    /^([01]\d|2[0-3]):?([0-5]\d)?:?([0-5]\d|60)?(?:\.\d+)?$/u.exec(text?.trim() ?? '') ?? [];
  return hours === undefined ? undefined : `${hours}:${minutes}:${seconds}`;
}

/** What the PACS lists of a study, or the header of one of its images says. */
export function listedStudy(json: DicomJson): ListedStudy | undefined {
  const studyInstanceUid = stringOf(json, 'StudyInstanceUID');
  if (studyInstanceUid === undefined) return undefined;
  const [date, time] = [dateOf(stringOf(json, 'StudyDate')), timeOf(stringOf(json, 'StudyTime'))];
  const modalities = stringsOf(json, 'ModalitiesInStudy').map((modality) => modality.trim());
  return {
    studyInstanceUid,
    patient: {
      patientId: comparable(stringOf(json, 'PatientID')),
      issuer: comparable(stringOf(json, 'IssuerOfPatientID')),
    },
    ...(date === undefined ? {} : { date }),
    // A time without a date says nothing.
    ...(date === undefined || time === undefined ? {} : { time }),
    description: stringOf(json, 'StudyDescription')?.trim() ?? '',
    modalities,
  };
}

/** The study itself. @throws SamepointError every error of `dicomweb/` */
export async function findStudy(
  source: DicomwebSource,
  studyInstanceUid: string,
  options: RequestOptions,
): Promise<ListedStudy> {
  const found = await source.searchStudies(
    { StudyInstanceUID: studyInstanceUid, includefield: FIELDS },
    options,
  );
  // A PACS that ignores a key it does not know answers with everything.
  const study = found.map(listedStudy).find((one) => one?.studyInstanceUid === studyInstanceUid);
  if (study === undefined)
    throw new SamepointError('dicomweb/study-not-found', { operation: 'QIDO-RS search' });
  return study;
}

/** Studies that a PACS answers. */
interface FoundStudies {
  readonly studies: readonly ListedStudy[];
  /** True where there may be more than are looked at. */
  readonly isCut: boolean;
}

/**
 * The studies of a Patient ID. Those of which the PACS does not say whose they are, are among them; those of other Patient IDs, which
 * a PACS answers that ignores the key or reads `*` in it as a wildcard, are not.
 * @throws SamepointError every error of `dicomweb/`
 */
export async function studiesOfPatientId(
  source: DicomwebSource,
  patientId: string,
  options: RequestOptions,
): Promise<FoundStudies> {
  const found = await searchPages(
    (page) => source.searchStudies({ PatientID: patientId, includefield: FIELDS, ...page }, options),
    'StudyInstanceUID',
    MAX_STUDIES,
  );
  const studies = found
    .slice(0, MAX_STUDIES)
    .flatMap((json) => listedStudy(json) ?? [])
    .filter(({ patient }) => patient.patientId === undefined || patient.patientId === patientId);
  return { studies, isCut: found.length >= MAX_STUDIES };
}

/** Newest first; those without a date last. */
export function newestFirst(one: ListedStudy, other: ListedStudy): number {
  const [a, b] = [one, other].map(({ date = '', time = '' }) => `${date} ${time}`);
  if (a !== b && a !== undefined && b !== undefined) return a < b ? 1 : -1;
  return one.studyInstanceUid < other.studyInstanceUid ? 1 : -1;
}

/** True where a study is certainly later than another one. */
export function isLater(one: ListedStudy, other: ListedStudy): boolean {
  if (one.date === undefined || other.date === undefined) return false;
  if (one.date !== other.date) return one.date > other.date;
  return one.time !== undefined && other.time !== undefined && one.time > other.time;
}

/** Whose a study is in comparison with another patient of the same Patient ID. */
export type Ownership = 'same' | 'other' | 'unsure';

/**
 * Compares issuers. Two that differ are two patients. Where one side names none, as archives of one hospital do, it is the same
 * patient, unless the Patient ID is known to be used by two issuers.
 * @param all whoever the PACS names under this Patient ID
 */
export function ownershipOf(
  { issuer }: PatientIdentity,
  other: PatientIdentity,
  all: readonly PatientIdentity[],
): Ownership {
  if (issuer === other.issuer) return 'same';
  if (issuer !== undefined && other.issuer !== undefined) return 'other';
  const issuers = new Set(all.map((one) => one.issuer).filter((one) => one !== undefined));
  return issuers.size <= 1 ? 'same' : 'unsure';
}
