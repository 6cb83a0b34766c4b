import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { lpsPoint } from '../geometry/index.ts';
import { answerPlan, callerOf, parse, signalOf, methods, body, errors, json } from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import { job, matchAnswer, matchRequest } from '../apiSchemas/index.ts';
import type { WireMatchRequest } from '../apiSchemas/index.ts';
import type { MatchRequest } from '../application/index.ts';
import type { Axes } from '../matching/index.ts';

type WireAxes = NonNullable<WireMatchRequest['points'][number]['axes']>;

function toAxes({ longAxis, shortAxis }: WireAxes): Axes {
  const ends = ([one, other]: WireAxes['longAxis']): Axes['longAxis'] => [
    lpsPoint(...one),
    lpsPoint(...other),
  ];
  return { longAxis: ends(longAxis), ...(shortAxis === undefined ? {} : { shortAxis: ends(shortAxis) }) };
}

function toRequest({ points, ...request }: WireMatchRequest): MatchRequest {
  return {
    ...request,
    points: points.map(({ id, lps, frameOfReferenceUid, axes }) => ({
      id,
      lps: lpsPoint(...lps),
      ...(axes === undefined ? {} : { axes: toAxes(axes) }),
      ...(frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid }),
    })),
  };
}

/** Points of one series found in others. */
export function matchesRouter(context: ApiContext): Router {
  const router = Router();
  methods(router, '/matches', {
    post: async (req, res) => {
      const request = toRequest(parse(matchRequest, req.body, 'body'));
      const plan = await context.samepoint.planMatch(request, callerOf(req), signalOf(res));
      await answerPlan(context, 'match', plan, { req, res });
    },
  });
  return router;
}

export const matchesPaths: ZodOpenApiPathsObject = {
  '/matches': {
    post: {
      summary: 'Find points of one series in others',
      description:
        'One outcome per point and target; a point or target that fails does not fail the others. All series must belong to one patient.',
      requestBody: body(matchRequest),
      responses: {
        '200': json('The outcomes', matchAnswer),
        '202': json('Embeddings are being computed first: a job whose result is the 200 body', job),
        ...errors(400, 401, 403, 404, 422, 429, 502, 503),
      },
    },
  },
};
