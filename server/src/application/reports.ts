import { isDeepStrictEqual } from 'node:util';
import { stringOf } from '../dicomweb/index.ts';
import type { DicomJson, DicomwebSource, RequestOptions } from '../dicomweb/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { SeriesPoint } from '../matching/index.ts';
import type { AlgorithmIdentification, ConfirmedPair } from '../report/index.ts';
import { assertSamePatient, requestOptions } from './access.ts';
import type { Access, GrantedSeries } from './access.ts';
import type { Clock, Rooms } from './ports.ts';
import type { Caller, ReportRef } from './types.ts';

/** What reports need of the application. */
export interface ReportParts {
  readonly access: Access;
  /** What the report names as the origin of the pairs (TID 4019). */
  readonly algorithm: AlgorithmIdentification;
  readonly source: DicomwebSource;
  readonly rooms: Rooms;
  readonly clock: Clock;
}

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
  const instances = await source.retrieveSeriesMetadata({ studyInstanceUid, seriesInstanceUid }, options);
  const metadata = instances.find(
    (instance) => stringOf(instance, 'SOPInstanceUID') === pixel.sopInstanceUid,
  );
  if (metadata !== undefined) return metadata;
  throw new SamepointError('dicomweb/instance-not-found', { operation: 'WADO-RS series metadata' });
}

/** Reads the report back from the PACS: what it gives must say what was sent. */
async function verify(
  report: ReportRef,
  sent: Uint8Array,
  { source, rooms }: ReportParts,
  options: RequestOptions,
): Promise<void> {
  const { sopInstanceUid } = report;
  let reason: string | undefined;
  try {
    const received = await rooms.readReport(await source.retrieveInstance(report, sopInstanceUid, options));
    if (!isDeepStrictEqual(received, await rooms.readReport(sent))) reason = 'its content differs';
  } catch (cause) {
    if (!isSamepointError(cause)) throw cause;
    throw new SamepointError(
      'application/report-not-verified',
      { sopInstanceUid, reason: cause.code },
      { cause },
    );
  }
  if (reason !== undefined)
    throw new SamepointError('application/report-not-verified', { sopInstanceUid, reason });
}

/**
 * Stores pairs as one DICOM SR in the current study: one instance, so that the PACS holds all of it or nothing.
 * @throws SamepointError `application/different-patients`, `application/instance-not-in-series`, `application/report-not-verified`, and errors of `report/` and `dicomweb/`.
 */
export async function storeReport(
  pairs: readonly ConfirmedPair[],
  caller: Caller,
  parts: ReportParts,
  signal?: AbortSignal,
): Promise<ReportRef> {
  const { access, source, rooms, clock, algorithm } = parts;
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
  const [current, ...priors] = await Promise.all(
    representatives.map((point) => metadataOf(point, source, options)),
  );
  if (current === undefined) throw new SamepointError('report/no-pairs', {});
  const built = rooms.buildReport({ pairs, current, priors, algorithm, now: new Date(clock()) });
  const { part10, ...report } = built;
  await source.storeInstances(report.studyInstanceUid, [part10], options);
  await verify(report, part10, parts, options);
  return report;
}
