/**
 * The reports of a study. Anybody may store structured reports in it: one that is damaged, or that the PACS does not give
 * out, must not hide the others.
 * @module
 */
import { stringOf, tagOf } from '../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../dicomweb/index.ts';
import { MAX_REPORT_BYTES } from '../report/index.ts';
import { requestOptions } from './access.ts';
import type { Logger, Modules } from './ports.ts';
import { TolerantRequests } from './tolerantRequests.ts';
import type { Caller, ReportList, StoredReport } from './types.ts';

/** What listing needs of the application. */
export interface ListParts {
  readonly source: DicomwebSource;
  readonly modules: Modules;
  readonly logger: Logger;
}

/** Modality of every SR series (PS3.3 A.35.2). */
const SR = 'SR';
/** Problems of one report that are logged. */
const MAX_LOGGED = 5;
/** Lists the reports of one study for one caller. */
class Listing {
  readonly #parts: ListParts;
  readonly #options: RequestOptions;
  readonly #reports: StoredReport[] = [];
  readonly #requests: TolerantRequests;
  #unreadable = 0;

  constructor(parts: ListParts, options: RequestOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#requests = new TolerantRequests(parts.logger);
  }

  /** Reads every report of a series. */
  async read(series: SeriesRef): Promise<void> {
    const { source } = this.#parts;
    const listed = await this.#requests.search(() => source.searchInstances(series, {}, this.#options));
    for (const instance of listed ?? []) {
      const sopInstanceUid = stringOf(instance, 'SOPInstanceUID');
      if (sopInstanceUid === undefined) continue;
      const options = { ...this.#options, maxBytes: MAX_REPORT_BYTES };
      const part10 = await this.#requests.retrieve(() =>
        source.retrieveInstance(series, sopInstanceUid, options),
      );
      if (part10 === undefined) continue;
      await this.#keep(series, sopInstanceUid, part10);
    }
  }

  /** @throws SamepointError where the PACS did not answer for any of them */
  result(): ReportList {
    this.#requests.requireAnswers();
    const reports = this.#reports.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    return { reports, unreadable: this.#unreadable + this.#requests.refused };
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
