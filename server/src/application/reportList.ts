/**
 * The reports of a study. Anybody may store structured reports in it: one that is damaged, or that the PACS does not give
 * out, must not hide the others.
 * @module
 */
import { stringOf, tagOf } from '../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { SamepointError } from '../errors/index.ts';
import { MAX_REPORT_BYTES } from '../report/index.ts';
import { requestOptions } from './access.ts';
import type { Logger, Modules } from './ports.ts';
import type { Caller, ReportList, StoredReport } from './types.ts';

/** What listing needs of the application. */
export interface ListParts {
  readonly source: DicomwebSource;
  readonly modules: Modules;
  readonly logger: Logger;
}

/** Modality of every SR series (PS3.3 A.35.2). */
const SR = 'SR';
/** Requests in a row that the PACS does not answer: it is gone, and each further one would wait as long. */
const MAX_UNANSWERED_IN_A_ROW = 3;
/** Problems of one report that are logged. */
const MAX_LOGGED = 5;
/** HTTP statuses with which a proxy or a busy PACS says that there is no answer now (RFC 9110 15.6, RFC 6585 4). */
const NO_ANSWER_NOW: ReadonlySet<number> = new Set([429, 502, 503, 504]);

function isUnanswered(error: SamepointError): boolean {
  return (
    isSamepointError(error, 'dicomweb/unreachable') ||
    isSamepointError(error, 'dicomweb/timeout') ||
    (isSamepointError(error, 'dicomweb/server-error') && NO_ANSWER_NOW.has(error.fields.httpStatus))
  );
}

/** Lists the reports of one study for one caller. */
class Listing {
  readonly #parts: ListParts;
  readonly #options: RequestOptions;
  readonly #reports: StoredReport[] = [];
  #unreadable = 0;
  #retrieved = 0;
  #unansweredInARow = 0;
  #firstUnanswered: SamepointError | undefined;

  constructor(parts: ListParts, options: RequestOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Reads every report of a series. */
  async read(series: SeriesRef): Promise<void> {
    const { source } = this.#parts;
    const listed = await this.#tolerant(() => source.searchInstances(series, {}, this.#options));
    for (const instance of listed ?? []) {
      const sopInstanceUid = stringOf(instance, 'SOPInstanceUID');
      if (sopInstanceUid === undefined) continue;
      const options = { ...this.#options, maxBytes: MAX_REPORT_BYTES };
      const part10 = await this.#tolerant(() => source.retrieveInstance(series, sopInstanceUid, options));
      if (part10 === undefined) continue;
      this.#retrieved += 1;
      this.#unansweredInARow = 0;
      await this.#keep(series, sopInstanceUid, part10);
    }
  }

  /** @throws SamepointError where the PACS did not answer for any of them */
  result(): ReportList {
    if (this.#retrieved === 0 && this.#firstUnanswered !== undefined) throw this.#firstUnanswered;
    const reports = this.#reports.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    return { reports, unreadable: this.#unreadable };
  }

  /** The answer of the PACS, or undefined where it has none for this object. A caller who must log in gets that error. */
  async #tolerant<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      if (!isSamepointError(error) || isSamepointError(error, 'dicomweb/unauthorized')) throw error;
      if (isUnanswered(error)) {
        this.#firstUnanswered ??= error;
        this.#unansweredInARow += 1;
        if (this.#unansweredInARow >= MAX_UNANSWERED_IN_A_ROW) throw error;
      }
      this.#unreadable += 1;
      this.#parts.logger.warn({ code: error.code }, 'the PACS did not give out an SR of the study');
      return undefined;
    }
  }

  async #keep(series: SeriesRef, sopInstanceUid: string, part10: Uint8Array): Promise<void> {
    const { modules, logger } = this.#parts;
    const read = await modules.readReport(part10);
    if (!read.ok) {
      const reason = read.reason;
      if (!read.isDamaged) {
        logger.info({ reason }, 'an SR of the study is not a report of Samepoint');
        return;
      }
      this.#unreadable += 1;
      logger.warn({ reason }, 'an SR of the study cannot be read');
      return;
    }
    const { createdAt, pairs, problems } = read;
    if (problems.length > 0)
      logger.warn(
        { problems: problems.slice(0, MAX_LOGGED), count: problems.length },
        'a report holds pairs that cannot be read',
      );
    this.#reports.push({ ...series, sopInstanceUid, createdAt, pairs });
  }
}

/** The reports of Samepoint in a study. Structured reports of others are passed over; those that cannot be read are counted. */
export async function listReports(
  studyInstanceUid: string,
  caller: Caller,
  parts: ListParts,
  signal?: AbortSignal,
): Promise<ReportList> {
  const options = requestOptions(caller, signal);
  const found = await parts.source.searchSeries(
    studyInstanceUid,
    { Modality: SR, includefield: [tagOf('Modality')] },
    options,
  );
  const listing = new Listing(parts, options);
  for (const json of found) {
    const seriesInstanceUid = stringOf(json, 'SeriesInstanceUID');
    // A PACS may ignore the filter.
    if (seriesInstanceUid === undefined || stringOf(json, 'Modality') !== SR) continue;
    await listing.read({ studyInstanceUid, seriesInstanceUid });
  }
  return listing.result();
}
