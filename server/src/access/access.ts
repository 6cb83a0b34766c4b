/**
 * The PACS decides who may see what. Each request that names a series queries the PACS for it with the caller's own
 * credentials, also when the embedding is at hand: a cache hit must not be a way around the PACS' rules. To be listed is not
 * enough: answers are made of the images, so the PACS must also be willing to send them (see retrievalRight.ts).
 *
 * A positive answer may be remembered for a few seconds per caller (the clicks of one reading come in bursts); refusals
 * are never remembered. What was granted before that is kept as an expectation: it opens nothing, but work may begin on it
 * during the query to the PACS (see speculation.ts).
 * @module
 */
import { numberOf, stringOf, tagOf } from '../dicom/index.ts';
import { LRUCache } from 'lru-cache';
import type { DicomwebSource, QidoQuery, RequestOptions, SeriesRef } from '../dicomweb/index.ts';
import { SamepointError } from '../errors/index.ts';
import { hashCredentials } from './credentials.ts';
import type { Caller, MonotonicClock } from './types.ts';
import { seriesKey } from './sources.ts';
import { isRetrievable, proveRetrieval } from './retrievalRight.ts';

/** PatientID and IssuerOfPatientID as the PACS gives them; compared, never shown, never logged. */
export interface PatientIdentity {
  readonly patientId: string | undefined;
  readonly issuer: string | undefined;
}

/** A series that the PACS showed to the caller. */
export interface GrantedSeries {
  readonly series: SeriesRef;
  /** Sorted, so that the order of the PACS does not matter to the cache key. */
  readonly sopInstanceUids: readonly string[];
  readonly patient: PatientIdentity;
}

/** Answers remembered at once: a few readers times a few series. */
const MEMO_ENTRIES = 1_000;
/** For how long a grant that may no longer be relied on is still expected to be given again, ms: while a reader reads. */
const EXPECTED_FOR_MS = 600_000;
/** For how long a list of instances is assumed unchanged while their number is unchanged, ms. */
const LISTED_FOR_MS = 600_000;

/** Answers of PACS with a cap on QIDO-RS stop at a round number; any other count is the whole list. */
const ROUND_CAP = 100;

/** Text without the padding of PS3.5 6.2; undefined where absent or empty. */
function trimmed(value: unknown): string | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return text === '' ? undefined : text;
}

/** Queries the PACS for series on behalf of callers. */
export interface Access {
  /**
   * @throws SamepointError every error of `dicomweb/`; `dicomweb/series-not-found` when the PACS shows no such series to
   * this caller.
   * @param isRetrieved whether the PACS sends this caller an image of the series for another purpose meanwhile: then no
   * further image is requested as a proof.
   */
  grant(
    series: SeriesRef,
    caller: Caller,
    signal?: AbortSignal,
    isRetrieved?: Promise<boolean>,
  ): Promise<GrantedSeries>;
  /**
   * What the PACS last granted to this caller, where at least one of the series has to be requested again; undefined where
   * none has, or where one was never granted or was refused since. An expectation, never a permission.
   */
  expected(series: readonly SeriesRef[], caller: Caller): readonly GrantedSeries[] | undefined;
  /** What is remembered of a series is out of date, for every caller: the next request queries the PACS for the whole list. */
  forget(series: SeriesRef): void;
}

/** Every SOP Instance UID of a series, sorted; follows a PACS that answers in pages. */
async function listInstances(
  source: DicomwebSource,
  series: SeriesRef,
  options: RequestOptions,
): Promise<readonly string[]> {
  const uids = new Set<string>();
  for (;;) {
    const before = uids.size;
    const page: QidoQuery = before === 0 ? {} : { offset: String(before) };
    for (const instance of await source.searchInstances(series, page, options)) {
      const uid = stringOf(instance, 'SOPInstanceUID');
      if (uid !== undefined) uids.add(uid);
    }
    if (uids.size === before || uids.size % ROUND_CAP !== 0) return [...uids].sort();
  }
}

