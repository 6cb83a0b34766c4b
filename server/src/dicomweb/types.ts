import type { DicomJson } from '../dicom/index.ts';

/** Names one series. */
export interface SeriesRef {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** Name of the PACS where there are several. */
  readonly source?: string | undefined;
}

/** Options of every request: cancellation, and the caller's own credentials, forwarded so that the PACS decides on access. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Value of the Authorization header; never logged, never part of an error. */
  readonly authorization?: string;
  /** Name of the PACS where there are several, for requests that name no series. */
  readonly source?: string;
}

/** Progress of a fetch. `totalInstances` comes from QIDO-RS and is undefined where the PACS does not say. */
export interface FetchProgress {
  readonly instances: number;
  readonly totalInstances?: number;
  readonly bytes: number;
}

/** What STOW-RS answered, instance by instance (PS3.18 10.5.3). */
export interface StoreResult {
  readonly stored: readonly { readonly sopClassUid: string; readonly sopInstanceUid: string }[];
  readonly failed: readonly { readonly sopInstanceUid: string; readonly failureReason: number }[];
}

/** Matching attributes of a QIDO-RS query: keyword or tag to value, e.g. `{PatientID: 'X', includefield: '00081030'}`. */
export type QidoQuery = Readonly<Record<string, string | readonly string[]>>;

/**
 * The port through which everything else sees a PACS. Implemented over HTTP by `createDicomwebClient`.
 * All methods raise errors of the `dicomweb/` catalogue.
 */
export interface DicomwebSource {
  searchStudies(query: QidoQuery, options?: RequestOptions): Promise<readonly DicomJson[]>;
  searchSeries(
    studyInstanceUid: string,
    query: QidoQuery,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]>;
  searchInstances(
    series: SeriesRef,
    query: QidoQuery,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]>;
  retrieveSeriesMetadata(series: SeriesRef, options?: RequestOptions): Promise<readonly DicomJson[]>;
  /** Metadata of one instance (PS3.18 10.4.1.1.2). */
  retrieveInstanceMetadata(
    series: SeriesRef,
    sopInstanceUid: string,
    options?: RequestOptions,
  ): Promise<DicomJson>;
  /** Part 10 files of a series, in the order in which the PACS sends them, one at a time. */
  retrieveSeries(
    series: SeriesRef,
    options?: RequestOptions & { readonly onProgress?: (progress: FetchProgress) => void },
  ): AsyncIterable<Uint8Array>;
  /**
   * Resolves when the PACS has begun to send the instance: the beginning of `retrieveInstance`, for its word on access.
   */
  probeInstance(series: SeriesRef, sopInstanceUid: string, options?: RequestOptions): Promise<void>;
  /** One Part 10 file, of at most `maxBytes` where that is given, envelope included. */
  retrieveInstance(
    series: SeriesRef,
    sopInstanceUid: string,
    options?: RequestOptions & { readonly maxBytes?: number },
  ): Promise<Uint8Array>;
  /** Sends Part 10 files. Resolves only when every instance was stored; otherwise raises `dicomweb/store-refused`. */
  storeInstances(
    studyInstanceUid: string,
    instances: readonly Uint8Array[],
    options?: RequestOptions,
  ): Promise<StoreResult>;
}
