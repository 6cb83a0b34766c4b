/** A whole series, completely or not at all: counts, retries, and the fallback to single instances. */
import { numberOf, stringOf, tagOf } from '../dicom/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { Transport } from './options.ts';
import { retryDelayMs, withRetries } from './retry.ts';
import type { RetrievedInstance } from './retrieve.ts';
import { fetchInstance, seriesPath, streamInstances } from './retrieve.ts';
import type { DicomwebSource, FetchProgress, RequestOptions, SeriesRef } from './types.ts';

/** Searches that the retrieval needs. */
export type Search = Pick<DicomwebSource, 'searchStudies' | 'searchSeries' | 'searchInstances'>;

/** Options of a series retrieval. */
export type SeriesOptions = RequestOptions & { readonly onProgress?: (progress: FetchProgress) => void };

const OPERATION = 'WADO-RS retrieve series';
/** Instances per QIDO-RS page; many PACS cap a page at 1,000 or more, and a smaller answer is followed by another page. */
const PAGE_SIZE = 1000;
/** Single instances in flight at once: hides the latency of one request, and is what browsers do to a server. */
const CONCURRENT_INSTANCES = 4;
/** Statuses with which a PACS says that it has no retrieval of whole series. */
const NO_SERIES_RETRIEVAL: readonly number[] = [400, 405, 406, 415, 501];

/** A Part 10 file and the UID by which it counts. */
type OneInstance = Pick<RetrievedInstance, 'sopInstanceUid' | 'part10'>;

/** A signal that aborts with the caller's own, or when the series has lasted too long; `clear` ends the watch. */
function withDeadline(
  { seriesTimeoutMs }: Transport,
  { signal }: SeriesOptions,
  delivered: ReadonlySet<string>,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    const fields = { operation: OPERATION, seriesTimeoutMs, instances: delivered.size };
    deadline.abort(new SamepointError('dicomweb/series-timeout', fields));
  }, seriesTimeoutMs).unref();
  return {
    signal: signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]),
    clear: () => {
      clearTimeout(timer);
    },
  };
}

/**
 * Part 10 files of a series, each exactly once, within the whole-series deadline. Ends only when the answer was whole: the closing boundary came, and no
 * fewer instances than the PACS itself counts.
 */
export async function* retrieveWholeSeries(
  transport: Transport,
  search: Search,
  series: SeriesRef,
  given: SeriesOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const delivered = new Set<string>();
  const { signal, clear } = withDeadline(transport, given, delivered);
  const options = { ...given, signal };
  try {
    const totalInstances = await countInstances(search, series, options);
    let bytes = 0;
    for await (const instance of wholeSeries(transport, search, series, options, delivered, totalInstances)) {
      // What was prefetched is not handed out any more once the caller has given up, or time is up.
      signal.throwIfAborted();
      delivered.add(instance.sopInstanceUid);
      bytes += instance.part10.byteLength;
      options.onProgress?.({
        instances: delivered.size,
        bytes,
        ...(totalInstances === undefined ? {} : { totalInstances }),
      });
      yield instance.part10;
    }
  } finally {
    clear();
  }
}

/** New instances over as many requests as necessary; `delivered` grows while the consumer reads them. */
async function* wholeSeries(
  transport: Transport,
  search: Search,
  series: SeriesRef,
  options: SeriesOptions,
  delivered: ReadonlySet<string>,
  total: number | undefined,
): AsyncGenerator<OneInstance, void, undefined> {
  for (let retriesDone = 0; ; retriesDone += 1) {
    try {
      const isWhole = (): boolean => total !== undefined && delivered.size >= total;
      const what = { name: OPERATION, notFound: 'dicomweb/series-not-found', isWhole } as const;
      for await (const instance of streamInstances(transport, seriesPath(series), what, {
        ...options,
        retriesDone,
      })) {
        if (!delivered.has(instance.sopInstanceUid)) yield instance;
      }
      requireComplete(delivered.size, total);
      return;
    } catch (error) {
      const delayMs = retryDelayMs(transport, error, retriesDone);
      if (hasNoSeriesRetrieval(error) || (delayMs === undefined && hasFailed(error))) {
        yield* oneByOne(transport, search, series, options, delivered, error);
        requireComplete(delivered.size, total);
        return;
      }
      if (delayMs === undefined) throw error;
      await transport.sleep(delayMs, options.signal);
    }
  }
}

