import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { methods } from '../methods.ts';
import { json } from '../openapiParts.ts';
import { liveAnswer, readyAnswer } from '../../apiSchemas/index.ts';
import type { LiveAnswer, ReadyAnswer } from '../../apiSchemas/index.ts';

/** Whether requests can be served, and what speaks against it. */
export interface ReadinessReport {
  readonly isReady: boolean;
  /** Reasons of a server that is not ready, and what is missing of one that is. No names, no addresses. */
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}

/** Looks whether requests can be served. */
export type Readiness = () => Promise<ReadinessReport>;

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
