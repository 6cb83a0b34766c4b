/**
 * Samepoint's server as a library: load a configuration and start it, or put the pieces into an own Express app, or
 * use the modules one by one: DICOMweb to volume, volume to embedding, embeddings to matches.
 * The types of the HTTP API are for its clients.
 * @module
 */
export type * from './apiSchemas/types.ts';
export { createSamepoint } from './application/index.ts';
export { JobStore } from './jobs/index.ts';
export type * from './application/index.ts';
export type * from './ports/index.ts';
export type { AlignedTarget, Load, Progress, RunOptions, Stage } from './seriesEmbeddings/index.ts';
export type {
  DocumentCounts,
  FindingList,
  FindingsRequest,
  ReportedFinding,
  ReportList,
  StoredReport,
  TimePointReportRef,
  TimePointSave,
} from './studyDocuments/index.ts';
export type { StoreOptions } from './pacsObjects/index.ts';
export type * from './jobs/index.ts';
export { startServer } from './composition/index.ts';
export type { RunningSamepoint, StartOptions } from './composition/index.ts';
export { configLeaves, loadConfig } from './config/index.ts';
export type { Config, ConfigSources } from './config/index.ts';
export { createDicomwebClient } from './dicomweb/index.ts';
export type { DicomwebClientOptions, DicomwebSource, SeriesRef } from './dicomweb/index.ts';
export { createEmbedder } from './embedding/index.ts';
export { createEmbeddingCache, embeddingKey } from './embeddingCache/index.ts';
export { loadModels } from './model/index.ts';
export type * from './model/index.ts';
export type * from './embedding/index.ts';
export type * from './embeddingCache/index.ts';
export { catalogue, isSamepointError, SamepointError } from './errors/index.ts';
export type { ErrorBody, ErrorCode } from './errors/index.ts';
export { lpsPoint, toLps, voxelIndex } from './geometry/index.ts';
export type { Affine, LpsPoint, VoxelIndex } from './geometry/index.ts';
export { createApp } from './http/index.ts';
export type * from './http/index.ts';
export type { Readiness, ReadinessReport } from './exchange/index.ts';
export { createMatcher, matchPoints } from './matching/index.ts';
export type { MatcherOptions, PointMatcher, PointOutcome, QueryPoint } from './matching/index.ts';
export { buildTimePointReport } from './report/index.ts';
export type {
  Assessment,
  ConfirmedObservation,
  Diameter,
  LesionObservation,
  TimePoint,
  TimePointReportRequest,
} from './report/index.ts';
export { createFrameDecoder } from './instances/index.ts';
export { readVolume } from './volumeAssembly/index.ts';
export { resample } from './resampling/index.ts';
export { workingGrid } from './volume/index.ts';
export type { FrameDecoder } from './instances/index.ts';
export type { Grid, Volume, VolumeGeometry } from './volume/index.ts';
export type { Finding } from './findings/index.ts';