/**
 * The instances of a series whose list is known from before. The PACS says how many there are; only where that has changed are they
 * listed again: Orthanc reads every file for a list, 0.2 to 1 s.
 */
async function listAgain(
  source: DicomwebSource,
  series: SeriesRef,
  known: readonly string[],
  options: RequestOptions,
): Promise<readonly string[]> {
  const { studyInstanceUid, seriesInstanceUid } = series;
  const count = {
    SeriesInstanceUID: seriesInstanceUid,
    includefield: tagOf('NumberOfSeriesRelatedInstances'),
  };
  // Where the PACS does not answer this, the list is requested.
  const found = await source.searchSeries(studyInstanceUid, count, options).catch(() => []);
  const counted = found.find((one) => stringOf(one, 'SeriesInstanceUID') === seriesInstanceUid);
  const isSame =
    counted !== undefined && numberOf(counted, 'NumberOfSeriesRelatedInstances') === known.length;
  return isSame ? known : await listInstances(source, series, options);
}

/** What is known of a series from before, and what else is requested of it at the same time. */
interface Meanwhile {
  readonly known: readonly string[] | undefined;
  readonly isRetrieved: Promise<boolean>;
}

/** The instances of a series of which the PACS is willing to send one, to the same caller; requested at the same time where possible. */
async function listRetrievable(
  source: DicomwebSource,
  series: SeriesRef,
  options: RequestOptions,
  { known, isRetrieved }: Meanwhile,
): Promise<readonly string[]> {
  if (known === undefined) {
    const listed = await listInstances(source, series, options);
    await proveRetrieval(source, series, listed, options);
    return listed;
  }
  const [listed, isProven] = await Promise.all([
    listAgain(source, series, known, options),
    isRetrieved.then((isProven) => isProven || isRetrievable(source, series, known, options)),
  ]);
  if (!isProven) await proveRetrieval(source, series, listed, options);
  return listed;
}

/** Whose study it is, as the PACS says. @throws SamepointError every error of `dicomweb/` */
export async function patientOfStudy(
  source: Pick<DicomwebSource, 'searchStudies'>,
  studyInstanceUid: string,
  options: RequestOptions,
): Promise<PatientIdentity> {
  const includefield = [tagOf('PatientID'), tagOf('IssuerOfPatientID')];
  const studies = await source.searchStudies({ StudyInstanceUID: studyInstanceUid, includefield }, options);
  // A PACS that ignores a key it does not know answers with everything.
  const study = studies.find((candidate) => stringOf(candidate, 'StudyInstanceUID') === studyInstanceUid);
  if (study === undefined)
    throw new SamepointError('dicomweb/study-not-found', { operation: 'QIDO-RS search' });
  return {
    patientId: trimmed(stringOf(study, 'PatientID')),
    issuer: trimmed(stringOf(study, 'IssuerOfPatientID')),
  };
}

async function queryPacs(
  source: DicomwebSource,
  series: SeriesRef,
  options: RequestOptions,
  meanwhile: Meanwhile,
): Promise<GrantedSeries> {
  const { studyInstanceUid } = series;
  const [patient, sopInstanceUids] = await Promise.all([
    patientOfStudy(source, studyInstanceUid, options),
    listRetrievable(source, series, options, meanwhile),
  ]);
  if (sopInstanceUids.length === 0)
    throw new SamepointError('dicomweb/series-not-found', { operation: 'QIDO-RS search' });
  return { series: refOf(series), sopInstanceUids, patient };
}

/** The reference of something that has more than that. */
export function refOf({ studyInstanceUid, seriesInstanceUid, source }: SeriesRef): SeriesRef {
  return { studyInstanceUid, seriesInstanceUid, ...(source === undefined ? {} : { source }) };
}

/** A grant, when it was requested, and when its instances were listed, ms of a monotonic clock. */
interface Remembered {
  readonly granted: GrantedSeries;
  readonly requestedAt: number;
  readonly listedAt: number;
}

