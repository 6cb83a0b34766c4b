import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { answerPlan, callerOf, parse, signalOf, methods, body, errors, json } from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import { job, seriesEmbeddingAnswer, seriesEmbeddingRequest } from '../apiSchemas/index.ts';

/** Embeds a series, so that the first click on it answers at once. */
export function seriesEmbeddingsRouter(context: ApiContext): Router {
  const router = Router();
  methods(router, '/series-embeddings', {
    post: async (req, res) => {
      const { model, ...series } = parse(seriesEmbeddingRequest, req.body, 'body');
      const plan = await context.samepoint.planEmbedding(series, model, callerOf(req), signalOf(res));
      await answerPlan(context, 'series-embedding', plan, { req, res });
    },
  });
  return router;
}

export const seriesEmbeddingsPaths: ZodOpenApiPathsObject = {
  '/series-embeddings': {
    post: {
      summary: 'Embed a series',
      requestBody: body(seriesEmbeddingRequest),
      responses: {
        '200': json('The embedding is at hand', seriesEmbeddingAnswer),
        '202': json('It is being computed: a job', job),
        ...errors(400, 401, 403, 404, 429, 502, 503),
      },
    },
  },
};
