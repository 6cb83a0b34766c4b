import { createDocument } from 'zod-openapi';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { arrivalsPaths } from './arrivals.ts';
import { fieldsPaths } from './fields.ts';
import { pairRegistrationsPaths } from './pairRegistrations.ts';
import { similaritiesPaths } from './similarities.ts';
import { findingsPaths } from './findings.ts';
import { healthPaths } from './health.ts';
import { jobsPaths } from './jobs.ts';
import { landmarksPaths } from './landmarks.ts';
import { matchesPaths } from './matches.ts';
import { modelsPaths } from './models.ts';
import { readinessPaths } from './readiness.ts';
import { priorsPaths } from './priors.ts';
import { registrationsPaths } from './registrations.ts';
import { reportsPaths } from './reports.ts';
import { seriesEmbeddingsPaths } from './seriesEmbeddings.ts';
import { sourcesPaths } from './sources.ts';
import { timePointReportsPaths } from './timePointReports.ts';

const paths: ZodOpenApiPathsObject = {
  ...healthPaths,
  ...readinessPaths,
  ...sourcesPaths,
  ...modelsPaths,
  ...seriesEmbeddingsPaths,
  ...matchesPaths,
  ...fieldsPaths,
  ...pairRegistrationsPaths,
  ...similaritiesPaths,
  ...landmarksPaths,
  ...jobsPaths,
  ...reportsPaths,
  ...registrationsPaths,
  ...timePointReportsPaths,
  ...findingsPaths,
  ...priorsPaths,
  ...arrivalsPaths,
};

/** The paths of the API, with their parameters in braces. */
export const apiPaths: readonly string[] = Object.keys(paths);

/** The OpenAPI document of the API, made of the schemas that parse its requests. */
export function createOpenapi(apiPath: string, version: string): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Samepoint',
      version,
      description:
        'The same anatomical point in every scan. Points are patient LPS in mm. The Authorization header is forwarded to the PACS, which decides on access. Errors: docs/errors.md.',
    },
    servers: [{ url: apiPath }],
    security: [{}, { viewer: [] }],
    components: {
      securitySchemes: {
        viewer: { type: 'http', scheme: 'bearer', description: 'Whatever the PACS accepts' },
      },
    },
    paths,
  });
}