function forgetSeries(memory: LRUCache<string, Remembered>, series: SeriesRef): void {
  const forgotten = seriesKey(series);
  for (const [key, { granted }] of memory.entries()) {
    if (seriesKey(granted.series) === forgotten) memory.delete(key);
  }
}

/** Access with a memory of `memoMs` (0: none). The clock must be monotonic: one that is set back would keep grants alive. */
export function createAccess(
  source: DicomwebSource,
  options: { memoMs: number; clock: MonotonicClock },
): Access {
  const { memoMs, clock } = options;
  const memory = new LRUCache<string, Remembered>({
    max: MEMO_ENTRIES,
    ttl: Math.max(EXPECTED_FOR_MS, memoMs),
    ttlResolution: 0,
    perf: { now: clock },
  });
  const keyOf = (series: SeriesRef, caller: Caller): string =>
    `${hashCredentials(caller)} ${seriesKey(series)}`;
  const isValid = ({ requestedAt }: Remembered): boolean => memoMs > 0 && clock() - requestedAt <= memoMs;
  return {
    async grant(series, caller, signal, isRetrieved = Promise.resolve(false)) {
      const key = keyOf(series, caller);
      const remembered = memory.get(key);
      if (remembered !== undefined && isValid(remembered)) return remembered.granted;
      const requestedAt = clock();
      try {
        const isListed = remembered !== undefined && requestedAt - remembered.listedAt <= LISTED_FOR_MS;
        const known = isListed ? remembered.granted.sopInstanceUids : undefined;
        const options = requestOptions(caller, signal, series.source);
        const granted = await queryPacs(source, series, options, { known, isRetrieved });
        const isSameList = isListed && granted.sopInstanceUids === known;
        memory.set(key, { granted, requestedAt, listedAt: isSameList ? remembered.listedAt : requestedAt });
        return granted;
      } catch (error) {
        memory.delete(key);
        throw error;
      }
    },
    expected(series, caller) {
      const all = series.map((one) => memory.get(keyOf(one, caller)));
      const known = all.filter((one) => one !== undefined);
      return known.length < all.length || known.every(isValid)
        ? undefined
        : known.map(({ granted }) => granted);
    },
    forget(series) {
      forgetSeries(memory, series);
    },
  };
}

/** The options of a request to the PACS: present keys only, as `exactOptionalPropertyTypes` wants them. */
export function requestOptions(
  { authorization }: Caller,
  signal?: AbortSignal,
  source?: string,
): RequestOptions {
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(signal === undefined ? {} : { signal }),
    ...(source === undefined ? {} : { source }),
  };
}

/**
 * Refuses to compare series of different patients. Within one study the patient is one by definition (PS3.3 A.1.2).
 * Issuers are compared where both are known: most archives of one hospital omit them. Two PACS may give one Patient ID to two patients:
 * between them both issuers must be known.
 * @throws SamepointError `application/different-patients`, `application/patient-unknown`, `application/issuer-unknown`
 */
export function assertSamePatient(one: GrantedSeries, other: GrantedSeries): void {
  const isOneSource = one.series.source === other.series.source;
  if (isOneSource && one.series.studyInstanceUid === other.series.studyInstanceUid) return;
  for (const { patient, series } of [one, other]) {
    if (patient.patientId === undefined) {
      const { studyInstanceUid } = series;
      throw new SamepointError('application/patient-unknown', { studyInstanceUid });
    }
  }
  const issuers = [one.patient.issuer, other.patient.issuer];
  if (!isOneSource && issuers.includes(undefined)) throw new SamepointError('application/issuer-unknown', {});
  const otherIssuer = issuers.every((issuer) => issuer !== undefined) && issuers[0] !== issuers[1];
  if (otherIssuer || one.patient.patientId !== other.patient.patientId) {
    throw new SamepointError('application/different-patients', {
      seriesInstanceUid: one.series.seriesInstanceUid,
      otherSeriesInstanceUid: other.series.seriesInstanceUid,
    });
  }
}
