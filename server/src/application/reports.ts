import { stringOf, TAGS } from '../dicomweb/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../dicomweb/index.ts';
import type { AlgorithmIdentification } from '../report/index.ts';
import { requestOptions } from './access.ts';
import type { Access } from './access.ts';
import type { Clock, Logger, Rooms } from './ports.ts';
import type { Caller, StoredReport } from './types.ts';

/** What reports need of the application. */
export interface ReportParts {
  readonly access: Access;
  /** What the report names as the origin of the pairs (TID 4019). */
  readonly algorithm: AlgorithmIdentification;
  readonly source: DicomwebSource;
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Modality of every SR series (PS3.3 A.35.2). */
const SR = 'SR';

async function reportsOfSeries(
  series: SeriesRef,
  { source, rooms, logger }: Pick<ReportParts, 'source' | 'rooms' | 'logger'>,
  options: RequestOptions,
): Promise<StoredReport[]> {
  const reports: StoredReport[] = [];
  for (const instance of await source.searchInstances(series, {}, options)) {
    const sopInstanceUid = stringOf(instance, 'SOPInstanceUID');
    if (sopInstanceUid === undefined) continue;
    const read = rooms.readReport(await source.retrieveInstance(series, sopInstanceUid, options));
    if (!read.ok) {
      logger.info({ reason: read.reason }, 'an SR of the study is not a report of Samepoint');
      continue;
    }
    const { createdAt, pairs, problems } = read;
    if (problems.length > 0) logger.warn({ problems }, 'a report holds pairs that cannot be read');
    reports.push({ ...series, sopInstanceUid, createdAt, pairs });
  }
  return reports;
}

/** The reports of Samepoint in a study, newest first. Structured reports of others are passed over. */
export async function listReports(
  studyInstanceUid: string,
  caller: Caller,
  parts: Pick<ReportParts, 'source' | 'rooms' | 'logger'>,
  signal?: AbortSignal,
): Promise<readonly StoredReport[]> {
  const options = requestOptions(caller, signal);
  const found = await parts.source.searchSeries(
    studyInstanceUid,
    { Modality: SR, includefield: [TAGS.Modality] },
    options,
  );
  const reports: StoredReport[] = [];
  for (const json of found) {
    const seriesInstanceUid = stringOf(json, 'SeriesInstanceUID');
    // A PACS may ignore the filter.
    if (seriesInstanceUid === undefined || stringOf(json, 'Modality') !== SR) continue;
    reports.push(...(await reportsOfSeries({ studyInstanceUid, seriesInstanceUid }, parts, options)));
  }
  return reports.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}
