import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import { FIELD_MEDIA_TYPE } from '../fieldFormat/index.ts';
import {
  answerJob,
  withoutResult,
  sendBytes,
  callerOf,
  parse,
  signalOf,
  methods,
  body,
  errors,
  json,
} from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import { fieldRequest, job } from '../apiSchemas/index.ts';

/** The whole map of a pair of series. */
export function fieldsRouter(context: ApiContext): Router {
  const router = Router();
  methods(router, '/fields', {
    post: async (req, res) => {
      const request = parse(fieldRequest, req.body, 'body');
      const plan = await context.samepoint.planField(request, callerOf(req), signalOf(res));
      if (plan.ready)
        await sendBytes(res, FIELD_MEDIA_TYPE, (await plan.run({ signal: signalOf(res) })).bytes);
      else await answerJob(context, 'field', withoutResult(plan), { req, res });
    },
  });
  return router;
}

export const fieldsPaths: ZodOpenApiPathsObject = {
  '/fields': {
    post: {
      summary: 'The whole map of a pair of series',
      description:
        'A lattice of displacements both ways, for linked scrolling: docs/fields.md has the format. Both series must belong to one patient.',
      requestBody: body(fieldRequest),
      responses: {
        '200': {
          description: 'The field, gzip-encoded where the request accepts that',
          content: { [FIELD_MEDIA_TYPE]: { schema: z.string().meta({ format: 'binary' }) } },
        },
        '202': json('It is being computed: a job; when it is done, the same request gives the field', job),
        ...errors(400, 401, 403, 404, 422, 429, 502, 503),
      },
    },
  },
};
