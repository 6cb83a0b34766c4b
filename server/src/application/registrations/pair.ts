/**
 * A pair of series as registration objects name it.
 * @module
 */
import { stringOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { RegisteredSeries } from '../../registrationObject/index.ts';
import { assertMetadataIdentity, assertSamePatient, requestOptions } from '../../access/index.ts';
import type { Access, Caller, GrantedSeries } from '../../access/index.ts';

/** One series of a granted pair. */
export interface PairSeries extends RegisteredSeries {
  readonly granted: GrantedSeries;
  /** Metadata of its first image. */
  readonly image: DicomJson;
}

/**
 * Both series, granted and of one patient, each with the metadata of an image.
 * @throws SamepointError `application/same-series`, `application/different-patients`, `application/identity-mismatch`, and errors of
 * `dicomweb/`
 */
export async function grantedPair(
  { query, target }: { readonly query: SeriesRef; readonly target: SeriesRef },
  caller: Caller,
  { access, source }: { readonly access: Access; readonly source: DicomwebSource },
  signal?: AbortSignal,
): Promise<{ readonly query: PairSeries; readonly target: PairSeries }> {
  if (query.seriesInstanceUid === target.seriesInstanceUid)
    throw new SamepointError('application/same-series', { seriesInstanceUid: query.seriesInstanceUid });
  const [one, other] = await Promise.all([
    access.grant(query, caller, signal),
    access.grant(target, caller, signal),
  ]);
  assertSamePatient(one, other);
  const options = requestOptions(caller, signal);
  const [first, second] = await Promise.all([
    described(one, source, options),
    described(other, source, options),
  ]);
  return { query: first, target: second };
}

async function described(
  granted: GrantedSeries,
  source: DicomwebSource,
  options: RequestOptions,
): Promise<PairSeries> {
  const { series, sopInstanceUids } = granted;
  const image = await source.retrieveInstanceMetadata(series, sopInstanceUids[0] ?? '', options);
  assertMetadataIdentity(image, granted);
  const frameOfReferenceUid = stringOf(image, 'FrameOfReferenceUID') ?? '';
  return {
    granted,
    image,
    sopInstanceUids,
    frameOfReferenceUid,
    seriesInstanceUid: series.seriesInstanceUid,
  };
}
