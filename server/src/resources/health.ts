import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { ApiContext } from '../exchange/index.ts';
import { methods, json } from '../exchange/index.ts';
import { healthAnswer } from '../apiSchemas/index.ts';
import type { HealthAnswer } from '../apiSchemas/index.ts';

/** What runs; answers without a request to the PACS, so that a monitor may call it often. */
export function healthRouter({ samepoint, warnings }: ApiContext): Router {
  const router = Router();
  methods(router, '/health', {
    get: (_req, res) => {
      const health = samepoint.health();
      const body: HealthAnswer = { ...health, warnings: [...warnings, ...health.warnings] };
      res.set('Cache-Control', 'no-store').json(body);
    },
  });
  return router;
}

export const healthPaths: ZodOpenApiPathsObject = {
  '/health': {
    get: {
      summary: 'What runs',
      responses: { '200': json('The server, its default model and what runs it', healthAnswer) },
    },
  },
};
