export { createDicomwebClient } from './client.ts';
export type { DicomwebClientOptions } from './options.ts';
export {
  DEFAULT_BACKOFF_MS,
  DEFAULT_MAX_SERIES_BYTES,
  DEFAULT_MIN_BYTES_PER_SECOND,
  DEFAULT_RETRIES,
  DEFAULT_SERIES_TIMEOUT_MS,
  DEFAULT_TIMEOUT_MS,
} from './options.ts';
export { pacsFetch } from './fetch.ts';
export { safeContentType } from './http.ts';
export { itemsOf, numberOf, numbersOf, stringOf, stringsOf, TAGS, valuesOf } from './dicomJson.ts';
export type { Keyword } from './dicomJson.ts';
export { readFileMeta } from './part10.ts';
export type { FileMetaIdentity } from './part10.ts';
export { isUid, requireSeriesRef, requireUid } from './uid.ts';
export type * from './types.ts';
