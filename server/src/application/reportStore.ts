/**
 * Storing a report so that it is in the PACS once, whatever happens on the way: the server dies between storing and answering,
 * the reader presses twice, the PACS stores and answers with an error. The request decides the UIDs (report/uid.ts), the PACS is
 * queried before and after, and what it holds decides the answer.
 * @module
 */
import { stringOf } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { DicomwebSource, RequestOptions } from '../dicomweb/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { SeriesPoint } from '../matching/index.ts';
import { derivedUids } from '../report/index.ts';
import type { BuiltReport, ConfirmedPair } from '../report/index.ts';
import { assertSamePatient, requestOptions } from './access.ts';
import type { GrantedSeries } from './access.ts';
import { assertMetadataIdentity } from './identity.ts';
import type { ReportParts } from './reports.ts';
import type { Caller, ReportRef, StoreOptions } from './types.ts';

/** One point per series, the first series first. */
function onePerSeries(points: readonly SeriesPoint[]): SeriesPoint[] {
  return [...new Map(points.map((point) => [point.seriesInstanceUid, point])).values()];
}

function requireOnePatient([reference, ...others]: readonly GrantedSeries[]): void {
  if (reference === undefined) return;
  for (const other of others) assertSamePatient(reference, other);
}

/** Strict when writing: a report must not point at an image that is not there. */
function requireInstances(points: readonly SeriesPoint[], granted: readonly GrantedSeries[]): void {
  const uids = new Map(
    granted.map(({ series, sopInstanceUids }) => [series.seriesInstanceUid, new Set(sopInstanceUids)]),
  );
  for (const { seriesInstanceUid, pixel } of points) {
    const { sopInstanceUid } = pixel;
    if (uids.get(seriesInstanceUid)?.has(sopInstanceUid) !== true) {
      throw new SamepointError('application/instance-not-in-series', { seriesInstanceUid, sopInstanceUid });
    }
  }
}

/** Metadata of one image per series: patient and study that the report must share, rows and columns that bound it. */
async function metadataOf(
  { seriesInstanceUid, studyInstanceUid, pixel }: SeriesPoint,
  source: DicomwebSource,
  options: RequestOptions,
): Promise<DicomJson> {
  const series = { studyInstanceUid, seriesInstanceUid };
  return await source.retrieveInstanceMetadata(series, pixel.sopInstanceUid, options);
}

/** When the PACS is queried for a report about which it said nothing clear, ms after the last time: some store in the background. */
const READ_BACK_PAUSES_MS = [0, 500, 1500];
/** How long that may last in all, ms: a PACS that does not answer was waited for already. */
const READ_BACK_LIMIT_MS = 15_000;

/** What the PACS holds under the UIDs of a report: it, something else, or nothing. */
type Held = 'same' | 'other' | 'nothing';

/** Requests the report from the PACS; what it gives must say what was built. The time may differ: it is that of the first attempt. */
async function heldAs(
  { part10, ...report }: BuiltReport,
  { source, modules }: ReportParts,
  options: RequestOptions,
): Promise<Held> {
  const found = await source
    .retrieveInstance(report, report.sopInstanceUid, options)
    .catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
  if (found === undefined) return 'nothing';
  const [held, built] = await Promise.all([modules.readReport(found), modules.readReport(part10)]);
  const isSame =
    held.ok &&
    built.ok &&
    isDeepStrictEqual(held.pairs, built.pairs) &&
    isDeepStrictEqual(held.problems, built.problems);
  return isSame ? 'same' : 'other';
}

function isMissing(error: unknown): boolean {
  return (
    isSamepointError(error, 'dicomweb/instance-not-found') ||
    isSamepointError(error, 'dicomweb/series-not-found') ||
    isSamepointError(error, 'dicomweb/study-not-found')
  );
}

function notVerified({ sopInstanceUid }: ReportRef, reason: string, cause?: unknown): SamepointError {
  return new SamepointError('application/report-not-verified', { sopInstanceUid, reason }, { cause });
}

const DIFFERS = 'its content differs';

/**
 * Reads back a report that the PACS said it has; it may still be on its way to where it is read from.
 * @throws SamepointError application/report-not-verified
 */
async function verify(built: BuiltReport, parts: ReportParts, options: RequestOptions): Promise<void> {
  for (const ms of READ_BACK_PAUSES_MS) {
    await pause(ms, undefined, options.signal ? { signal: options.signal } : {});
    const held = await heldAs(built, parts, options).catch((cause: unknown) => {
      throw isSamepointError(cause) ? notVerified(built, cause.code, cause) : cause;
    });
    if (held === 'same') return;
    if (held === 'other') throw notVerified(built, DIFFERS);
  }
  throw notVerified(built, 'dicomweb/instance-not-found');
}

