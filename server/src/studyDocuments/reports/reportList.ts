/**
 * The reports of a study. Anybody may store structured reports in it: one that is damaged, or that the PACS does not give
 * out, must not hide the others.
 * @module
 */
import { stringOf, tagOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
import { MAX_REPORT_BYTES, REPORT_SOP_CLASS } from '../../report/index.ts';
import { requestOptions } from '../../access/index.ts';
import type { Modules } from '../../ports/index.ts';
import type { Caller, Logger } from '../../access/index.ts';
import { sideBySide, TolerantRequests } from '../../pacsObjects/index.ts';
import type { ReportList, StoredReport } from './types.ts';

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
/** An instance that may be a report. */
interface Candidate {
  readonly series: SeriesRef;
  readonly sopInstanceUid: string;
}

/** Lists the reports of one study for one caller. */
class Listing {
  readonly #parts: ListParts;
  readonly #options: RequestOptions;
  readonly #reports: StoredReport[] = [];
  readonly #requests: TolerantRequests;
  #unreadable = 0;

  /** @param isThere a request that a PACS which runs answers. */
  constructor(parts: ListParts, options: RequestOptions, isThere: () => Promise<unknown>) {
    this.#parts = parts;
    this.#options = options;
    this.#requests = new TolerantRequests(parts.logger, isThere);
  }

  /** Reads every report of some series. */
  async read(series: readonly SeriesRef[]): Promise<void> {
    const candidates: Candidate[] = [];
    await sideBySide(series, async (one) => {
      candidates.push(...(await this.#candidatesIn(one)));
    });
    await sideBySide(candidates, (candidate) => this.#readOne(candidate));
  }

  /** Instances that may be reports of Samepoint. Where the PACS names their class, others are not retrieved. */
  async #candidatesIn(series: SeriesRef): Promise<readonly Candidate[]> {
    const { source } = this.#parts;
    const listed = await this.#requests.search(() => source.searchInstances(series, {}, this.#options));
    return (listed ?? []).flatMap((instance) => {
      const sopInstanceUid = stringOf(instance, 'SOPInstanceUID');
      const sopClassUid = stringOf(instance, 'SOPClassUID') ?? REPORT_SOP_CLASS;
      return sopInstanceUid === undefined || sopClassUid !== REPORT_SOP_CLASS
        ? []
        : [{ series, sopInstanceUid }];
    });
  }

  async #readOne({ series, sopInstanceUid }: Candidate): Promise<void> {
    const { source } = this.#parts;
    const options = { ...this.#options, maxBytes: MAX_REPORT_BYTES };
    const part10 = await this.#requests.retrieve(() =>
      source.retrieveInstance(series, sopInstanceUid, options),
    );
    if (part10 !== undefined) await this.#keep(series, sopInstanceUid, part10);
  }

  /** @throws SamepointError where the PACS did not answer for any of them */
  async result(): Promise<ReportList> {
    await this.#requests.requireAnswers();
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
  const query = { Modality: SR, includefield: [tagOf('Modality')] };
  const search = (): Promise<readonly DicomJson[]> =>
    parts.source.searchSeries(studyInstanceUid, query, options);
  const found = await search();
  const listing = new Listing(parts, options, search);
  // A PACS may ignore the filter.
  const ofReports = found.filter((json) => stringOf(json, 'Modality') === SR);
  const uids = ofReports.flatMap((json) => stringOf(json, 'SeriesInstanceUID') ?? []);
  await listing.read(uids.map((seriesInstanceUid) => ({ studyInstanceUid, seriesInstanceUid })));
  return await listing.result();
}
