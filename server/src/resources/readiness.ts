import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Readiness } from '../exchange/index.ts';
import { methods, json } from '../exchange/index.ts';
import { liveAnswer, readyAnswer } from '../apiSchemas/index.ts';
import type { LiveAnswer, ReadyAnswer } from '../apiSchemas/index.ts';

/**
 * For those who run the server. `live` says that the process answers: one that does not is to be started again. `ready` says
 * that requests can be served now: one that is not gets none, and is left to itself.
 */
export function readinessRouter(readiness: Readiness): Router {
  const router = Router();
  methods(router, '/health/live', {
    get: (_req, res) => {
      const body: LiveAnswer = { status: 'live' };
      res.set('Cache-Control', 'no-store').json(body);
    },
  });
  methods(router, '/health/ready', {
    get: async (_req, res) => {
      const { isReady, reasons } = await readiness();
      const body: ReadyAnswer = { status: isReady ? 'ready' : 'not ready', reasons };
      res
        .status(isReady ? 200 : 503)
        .set('Cache-Control', 'no-store')
        .json(body);
    },
  });
  return router;
}

export const readinessPaths: ZodOpenApiPathsObject = {
  '/health/live': {
    get: {
      summary: 'Whether the process answers',
      responses: { '200': json('It does', liveAnswer) },
    },
  },
  '/health/ready': {
    get: {
      summary: 'Whether requests can be served now',
      responses: {
        '200': json('They can', readyAnswer),
        '503': json('They cannot: no model, no PACS, or the server is stopping', readyAnswer),
      },
    },
  },
};
