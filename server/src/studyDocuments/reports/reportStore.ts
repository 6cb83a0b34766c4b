/**
 * Storing confirmed pairs (see pacsObjects/storing.ts).
 * @module
 */
import type { DicomJson } from '../../dicom/index.ts';
import { isDeepStrictEqual } from 'node:util';
import type { DicomwebSource, RequestOptions } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { SeriesPoint } from '../../matching/index.ts';
import { derivedUids } from '../../documents/index.ts';
import type { AlgorithmIdentification, ConfirmedPair } from '../../report/index.ts';
import type { BuiltReport } from '../../documents/index.ts';
import {
  assertMetadataIdentity,
  assertSamePatient,
  refOf,
  requestOptions,
  seriesKey,
} from '../../access/index.ts';
import type { Access, Caller, GrantedSeries } from '../../access/index.ts';
import type { Clock, Modules } from '../../ports/index.ts';
import { isStored, storeNew, Turns } from '../../pacsObjects/index.ts';
import type { ReportRef, StoreOptions } from '../../pacsObjects/index.ts';

/** What reports need of the application. */
export interface ReportParts {
  readonly access: Access;
  /** What the report names as the origin of the pairs (TID 4019). */
  readonly algorithm: AlgorithmIdentification;
  readonly source: DicomwebSource;
  /** The PACS of a name where there are several. */
  readonly clientOf?: (source: string | undefined) => DicomwebSource;
  readonly modules: Modules;
  readonly clock: Clock;
}

/** One point per series, the first series first. */
function onePerSeries(points: readonly SeriesPoint[]): SeriesPoint[] {
  return [...new Map(points.map((point) => [seriesKey(point), point])).values()];
}

function requireOnePatient([reference, ...others]: readonly GrantedSeries[]): void {
  if (reference === undefined) return;
  for (const other of others) assertSamePatient(reference, other);
}

/** Strict when writing: a report must not point at an image that is not there. */
export function requireInstances(points: readonly SeriesPoint[], granted: readonly GrantedSeries[]): void {
  const uids = new Map(
    granted.map(({ series, sopInstanceUids }) => [seriesKey(series), new Set(sopInstanceUids)]),
  );
  for (const point of points) {
    const { seriesInstanceUid, pixel } = point;
    const { sopInstanceUid } = pixel;
    if (uids.get(seriesKey(point))?.has(sopInstanceUid) !== true) {
      throw new SamepointError('application/instance-not-in-series', { seriesInstanceUid, sopInstanceUid });
    }
  }
}

/** Metadata of one image per series: patient and study that the report must share, rows and columns that bound it. */
async function metadataOf(
  point: SeriesPoint,
  source: DicomwebSource,
  options: RequestOptions,
): Promise<DicomJson> {
  return await source.retrieveInstanceMetadata(refOf(point), point.pixel.sopInstanceUid, options);
}

async function isSameReport(held: Uint8Array, built: Uint8Array, modules: Modules): Promise<boolean> {
  const [one, other] = await Promise.all([modules.readReport(held), modules.readReport(built)]);
  return (
    one.ok &&
    other.ok &&
    isDeepStrictEqual(one.pairs, other.pairs) &&
    isDeepStrictEqual(one.problems, other.problems)
  );
}

/** Stores reports of pairs, each once. */
export class ReportStore {
  readonly #parts: ReportParts;
  /** By series. */
  readonly #turns = new Turns();

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
    // The report lies in the study of its first current series, and so in the PACS of that.
    const { source, clientOf = () => source } = this.#parts;
    const options = requestOptions(caller, signal);
    const parts = {
      source: clientOf(pairs[0]?.current.source),
      isSame: (held: Uint8Array, mine: Uint8Array) => isSameReport(held, mine, this.#parts.modules),
    };
    // No result is handed from caller to caller.
    await this.#turns.inTurn(seriesInstanceUid, async () => {
      if (!(await isStored(built, () => built, parts, options))) await storeNew(built, parts, options);
    });
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
      representatives.map((point) => access.grant(refOf(point), caller, signal)),
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
}
