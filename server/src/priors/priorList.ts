/**
 * The time points of a patient: the study that is read, and the earlier ones in the PACS, each with its series in the order in which
 * they suit a comparison.
 * @module
 */
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { DicomwebSource, RequestOptions } from '../dicomweb/index.ts';
import { requestOptions } from '../access/index.ts';
import type { Caller, Logger, PatientIdentity } from '../access/index.ts';
import { studiesElsewhere } from './otherSources.ts';
import type { OtherSource } from './otherSources.ts';
import { someAtATime } from './pages.ts';
import { PREFERRED, ranked, referenceOf } from './ranking.ts';
import type { Candidate, Reference } from './ranking.ts';
import { isDocument, patientIn, readStudy } from './readStudy.ts';
import type { ReadStudy } from './readStudy.ts';
import { Sorting } from './sorting.ts';
import { findStudy, listedStudy, studiesOfPatientId } from './studies.ts';
import type { ListedStudy } from './studies.ts';
import type { OmittedPriors, OmittedSource, PriorList, PriorsRequest, TimePointStudy } from './types.ts';

/** What listing needs of the application. */
export interface PriorParts {
  /** The PACS of the study that is read. */
  readonly source: DicomwebSource;
  /** Its name, where there are several. */
  readonly sourceName?: string | undefined;
  /** The other ones. */
  readonly otherSources?: readonly OtherSource[];
  /** Those that the model reads. */
  readonly modalities: readonly string[];
  readonly logger: Logger;
  /** Time for the series of one study, ms. */
  readonly studyTimeoutMs?: number;
}

/** Prior studies whose series are read, the newest that may have some to compare. */
const MAX_READ = 20;
const STUDIES_AT_A_TIME = 4;
/** A reader waits for a list; a PACS that needs longer for one study has it on tape. */
const STUDY_TIMEOUT_MS = 20_000;

/** Errors by which a PACS withholds an object from a caller. */
const HIDING = [
  'dicomweb/unauthorized',
  'dicomweb/forbidden',
  'dicomweb/study-not-found',
  'dicomweb/series-not-found',
  'dicomweb/instance-not-found',
] as const;

/** A prior study: as listed, and its series where they were read. */
interface Prior {
  readonly study: ListedStudy;
  readonly read?: ReadStudy;
  /** Why its series were not read, or nothing of it may be shown. */
  readonly state: 'read' | 'unread' | 'not-comparable' | 'unanswered' | 'hidden' | 'foreign';
}

interface Others {
  readonly priors: readonly Prior[];
  readonly isCut: boolean;
  readonly sources: readonly OmittedSource[];
}

function isHidden(error: unknown): boolean {
  return HIDING.some((code) => isSamepointError(error, code));
}

/** Runs the work with a time limit; undefined where it was too long. @throws what the work throws otherwise */
async function within<T>(
  timeoutMs: number,
  options: RequestOptions,
  work: (options: RequestOptions) => Promise<T>,
): Promise<T | undefined> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  try {
    return await work({ ...options, signal });
  } catch (error) {
    if (options.signal?.aborted !== true && deadline.aborted) return undefined;
    throw error;
  }
}

/** What the PACS does not say in its list, from the header of an image. */
function completed(study: ListedStudy, { header, candidates }: ReadStudy): ListedStudy {
  const named = header === undefined ? undefined : listedStudy(header);
  const modalities =
    study.modalities.length > 0 ? study.modalities : candidates.map(({ modality }) => modality);
  return {
    ...named,
    ...study,
    description: study.description === '' ? (named?.description ?? '') : study.description,
    patient: header === undefined ? study.patient : patientIn(study.patient, header),
    modalities: [...new Set(modalities.filter((modality) => modality !== ''))],
  };
}

/** Lists the time points for one caller. */
class Listing {
  readonly #parts: PriorParts;
  readonly #options: RequestOptions;
  readonly #timeoutMs: number;

  constructor(parts: PriorParts, options: RequestOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#timeoutMs = parts.studyTimeoutMs ?? STUDY_TIMEOUT_MS;
  }

