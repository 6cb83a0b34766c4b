/**
 * The series of a study, and the headers of a few images of each.
 * @module
 */
import { numberOf, stringOf, tagOf } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { SamepointError } from '../errors/index.ts';
import { FINDING_SOURCES } from '../findings/index.ts';
import type { PatientIdentity } from '../access/index.ts';
import { assertMetadataIdentity, comparable } from '../access/index.ts';
import { searchPages, someAtATime } from './pages.ts';
import type { Candidate } from './ranking.ts';
import { areParallel, traitsOf } from './traits.ts';
import type { SeriesTraits } from './traits.ts';

/** What reading a study needs. */
export interface StudyParts {
  readonly source: DicomwebSource;
  /** Those that the model reads: headers are requested of no others. */
  readonly modalities: readonly string[];
}

/** A study to be read, and whose it is as far as the PACS has said. */
export interface StudyRef {
  readonly studyInstanceUid: string;
  readonly patient: PatientIdentity;
}

/** A study as it was read. */
export interface ReadStudy {
  readonly candidates: readonly Candidate[];
  readonly hasReports: boolean;
  /** Header of one of its images, of the patient of the study; absent where none was read. */
  readonly header?: DicomJson;
  /** Why series are missing: the PACS does not give them out. */
  readonly refusals: readonly { readonly seriesInstanceUid: string; readonly error: SamepointError }[];
  /** Series whose images are of another patient, study or series. */
  readonly foreign: number;
}

/** Modalities of objects without images for comparison: documents, marks, plans. */
const WITHOUT_IMAGES: ReadonlySet<string> = new Set([
  ...FINDING_SOURCES,
  ...['PR', 'KO', 'REG', 'FID', 'DOC', 'RTPLAN', 'RTDOSE', 'RTRECORD', 'PLAN', 'SC', 'OT', 'AU', 'HD', 'ECG'],
]);
/** Series of one study whose headers are requested, the largest first. */
const MAX_EXAMINED = 24;
const SERIES_AT_A_TIME = 2;
/** Images of one series that are listed. */
const MAX_LISTED = 10_000;
/** Images at either end of a series that need not be parallel to the others: a scout may lie among them. */
const ODD_ENDS = 2;

const SERIES_FIELDS = [
  tagOf('Modality'),
  tagOf('SeriesDescription'),
  tagOf('SeriesNumber'),
  tagOf('NumberOfSeriesRelatedInstances'),
];

