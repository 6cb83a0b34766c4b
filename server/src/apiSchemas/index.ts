/**
 * The bodies, queries and answers of the HTTP API as schemas, and their types.
 * @module
 */
export { arrivalAnswer, arrivalHeaders, arrivalReport } from './arrivalSchemas.ts';
export { findingsAnswer, findingsQuery, LIMIT } from './findingsSchemas.ts';
export { landmarksAnswer, landmarksRequest, landmarkTemplate, templateRequest } from './landmarksSchemas.ts';
export { priorsAnswer, priorsQuery } from './priorsSchemas.ts';
export {
  pairRegistrationRequest,
  registrationRequest,
  registrationsAnswer,
  registrationsQuery,
  SMALL_OUTPUTS,
} from './registrationSchemas.ts';
export {
  errorAnswer,
  fieldRequest,
  job,
  jobId,
  matchAnswer,
  matchRequest,
  reportAnswer,
  reportHeaders,
  reportRequest,
  reportsAnswer,
  reportsQuery,
  seriesEmbeddingAnswer,
  seriesEmbeddingRequest,
  similarityRequest,
} from './schemas.ts';
export { healthAnswer, liveAnswer, modelsAnswer, readyAnswer, sourcesAnswer } from './statusSchemas.ts';
export { timePointReportAnswer, timePointReportRequest } from './timePointSchemas.ts';
export type * from './types.ts';
