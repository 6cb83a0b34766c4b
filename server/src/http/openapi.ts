import { createDocument } from 'zod-openapi';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { arrivalsPaths } from './resources/arrivals.ts';
import { fieldsPaths } from './resources/fields.ts';
import { pairRegistrationsPaths } from './resources/pairRegistrations.ts';
import { similaritiesPaths } from './resources/similarities.ts';
import { findingsPaths } from './resources/findings.ts';
import { healthPaths } from './resources/health.ts';
import { jobsPaths } from './resources/jobs.ts';
import { landmarksPaths } from './resources/landmarks.ts';
import { matchesPaths } from './resources/matches.ts';
import { modelsPaths } from './resources/models.ts';
import { readinessPaths } from './resources/readiness.ts';
import { priorsPaths } from './resources/priors.ts';
import { registrationsPaths } from './resources/registrations.ts';
import { reportsPaths } from './resources/reports.ts';
import { seriesEmbeddingsPaths } from './resources/seriesEmbeddings.ts';
import { sourcesPaths } from './resources/sources.ts';
import { timePointReportsPaths } from './resources/timePointReports.ts';

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
