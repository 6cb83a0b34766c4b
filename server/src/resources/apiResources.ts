import type { Router } from 'express';
import type { ApiContext } from '../exchange/index.ts';
import { arrivalsRouter } from './arrivals.ts';
import { fieldsRouter } from './fields.ts';
import { pairRegistrationsRouter } from './pairRegistrations.ts';
import { similaritiesRouter } from './similarities.ts';
import { findingsRouter } from './findings.ts';
import { healthRouter } from './health.ts';
import { jobsRouter } from './jobs.ts';
import { landmarksRouter } from './landmarks.ts';
import { matchesRouter } from './matches.ts';
import { modelsRouter } from './models.ts';
import { openapiRouter } from './openapi.ts';
import { priorsRouter } from './priors.ts';
import { registrationsRouter } from './registrations.ts';
import { readinessRouter } from './readiness.ts';
import { reportsRouter } from './reports.ts';
import { seriesEmbeddingsRouter } from './seriesEmbeddings.ts';
import { sourcesRouter } from './sources.ts';
import { timePointReportsRouter } from './timePointReports.ts';

/** The routers of all resources of the API, and of the document that describes them; `version` is that of the server. */
export function apiResources(context: ApiContext, version: string): readonly Router[] {
  return [
    healthRouter(context),
    readinessRouter(context.readiness),
    modelsRouter(context),
    sourcesRouter(context),
    seriesEmbeddingsRouter(context),
    matchesRouter(context),
    fieldsRouter(context),
    pairRegistrationsRouter(context),
    similaritiesRouter(context),
    landmarksRouter(context),
    jobsRouter(context),
    reportsRouter(context),
    registrationsRouter(context),
    timePointReportsRouter(context),
    findingsRouter(context),
    priorsRouter(context),
    arrivalsRouter(context),
    openapiRouter(context.apiPath, version),
  ];
}