  /**
   * The study that is read, which the caller must be able to see.
   * @throws SamepointError every error of `dicomweb/`
   */
  async current({ studyInstanceUid, seriesInstanceUid }: PriorsRequest): Promise<Prior> {
    const found = await findStudy(this.#parts.source, studyInstanceUid, this.#options);
    const listed = { ...found, source: this.#parts.sourceName };
    const read = await within(this.#timeoutMs, this.#options, (options) =>
      readStudy(listed, this.#parts, options),
    );
    if (read === undefined) {
      const operation = 'the series of the study';
      throw new SamepointError('dicomweb/timeout', { operation, timeoutMs: this.#timeoutMs });
    }
    const { refusals, candidates } = read;
    const refusal = refusals.find((one) => one.seriesInstanceUid === seriesInstanceUid) ?? refusals[0];
    const isRead = candidates.some((one) =>
      seriesInstanceUid === undefined
        ? one.traits !== undefined
        : one.seriesInstanceUid === seriesInstanceUid,
    );
    if (!isRead && refusal !== undefined) throw refusal.error;
    if (!isRead && seriesInstanceUid !== undefined)
      throw new SamepointError('dicomweb/series-not-found', { operation: 'QIDO-RS search' });
    return { study: completed(listed, read), read, state: 'read' };
  }

  /** The other studies under the Patient ID, whoever they are of. */
  async others(current: ListedStudy): Promise<Others> {
    const { studyInstanceUid, patient } = current;
    const { patientId } = patient;
    if (patientId === undefined) return { priors: [], isCut: false, sources: [] };
    const { source, sourceName, otherSources = [], logger } = this.#parts;
    const here = await studiesOfPatientId(source, patientId, this.#options);
    const own = here.studies.map((study) => ({ ...study, source: sourceName }));
    const elsewhere = await studiesElsewhere(otherSources, current, own, {
      logger,
      isHidden,
      within: (work) => within(this.#timeoutMs, this.#options, work),
    });
    const priors = [...own, ...elsewhere.studies]
      .filter((one) => one.studyInstanceUid !== studyInstanceUid)
      .map((study): Prior => ({ study, state: this.#mayCompare(study) ? 'unread' : 'not-comparable' }));
    return { priors, isCut: here.isCut || elsewhere.isCut, sources: elsewhere.omitted };
  }

  /** Reads the series of studies; those that fail stay in the list with a reason. */
  async read(priors: readonly Prior[], patient: PatientIdentity): Promise<readonly Prior[]> {
    const worthwhile = new Set(priors.filter(({ state }) => state === 'unread').slice(0, MAX_READ));
    const names = [...new Set(priors.map(({ study }) => study.source))];
    // Each PACS for itself: one that is slow does not hold up the others.
    const read = await Promise.all(
      names.map((name) => {
        const own = priors.filter(({ study }) => study.source === name);
        return someAtATime(own, STUDIES_AT_A_TIME, (prior) =>
          worthwhile.has(prior) ? this.#readPrior(prior, patient) : Promise.resolve(prior),
        );
      }),
    );
    return read.flat();
  }

  #clientOf({ source }: ListedStudy): DicomwebSource {
    const other = this.#parts.otherSources?.find(({ name }) => name === source);
    return other?.client ?? this.#parts.source;
  }

  #mayCompare({ modalities }: ListedStudy): boolean {
    return modalities.length === 0 || modalities.some((one) => this.#parts.modalities.includes(one));
  }

  async #readPrior({ study }: Prior, patient: PatientIdentity): Promise<Prior> {
    const owner = { patientId: patient.patientId, issuer: study.patient.issuer };
    try {
      const read = await within(this.#timeoutMs, this.#options, (options) =>
        readStudy({ ...study, patient: owner }, { ...this.#parts, source: this.#clientOf(study) }, options),
      );
      if (read === undefined) return this.#failed(study, 'unanswered', 'timeout');
      const { candidates, refusals, foreign } = read;
      const isEmpty = candidates.every(({ traits }) => traits === undefined);
      if (isEmpty && refusals.some(({ error }) => isHidden(error)))
        return this.#failed(study, 'hidden', refusals[0]?.error.code);
      if (isEmpty && foreign > 0) return this.#failed(study, 'foreign', 'application/identity-mismatch');
      return { study: completed(study, read), read, state: 'read' };
    } catch (error) {
      if (!isSamepointError(error)) throw error;
      return this.#failed(study, isHidden(error) ? 'hidden' : 'unanswered', error.code);
    }
  }

  #failed(study: ListedStudy, state: Prior['state'], code: string | undefined): Prior {
    this.#parts.logger.warn({ code }, 'the series of a prior study could not be read');
    return { study, state };
  }
}

function timePoint({ study, read }: Prior, wanted: Reference, modalities: readonly string[]): TimePointStudy {
  const { studyInstanceUid, source, date, time, description } = study;
  return {
    studyInstanceUid,
    ...(source === undefined ? {} : { source }),
    ...(date === undefined ? {} : { date }),
    ...(time === undefined ? {} : { time }),
    description,
    modalities: study.modalities,
    series: read === undefined ? [] : ranked(read.candidates, wanted, modalities),
    hasReports: read?.hasReports === true || study.modalities.some(isDocument),
  };
}

/** The series that is read: the one that is named, else the most suitable one of the study. */
function chosen(
  candidates: readonly Candidate[],
  seriesInstanceUid: string | undefined,
  modalities: readonly string[],
): Candidate | undefined {
  const uid = seriesInstanceUid ?? ranked(candidates, PREFERRED, modalities)[0]?.seriesInstanceUid;
  return candidates.find((candidate) => candidate.seriesInstanceUid === uid);
}

/** What is wanted of other series: to be like the one that is read, where that can be compared at all. */
function wantedBy(first: Candidate | undefined, modalities: readonly string[]): Reference {
  const isComparable =
    first !== undefined && ranked([first], PREFERRED, modalities)[0]?.isComparable === true;
  return isComparable ? referenceOf(first) : PREFERRED;
}

/** The series that is read before all others. */
function withFirst(study: TimePointStudy, first: Candidate | undefined): TimePointStudy {
  const isFirst = (uid: string): boolean => uid === first?.seriesInstanceUid;
  const series = [...study.series].sort(
    (one, other) => Number(isFirst(other.seriesInstanceUid)) - Number(isFirst(one.seriesInstanceUid)),
  );
  return { ...study, series };
}

function countIn(priors: readonly Prior[], state: Prior['state']): number {
  return priors.filter((prior) => prior.state === state).length;
}

/** What is missing of the studies that are shown, and of those that the PACS withheld. */
function gapsOf(
  priors: readonly Prior[],
  current: ReadStudy | undefined,
): Pick<
  OmittedPriors,
  'hiddenStudies' | 'hiddenSeries' | 'foreignSeries' | 'unansweredStudies' | 'unansweredSeries' | 'unread'
> {
  const reads = [current, ...priors.map(({ read }) => read)].filter((read) => read !== undefined);
  const refusals = reads.flatMap((read) => read.refusals);
  const hidden = refusals.filter(({ error }) => isHidden(error)).length;
  return {
    hiddenStudies: countIn(priors, 'hidden'),
    hiddenSeries: hidden,
    foreignSeries: countIn(priors, 'foreign') + reads.reduce((sum, { foreign }) => sum + foreign, 0),
    unansweredStudies: countIn(priors, 'unanswered'),
    unansweredSeries: refusals.length - hidden,
    unread: countIn(priors, 'unread'),
  };
}

/**
 * Lists the study that is read and the earlier ones of the same patient, Patient ID and issuer, never by name.
 * @throws SamepointError every error of `dicomweb/` about the study that is read
 */
export async function listPriors(
  request: PriorsRequest,
  caller: Caller,
  parts: PriorParts,
  signal?: AbortSignal,
): Promise<PriorList> {
  const { modalities } = parts;
  const listing = new Listing(parts, requestOptions(caller, signal));
  const current = await listing.current(request);
  const { patient } = current.study;
  const others = await listing.others(current.study);
  const sorting = new Sorting(current.study);
  // Before any of them is read, so that the newest earlier ones are; and after it, when headers have said more.
  const earlier = sorting.sort(others.priors, false);
  const shown = sorting.sort(await listing.read(earlier, patient), true);
  const visible = shown.filter(({ state }) => state !== 'hidden' && state !== 'foreign');
  const first = chosen(current.read?.candidates ?? [], request.seriesInstanceUid, modalities);
  const wanted = wantedBy(first, modalities);
  return {
    current: withFirst(timePoint(current, wanted, modalities), first),
    priors: visible.map((prior) => timePoint(prior, wanted, modalities)),
    omitted: {
      isPatientUnknown: patient.patientId === undefined,
      isDateUnknown: current.study.date === undefined && visible.length > 0,
      ...sorting.left,
      ...gapsOf(shown, current.read),
      isCut: others.isCut,
      ...(parts.otherSources === undefined ? {} : { sources: others.sources }),
    },
    patient,
  };
}
