import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import { job, similarityRequest } from '../apiSchemas/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import { SIMILARITY_MEDIA_TYPE } from '../similarityFormat/index.ts';
import {
  answerJob,
  withoutResult,
  callerOf,
  parse,
  signalOf,
  methods,
  body,
  errors,
  json,
  sendBytes,
} from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';

/** Where a series looks like one point of another. */
export function similaritiesRouter(context: ApiContext): Router {
  const router = Router();
  methods(router, '/similarities', {
    post: async (req, res) => {
      const { query, target, model } = parse(similarityRequest, req.body, 'body');
      const { lps, ...series } = query;
      const request = { query: series, target, model, lps: lpsPoint(...lps) };
      const plan = await context.samepoint.planSimilarity(request, callerOf(req), signalOf(res));
      if (!plan.ready) await answerJob(context, 'similarity', withoutResult(plan), { req, res });
      else await sendBytes(res, SIMILARITY_MEDIA_TYPE, (await plan.run({ signal: signalOf(res) })).bytes);
    },
  });
  return router;
}

export const similaritiesPaths: ZodOpenApiPathsObject = {
  '/similarities': {
    post: {
      summary: 'Where a series looks like one point of another',
      description:
        'A byte per place of the target, for a map of colours: docs/fields.md has the format. Both series must belong to one patient.',
      requestBody: body(similarityRequest),
      responses: {
        '200': {
          description: 'The similarity map, gzip-encoded where the request accepts that',
          content: { [SIMILARITY_MEDIA_TYPE]: { schema: z.string().meta({ format: 'binary' }) } },
        },
        '202': json(
          'A series is being embedded: a job; when it is done, the same request gives the map',
          job,
        ),
        ...errors(400, 401, 403, 404, 422, 429, 502, 503),
      },
    },
  },
};
