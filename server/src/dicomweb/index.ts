/** Client of the DICOMweb root of a PACS. @module */
export { createDicomwebClient } from './client.ts';
export type { DicomwebClientOptions } from './options.ts';
export { createPacsFetch, pacsFetch } from './fetch.ts';
export { safeContentType } from './http.ts';
export { requireUid } from './uid.ts';
export type * from './types.ts';
export { boundaryOf } from './mediaType.ts';
export { MultipartError, readMultipart } from './multipart.ts';
