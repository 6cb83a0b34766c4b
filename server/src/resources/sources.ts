import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { ApiContext } from '../exchange/index.ts';
import { methods, errors, json } from '../exchange/index.ts';
import { sourcesAnswer } from '../apiSchemas/index.ts';
import type { SourcesAnswer } from '../apiSchemas/index.ts';

/** The PACS by their names: what a viewer may name in its references. */
export function sourcesRouter({ samepoint }: ApiContext): Router {
  const router = Router();
  methods(router, '/sources', {
    get: (_req, res) => {
      const body: SourcesAnswer = { sources: samepoint.sources() };
      res.set('Cache-Control', 'no-store').json(body);
    },
  });
  return router;
}

export const sourcesPaths: ZodOpenApiPathsObject = {
  '/sources': {
    get: {
      summary: 'The PACS by their names',
      responses: {
        '200': json('The first one is that of requests that name none', sourcesAnswer),
        ...errors(429),
      },
    },
  },
};
