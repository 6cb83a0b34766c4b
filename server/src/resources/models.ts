import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { ApiContext } from '../exchange/index.ts';
import { methods, json } from '../exchange/index.ts';
import { modelsAnswer } from '../apiSchemas/index.ts';
import type { ModelsAnswer } from '../apiSchemas/index.ts';

/** The installed models, the default first. */
export function modelsRouter({ samepoint }: ApiContext): Router {
  const router = Router();
  methods(router, '/models', {
    get: (_req, res) => {
      const body: ModelsAnswer = { models: samepoint.models() };
      res.json(body);
    },
  });
  return router;
}

export const modelsPaths: ZodOpenApiPathsObject = {
  '/models': {
    get: {
      summary: 'The installed models',
      responses: { '200': json('The models, the default first', modelsAnswer) },
    },
  },
};
