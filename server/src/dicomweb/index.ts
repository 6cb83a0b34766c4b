export { createDicomwebClient } from './client.ts';
export type { DicomwebClientOptions } from './options.ts';
export { pacsFetch } from './fetch.ts';
export { safeContentType } from './http.ts';
export { readFileMeta } from './part10.ts';
export { requireUid } from './uid.ts';
export type * from './types.ts';
export { boundaryOf } from './mediaType.ts';
export { MultipartError, readMultipart } from './multipart.ts';
