/**
 * The right to retrieve. Some PACS list series (QIDO-RS) for users to whom they do not send images (WADO-RS). Answers of
 * Samepoint are made of the images: a user from whom the PACS withholds them must be refused whether the embedding has to be
 * computed or is at hand. The proof is a retrieval of one instance with the caller's own credentials.
 * @module
 */
import type { DicomwebSource, RequestOptions, SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';

/** What a proof needs of the PACS. */
type Prober = Pick<DicomwebSource, 'probeInstance' | 'retrieveSeries'>;

/**
 * Resolves when the PACS has begun to send an instance of the series to this caller; an empty series proves nothing and fails
 * nothing.
 * @throws SamepointError every error of `dicomweb/`
 */
export async function proveRetrieval(
  source: Prober,
  series: SeriesRef,
  [sopInstanceUid]: readonly string[],
  options: RequestOptions,
): Promise<void> {
  if (sopInstanceUid === undefined) return;
  try {
    await source.probeInstance(series, sopInstanceUid, options);
  } catch (error) {
    if (!isSamepointError(error, 'dicomweb/instance-not-found')) throw error;
    await beginSeries(source, series, options);
  }
}

/**
 * Retrieves a series until its first instance has come. Orthanc does not find an instance whose UID is in two studies, although it
 * sends the series of each.
 */
async function beginSeries(source: Prober, series: SeriesRef, options: RequestOptions): Promise<void> {
  // The return ends the retrieval.
  for await (const _ of source.retrieveSeries(series, options)) return;
}

/**
 * The same for instances that were listed a while ago.
 * @returns false when the instance is gone: then the list has to be made anew before anything is proven.
 */
export async function isRetrievable(
  source: Prober,
  series: SeriesRef,
  known: readonly string[],
  options: RequestOptions,
): Promise<boolean> {
  try {
    const [sopInstanceUid] = known;
    if (sopInstanceUid !== undefined) await source.probeInstance(series, sopInstanceUid, options);
    return true;
  } catch (error) {
    if (isSamepointError(error, 'dicomweb/instance-not-found')) return false;
    throw error;
  }
}