/** A number of things; undefined where the PACS says none or nonsense. */
function countOf(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** What the PACS lists of a series, or the header of one of its images says. */
function namesOf(json: DicomJson): Pick<Candidate, 'seriesNumber' | 'description' | 'modality'> {
  const seriesNumber = numberOf(json, 'SeriesNumber');
  return {
    ...(Number.isSafeInteger(seriesNumber) && seriesNumber !== undefined ? { seriesNumber } : {}),
    description: stringOf(json, 'SeriesDescription')?.trim() ?? '',
    modality: stringOf(json, 'Modality')?.trim() ?? '',
  };
}

function listedSeries(json: DicomJson): Candidate | undefined {
  const seriesInstanceUid = stringOf(json, 'SeriesInstanceUID');
  if (seriesInstanceUid === undefined) return undefined;
  const images = countOf(numberOf(json, 'NumberOfSeriesRelatedInstances')) ?? 0;
  return { seriesInstanceUid, ...namesOf(json), images };
}

/** What the list lacks, from the header: some PACS do not send what a search requests. */
function completed(candidate: Candidate, header: DicomJson): Candidate {
  const named = namesOf(header);
  const isNamed = candidate.modality !== '' && candidate.description !== '';
  if (isNamed && candidate.seriesNumber !== undefined) return candidate;
  return {
    ...named,
    ...candidate,
    description: candidate.description === '' ? named.description : candidate.description,
    modality: candidate.modality === '' ? named.modality : candidate.modality,
  };
}

/** What became of one series. */
type Examined =
  | { readonly candidate: Candidate; readonly header?: DicomJson }
  | { readonly seriesInstanceUid: string; readonly error: SamepointError };

/** Reads the headers of one series. */
class SeriesExamination {
  readonly #source: DicomwebSource;
  readonly #series: SeriesRef;
  readonly #patient: PatientIdentity;
  readonly #options: RequestOptions;

  constructor(source: DicomwebSource, series: SeriesRef, { patient }: StudyRef, options: RequestOptions) {
    this.#source = source;
    this.#series = series;
    this.#patient = patient;
    this.#options = options;
  }

  /** @throws SamepointError every error of `dicomweb/`; `application/identity-mismatch` */
  async examine(): Promise<{ images: number; traits?: SeriesTraits; header?: DicomJson }> {
    const listed = await this.#list();
    const header = await this.#header(listed[Math.floor((listed.length - 1) / 2)]);
    if (header === undefined) return { images: 0 };
    const single = traitsOf(header);
    if (listed.length === 1 || single.isLocalizer || single.stack === undefined)
      return { images: single.frames ?? listed.length, traits: single, header };
    const ends = [await this.#end(listed, header), await this.#end(listed.toReversed(), header)];
    return { images: listed.length, traits: traitsOf(header, ends), header };
  }

  /** UIDs of the images in the order of their numbers. */
  async #list(): Promise<readonly string[]> {
    const query = { includefield: [tagOf('InstanceNumber')] };
    const found = await searchPages(
      (page) => this.#source.searchInstances(this.#series, { ...query, ...page }, this.#options),
      'SOPInstanceUID',
      MAX_LISTED,
    );
    return found
      .map((json) => ({
        uid: stringOf(json, 'SOPInstanceUID') ?? '',
        number: numberOf(json, 'InstanceNumber') ?? 0,
      }))
      .sort((one, other) => one.number - other.number)
      .map(({ uid }) => uid);
  }

  async #header(sopInstanceUid: string | undefined): Promise<DicomJson | undefined> {
    if (sopInstanceUid === undefined) return undefined;
    const header = await this.#source.retrieveInstanceMetadata(this.#series, sopInstanceUid, this.#options);
    const granted = { series: this.#series, sopInstanceUids: [], patient: this.#patient };
    assertMetadataIdentity(header, granted);
    return header;
  }

  /** The first of the images that is parallel to the one in the middle; one that is not where all are odd. */
  async #end(listed: readonly string[], middle: DicomJson): Promise<DicomJson> {
    let header = middle;
    for (const uid of listed.slice(0, 1 + ODD_ENDS)) {
      header = (await this.#header(uid)) ?? middle;
      if (areParallel(header, middle)) break;
    }
    return header;
  }
}

/**
 * Reads a study for one caller. A series that the PACS does not give out is missing and named in `refusals`.
 * @throws SamepointError where the PACS does not list the series; the reason of the signal
 */
export async function readStudy(
  study: StudyRef,
  { source, modalities }: StudyParts,
  options: RequestOptions,
): Promise<ReadStudy> {
  const { studyInstanceUid } = study;
  const json = await source.searchSeries(studyInstanceUid, { includefield: SERIES_FIELDS }, options);
  const all = [...new Map(json.map((one) => [stringOf(one, 'SeriesInstanceUID'), one])).values()];
  const series = all
    .flatMap((one) => listedSeries(one) ?? [])
    .filter(({ modality }) => !WITHOUT_IMAGES.has(modality))
    .sort((one, other) => other.images - one.images);
  const isRead = ({ modality }: Candidate): boolean => modality === '' || modalities.includes(modality);
  const worthwhile = new Set(series.filter(isRead).slice(0, MAX_EXAMINED));
  const examined = await someAtATime(series, SERIES_AT_A_TIME, (candidate) =>
    worthwhile.has(candidate) ? examine(candidate, study, source, options) : Promise.resolve({ candidate }),
  );
  return {
    ...ofOnePatient(examined, study),
    hasReports: all.some((one) => isDocument(stringOf(one, 'Modality') ?? '')),
  };
}

/** The series whose headers name one patient, that of the study where the PACS names one. */
function ofOnePatient(examined: readonly Examined[], { patient }: StudyRef): Omit<ReadStudy, 'hasReports'> {
  const failed = examined.filter((one) => 'error' in one);
  const read = examined.filter((one) => 'candidate' in one);
  const header = read.map((one) => one.header).find((one) => one !== undefined);
  const owner = header === undefined ? patient : patientIn(patient, header);
  const own = read.filter((one) => one.header === undefined || isOf(owner, one.header));
  const isForeign = ({ error }: { readonly error: SamepointError }): boolean =>
    isSamepointError(error, 'application/identity-mismatch');
  return {
    candidates: own.map(({ candidate }) => candidate).filter(({ modality }) => !WITHOUT_IMAGES.has(modality)),
    ...(header === undefined ? {} : { header }),
    refusals: failed.filter((one) => !isForeign(one)),
    foreign: failed.filter(isForeign).length + read.length - own.length,
  };
}

/** Whose a study is: as the PACS says, else as the header of one of its images says. */
export function patientIn(patient: PatientIdentity, header: DicomJson): PatientIdentity {
  return {
    patientId: patient.patientId ?? comparable(stringOf(header, 'PatientID')),
    issuer: patient.issuer ?? comparable(stringOf(header, 'IssuerOfPatientID')),
  };
}

function isOf({ patientId, issuer }: PatientIdentity, header: DicomJson): boolean {
  const named = patientIn({ patientId: undefined, issuer: undefined }, header);
  const isSameIssuer =
    issuer === undefined || named.issuer === undefined || named.issuer === comparable(issuer);
  return named.patientId === comparable(patientId) && isSameIssuer;
}

/** True for structured reports, segmentations and structure sets. */
export function isDocument(modality: string): boolean {
  return FINDING_SOURCES.some((source) => source === modality.trim());
}

async function examine(
  candidate: Candidate,
  study: StudyRef,
  source: DicomwebSource,
  options: RequestOptions,
): Promise<Examined> {
  const { seriesInstanceUid } = candidate;
  const ref = { studyInstanceUid: study.studyInstanceUid, seriesInstanceUid };
  try {
    const { images, traits, header } = await new SeriesExamination(source, ref, study, options).examine();
    if (header === undefined || traits === undefined) return { candidate };
    return { candidate: { ...completed(candidate, header), images, traits }, header };
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    return { seriesInstanceUid, error };
  }
}
