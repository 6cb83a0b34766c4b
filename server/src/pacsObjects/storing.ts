/**
 * Storing a report so that it is in the PACS once, whatever happens on the way: the server dies between storing and answering,
 * the reader presses twice, the PACS stores and answers with an error. The request decides the UIDs (documents/uid.ts), the PACS is
 * queried before and after, and what it holds decides the answer.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises';
import { stringOf } from '../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { BuiltReport } from '../documents/index.ts';

/** When the PACS is queried for a report about which it said nothing clear, ms after the last time: some store in the background. */
const READ_BACK_PAUSES_MS = [0, 500, 1500];
/** How long that may last in all, ms: a PACS that does not answer was waited for already. */
const READ_BACK_LIMIT_MS = 15_000;

/** What the PACS holds under the UIDs of a report: it, something else, or nothing. */
type Held = 'same' | 'other' | 'nothing';

/** Names one stored report. */
export interface ReportRef extends SeriesRef {
  readonly sopInstanceUid: string;
}

/** How an object is stored. */
export interface StoreOptions {
  /** The same for every attempt at one wish to save; without it equal pairs are one report. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What storing needs of the application. */
export interface StoreParts {
  readonly source: DicomwebSource;
  /** Whether the report that the PACS holds says what was built. The time may differ: it is that of the first attempt. */
  readonly isSame: (held: Uint8Array, built: Uint8Array) => Promise<boolean>;
}

/** Requests the report from the PACS; what it gives must say what was built. */
async function heldAs(
  { part10, ...report }: BuiltReport,
  { source, isSame }: StoreParts,
  options: RequestOptions,
): Promise<Held> {
  const found = await source
    .retrieveInstance(report, report.sopInstanceUid, options)
    .catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
  if (found === undefined) return 'nothing';
  return (await isSame(found, part10)) ? 'same' : 'other';
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
async function verify(built: BuiltReport, parts: StoreParts, options: RequestOptions): Promise<void> {
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
  parts: StoreParts,
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

/**
 * Whether the PACS holds the report from an earlier attempt, unchanged.
 * @param build gives the report, which is compared with what the PACS holds
 * @throws SamepointError application/idempotency-key-reused, application/report-not-verified
 */
export async function isStored(
  report: ReportRef,
  build: () => BuiltReport,
  parts: StoreParts,
  options: RequestOptions,
): Promise<boolean> {
  const before = await storedBefore(report, parts.source, options);
  if (before.includes(report.sopInstanceUid)) {
    await verify(build(), parts, options);
    return true;
  }
  if (before.length > 0) throw new SamepointError('application/idempotency-key-reused', {});
  return false;
}

/** Stores a report of which the PACS holds nothing, and reads it back. @throws SamepointError */
export async function storeNew(
  built: BuiltReport,
  parts: StoreParts,
  options: RequestOptions,
): Promise<void> {
  try {
    await parts.source.storeInstances(built.studyInstanceUid, [built.part10], options);
  } catch (failure) {
    if (isSamepointError(failure) && (await isHeldAnyway(failure, built, parts, options))) return;
    throw failure;
  }
  await verify(built, parts, options);
}

/** One piece of work at a time for each key; equal requests at once: the second one finds what the first one stored. */
export class Turns {
  /** What is busy, and when the last request for it has ended. */
  readonly #busy = new Map<string, Promise<void>>();

  /** Does the work when that of earlier requests for the key has ended. */
  async inTurn(key: string, work: () => Promise<void>): Promise<void> {
    const mine = (this.#busy.get(key) ?? Promise.resolve()).then(work);
    const ended = mine.catch(() => undefined);
    this.#busy.set(key, ended);
    try {
      await mine;
    } finally {
      if (this.#busy.get(key) === ended) this.#busy.delete(key);
    }
  }
}
