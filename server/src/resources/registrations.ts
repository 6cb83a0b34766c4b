import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
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
} from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import {
  job,
  registrationRequest,
  registrationsAnswer,
  registrationsQuery,
  reportAnswer,
  reportHeaders,
} from '../apiSchemas/index.ts';
import type { RegistrationsAnswer, ReportAnswer } from '../apiSchemas/index.ts';
import { idempotencyKeyOf } from './saving.ts';

function warningsOf(unread: number): RegistrationsAnswer['warnings'] {
  if (unread === 0) return [];
  const message = `${unread} series of registration objects could not be read; registrations of the pair may be missing here`;
  return [{ code: 'registrations/unread', message }];
}

/** The map of a pair as a DICOM registration object in the PACS. */
export function registrationsRouter(context: ApiContext): Router {
  const { samepoint } = context;
  const router = Router();
  methods(router, '/registrations', {
    get: async (req, res) => {
      const pairQuery = parse(registrationsQuery, req.query, 'query');
      const pair = {
        query: {
          studyInstanceUid: pairQuery.queryStudyInstanceUid,
          seriesInstanceUid: pairQuery.querySeriesInstanceUid,
        },
        target: {
          studyInstanceUid: pairQuery.targetStudyInstanceUid,
          seriesInstanceUid: pairQuery.targetSeriesInstanceUid,
        },
      };
      const { registrations, unread } = await samepoint.listRegistrations(pair, callerOf(req), signalOf(res));
      const answer: RegistrationsAnswer = { registrations, warnings: warningsOf(unread) };
      res.set('Cache-Control', 'no-store').json(answer);
    },
    // Storing is not tied to the connection: an object is stored or not, a closed tab must not decide in the middle.
    post: async (req, res) => {
      const idempotencyKey = idempotencyKeyOf(req);
      const save = parse(registrationRequest, req.body, 'body');
      const { query, target, model } = save;
      const plan = await samepoint.planField({ query, target, model }, callerOf(req), signalOf(res));
      if (!plan.ready) {
        await answerJob(context, 'field', withoutResult(plan), { req, res });
        return;
      }
      const answer: ReportAnswer = await samepoint.storeRegistration(save, callerOf(req), { idempotencyKey });
      res.status(201).json(answer);
    },
  });
  return router;
}

export const registrationsPaths: ZodOpenApiPathsObject = {
  '/registrations': {
    get: {
      summary: 'The registration objects of a pair',
      description: 'Whoever wrote them, in the studies of both series.',
      requestParams: { query: registrationsQuery },
      responses: {
        '200': json('Spatial and Deformable Spatial Registrations of the two series', registrationsAnswer),
        ...errors(400, 401, 403, 404, 422, 429, 502),
      },
    },
    post: {
      summary: 'Store the map of a pair as a DICOM registration object',
      description:
        'In the study of the query. Answers when the PACS has stored the object and given it back unchanged, or holds it from an earlier attempt.',
      requestParams: { header: reportHeaders },
      requestBody: body(registrationRequest),
      responses: {
        '201': json('The stored object', reportAnswer),
        '202': json('The map is being computed: a job; when it is done, the same request stores it', job),
        ...errors(400, 401, 403, 404, 422, 429, 502, 503),
      },
    },
  },
};