function hasNoSeriesRetrieval(error: unknown): boolean {
  // The search has just found the series: a 404 here speaks of the resource "series", not of this one.
  return (
    isSamepointError(error, 'dicomweb/series-not-found') ||
    (isSamepointError(error, 'dicomweb/rejected') && NO_SERIES_RETRIEVAL.includes(error.fields.httpStatus))
  );
}

/** The PACS itself failed, not a proxy before it: it may be the whole series at once that it cannot give. */
function hasFailed(error: unknown): boolean {
  return isSamepointError(error, 'dicomweb/server-error') && error.fields.httpStatus === 500;
}

function requireComplete(instances: number, total: number | undefined): void {
  if (instances === 0) throw new SamepointError('dicomweb/series-not-found', { operation: OPERATION });
  if (total !== undefined && instances < total)
    throw new SamepointError('dicomweb/truncated', {
      operation: OPERATION,
      instances,
      reason: `the PACS counts ${total} instances in the series`,
    });
}

/**
 * Every instance that is not delivered yet, in the order of the search, with a few requests prefetched.
 * @param refusal why the series does not come as a whole; raised where its instances are not listed either
 */
async function* oneByOne(
  transport: Transport,
  search: Search,
  series: SeriesRef,
  options: SeriesOptions,
  delivered: ReadonlySet<string>,
  refusal: unknown,
): AsyncGenerator<OneInstance, void, undefined> {
  const listed = await listInstances(search, series, options).catch((error: unknown) => {
    throw isSamepointError(error, 'dicomweb/series-not-found') ? refusal : error;
  });
  const missing = listed.filter((uid) => !delivered.has(uid));
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const fetchOne = async (sopInstanceUid: string): Promise<OneInstance> => ({
    sopInstanceUid,
    part10: await withRetries(transport, signal, (retriesDone) =>
      fetchInstance(transport, series, sopInstanceUid, { ...options, signal, retriesDone }),
    ),
  });
  const prefetched: Promise<OneInstance>[] = [];
  let bytes = 0;
  try {
    for (let next = 0; next < missing.length || prefetched.length > 0;) {
      for (; next < missing.length && prefetched.length < CONCURRENT_INSTANCES; next += 1) {
        const fetching = fetchOne(missing[next] ?? '');
        // A failure is met when its turn comes; until then it must not count as unhandled.
        fetching.catch(() => undefined);
        prefetched.push(fetching);
      }
      const instance = await prefetched.shift();
      if (!instance) return;
      bytes += instance.part10.byteLength;
      if (bytes > transport.maxSeriesBytes)
        throw new SamepointError('dicomweb/too-large', {
          operation: OPERATION,
          maxBytes: transport.maxSeriesBytes,
        });
      yield instance;
    }
  } finally {
    stop.abort();
  }
}

async function listInstances(
  search: Search,
  series: SeriesRef,
  options: SeriesOptions,
): Promise<readonly string[]> {
  const uids = new Set<string>();
  for (;;) {
    const before = uids.size;
    const query = { limit: String(PAGE_SIZE), offset: String(before) };
    for (const json of await search.searchInstances(series, query, options)) {
      const uid = stringOf(json, 'SOPInstanceUID');
      if (uid !== undefined) uids.add(uid);
    }
    // Nothing new: the end, or a PACS that ignores the offset.
    if (uids.size === before) return [...uids];
  }
}

/**
 * How many instances the PACS counts in the series, undefined where it does not say. Requested first, so that a missing
 * series is distinguished from a PACS without series retrieval.
 */
async function countInstances(
  search: Search,
  series: SeriesRef,
  options: SeriesOptions,
): Promise<number | undefined> {
  const { studyInstanceUid, seriesInstanceUid } = series;
  const query = {
    SeriesInstanceUID: seriesInstanceUid,
    includefield: tagOf('NumberOfSeriesRelatedInstances'),
  };
  let answers;
  try {
    answers = await search.searchSeries(studyInstanceUid, query, options);
  } catch (error) {
    // A PACS without this search can still retrieve; who may not search, may not retrieve.
    if (isSamepointError(error, 'dicomweb/rejected') || isSamepointError(error, 'dicomweb/bad-answer'))
      return undefined;
    throw error;
  }
  const found = answers.find((json) => stringOf(json, 'SeriesInstanceUID') === seriesInstanceUid);
  if (found) return numberOf(found, 'NumberOfSeriesRelatedInstances');
  const studies = await search.searchStudies({ StudyInstanceUID: studyInstanceUid }, options);
  const code = studies.length === 0 ? 'dicomweb/study-not-found' : 'dicomweb/series-not-found';
  throw new SamepointError(code, { operation: OPERATION });
}
