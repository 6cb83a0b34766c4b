import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Router } from 'express';
import type { Response } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import type { PairField, Plan, ReadyField } from '../../application/index.ts';
import { FIELD_MEDIA_TYPE } from '../../fieldFormat/index.ts';
import { answerJob } from '../answers.ts';
import { callerOf, parse, signalOf } from '../context.ts';
import type { ApiContext } from '../context.ts';
import { methods } from '../methods.ts';
import { body, errors, json } from '../openapiParts.ts';
import { fieldRequest, job } from '../schemas/schemas.ts';

const compressed = promisify(gzip);

/** The work of a job: it keeps no bytes, the same request gives them when it is done. */
export function withoutBytes(plan: Plan<PairField>): Plan<ReadyField> {
  return {
    ...plan,
    run: async (options) => {
      const { state, query, target, model } = await plan.run(options);
      return { state, query, target, model };
    },
  };
}

async function sendField(res: Response, bytes: Uint8Array): Promise<void> {
  res.set({ 'Content-Type': FIELD_MEDIA_TYPE, 'Cache-Control': 'no-store', Vary: 'Accept-Encoding' });
  if (res.req.acceptsEncodings('gzip', 'identity') !== 'gzip') {
    res.send(Buffer.from(bytes));
    return;
  }
  res.set('Content-Encoding', 'gzip').send(await compressed(bytes));
}

/** The whole map of a pair of series. */
export function fieldsRouter(context: ApiContext): Router {
  const router = Router();
  methods(router, '/fields', {
    post: async (req, res) => {
      const request = parse(fieldRequest, req.body, 'body');
      const plan = await context.samepoint.planField(request, callerOf(req), signalOf(res));
      if (plan.ready) await sendField(res, (await plan.run({ signal: signalOf(res) })).bytes);
      else answerJob(context, 'field', withoutBytes(plan), { req, res });
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