/** Whether a report may appear although the PACS did not say that it stored it. */
function mayAppear(failure: SamepointError): boolean {
  return (
    isSamepointError(failure, 'dicomweb/unreachable') ||
    isSamepointError(failure, 'dicomweb/timeout') ||
    isSamepointError(failure, 'dicomweb/truncated') ||
    isSamepointError(failure, 'dicomweb/server-error') ||
    // An answer that says nothing about the report: of a PACS that stores in the background, or that has a dialect of its own.
    isSamepointError(failure, 'dicomweb/bad-answer') ||
    (isSamepointError(failure, 'dicomweb/store-refused') &&
      failure.fields.failureReasons.includes('not mentioned'))
  );
}

/** After a failed attempt to store: true when the PACS holds the report all the same. @throws SamepointError */
async function isHeldAnyway(
  failure: SamepointError,
  built: BuiltReport,
  parts: ReportParts,
  options: RequestOptions,
): Promise<boolean> {
  const limit = AbortSignal.timeout(READ_BACK_LIMIT_MS);
  const signal = AbortSignal.any([limit, ...(options.signal ? [options.signal] : [])]);
  for (const ms of mayAppear(failure) ? READ_BACK_PAUSES_MS : [0]) {
    // Whatever keeps it from being read, the failure to store is what the reader must know.
    const held = await pause(ms, undefined, { signal })
      .then(() => heldAs(built, parts, { ...options, signal }))
      .catch(() => undefined);
    if (held === 'other') throw notVerified(built, DIFFERS, failure);
    if (held !== 'nothing') return held === 'same';
  }
  return false;
}

/** SOP Instance UIDs of the series of a report: none, unless an earlier attempt stored something. */
async function storedBefore(
  report: ReportRef,
  source: DicomwebSource,
  options: RequestOptions,
): Promise<readonly string[]> {
  const found = await source.searchInstances(report, {}, options).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return found.flatMap((instance) => stringOf(instance, 'SOPInstanceUID') ?? []);
}

async function storeOnce(built: BuiltReport, parts: ReportParts, options: RequestOptions): Promise<void> {
  const { source } = parts;
  const before = await storedBefore(built, source, options);
  if (before.includes(built.sopInstanceUid)) {
    await verify(built, parts, options);
    return;
  }
  if (before.length > 0) throw new SamepointError('application/idempotency-key-reused', {});
  try {
    await source.storeInstances(built.studyInstanceUid, [built.part10], options);
  } catch (failure) {
    if (isSamepointError(failure) && (await isHeldAnyway(failure, built, parts, options))) return;
    throw failure;
  }
  await verify(built, parts, options);
}

/** Stores reports, each once. */
export class ReportStore {
  readonly #parts: ReportParts;
  /** Series of reports that are being stored, and when the last request for them has ended. */
  readonly #busy = new Map<string, Promise<void>>();

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /**
   * Stores pairs as one DICOM SR in the current study: one instance, so that the PACS holds all of it or nothing. A report that it
   * holds from an earlier attempt is not stored again.
   * @throws SamepointError `application/different-patients`, `application/identity-mismatch`,
   *   `application/instance-not-in-series`, `application/idempotency-key-reused`, `application/report-not-verified`, and errors of `report/` and `dicomweb/`.
   */
  async store(
    pairs: readonly ConfirmedPair[],
    caller: Caller,
    { idempotencyKey, signal }: StoreOptions = {},
  ): Promise<ReportRef> {
    const built = await this.#build(pairs, caller, idempotencyKey, signal);
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = built;
    const options = requestOptions(caller, signal);
    // Equal requests at once: the second one finds what the first one stored. No result is handed from caller to caller.
    await this.#inTurn(seriesInstanceUid, () => storeOnce(built, this.#parts, options));
    return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  }

  async #build(
    pairs: readonly ConfirmedPair[],
    caller: Caller,
    key: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<BuiltReport> {
    const { access, source, modules, clock, algorithm } = this.#parts;
    const points = pairs.flatMap(({ current, prior }) => [current, prior]);
    const representatives = onePerSeries(points);
    const granted = await Promise.all(
      representatives.map(({ studyInstanceUid, seriesInstanceUid }) =>
        access.grant({ studyInstanceUid, seriesInstanceUid }, caller, signal),
      ),
    );
    requireOnePatient(granted);
    requireInstances(points, granted);
    const options = requestOptions(caller, signal);
    const metadata = await Promise.all(representatives.map((point) => metadataOf(point, source, options)));
    for (const [index, series] of granted.entries()) assertMetadataIdentity(metadata[index] ?? {}, series);
    const [current, ...priors] = metadata;
    const [first] = representatives;
    if (current === undefined || first === undefined) throw new SamepointError('report/no-pairs', {});
    const { studyInstanceUid } = first;
    const uids = derivedUids({ key, studyInstanceUid, content: JSON.stringify(pairs) });
    return modules.buildReport({ pairs, current, priors, algorithm, now: new Date(clock()), uids });
  }

  async #inTurn(series: string, work: () => Promise<void>): Promise<void> {
    const mine = (this.#busy.get(series) ?? Promise.resolve()).then(work);
    const ended = mine.catch(() => undefined);
    this.#busy.set(series, ended);
    try {
      await mine;
    } finally {
      if (this.#busy.get(series) === ended) this.#busy.delete(series);
    }
  }
}
