/**
 * Types of the API for its clients. The OHIF extension imports them type-only, so nothing of the server gets into it.
 * @module
 */
import type { z } from 'zod';
import type * as findingsSchemas from './findingsSchemas.ts';
import type * as priorsSchemas from './priorsSchemas.ts';
import type * as registrationSchemas from './registrationSchemas.ts';
import type * as schemas from './schemas.ts';
import type * as statusSchemas from './statusSchemas.ts';
import type * as timePointSchemas from './timePointSchemas.ts';

export type WireSeriesRef = z.infer<typeof schemas.seriesRef>;
export type WireSeriesPoint = z.infer<typeof schemas.seriesPoint>;
export type WireError = z.infer<typeof schemas.errorBody>;
export type ErrorAnswer = z.infer<typeof schemas.errorAnswer>;
export type HealthAnswer = z.infer<typeof statusSchemas.healthAnswer>;
export type SourcesAnswer = z.infer<typeof statusSchemas.sourcesAnswer>;
export type LiveAnswer = z.infer<typeof statusSchemas.liveAnswer>;
export type ReadyAnswer = z.infer<typeof statusSchemas.readyAnswer>;
export type ModelsAnswer = z.infer<typeof statusSchemas.modelsAnswer>;
export type SeriesEmbeddingRequest = z.infer<typeof schemas.seriesEmbeddingRequest>;
export type SeriesEmbeddingAnswer = z.infer<typeof schemas.seriesEmbeddingAnswer>;
export type WireMatchRequest = z.infer<typeof schemas.matchRequest>;
export type WireMatchOutcome = z.infer<typeof schemas.matchOutcome>;
export type WireSeriesWarning = z.infer<typeof schemas.seriesWarning>;
export type MatchAnswer = z.infer<typeof schemas.matchAnswer>;
export type WireJob = z.infer<typeof schemas.job>;
export type WireConfirmedPair = z.infer<typeof schemas.confirmedPair>;
export type ReportRequest = z.infer<typeof schemas.reportRequest>;
export type ReportAnswer = z.infer<typeof schemas.reportAnswer>;
export type ReportsAnswer = z.infer<typeof schemas.reportsAnswer>;
export type WireFinding = z.infer<typeof findingsSchemas.finding>;
export type FindingsAnswer = z.infer<typeof findingsSchemas.findingsAnswer>;
export type WireLesionObservation = z.infer<typeof timePointSchemas.lesionObservation>;
export type WireAssessment = z.infer<typeof timePointSchemas.assessment>;
export type WireTimePointReportRequest = z.infer<typeof timePointSchemas.timePointReportRequest>;
export type WireComparableSeries = z.infer<typeof priorsSchemas.comparableSeries>;
export type WireTimePointStudy = z.infer<typeof priorsSchemas.timePointStudy>;
export type RegistrationsAnswer = z.infer<typeof registrationSchemas.registrationsAnswer>;
export type PriorsAnswer = z.infer<typeof priorsSchemas.priorsAnswer>;
