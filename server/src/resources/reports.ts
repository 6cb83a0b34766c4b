import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { ConfirmedPair } from '../report/index.ts';
import { callerOf, parse, signalOf, methods, body, errors, json } from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import {
  reportAnswer,
  reportHeaders,
  reportRequest,
  reportsAnswer,
  reportsQuery,
} from '../apiSchemas/index.ts';
import type { ReportAnswer, ReportsAnswer, WireConfirmedPair } from '../apiSchemas/index.ts';
import { idempotencyKeyOf, toSeriesPoint } from './saving.ts';

function toPair({ current, prior, provenance, ...pair }: WireConfirmedPair): ConfirmedPair {
  return {
    ...pair,
    current: toSeriesPoint(current),
    prior: toSeriesPoint(prior),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

function warningsOf(unreadable: number): ReportsAnswer['warnings'] {
  if (unreadable === 0) return [];
  const what = unreadable === 1 ? '1 structured report' : `${unreadable} structured reports`;
  const message = `${what} of the study could not be read; pairs that were saved there are missing here`;
  return [{ code: 'report/unreadable', message }];
}

/** Confirmed pairs as DICOM SR in the PACS. */
export function reportsRouter({ samepoint }: ApiContext): Router {
  const router = Router();
  methods(router, '/reports', {
    get: async (req, res) => {
      const { studyInstanceUid, source } = parse(reportsQuery, req.query, 'query');
      const { reports, unreadable } = await samepoint.listReports(
        studyInstanceUid,
        callerOf(req),
        signalOf(res),
        source,
      );
      const answer: ReportsAnswer = { reports, warnings: warningsOf(unreadable) };
      res.set('Cache-Control', 'no-store').json(answer);
    },
    // Not tied to the connection: a report is stored or not, a closed tab must not decide in the middle.
    post: async (req, res) => {
      const idempotencyKey = idempotencyKeyOf(req);
      const { pairs } = parse(reportRequest, req.body, 'body');
      const answer: ReportAnswer = await samepoint.storeReport(pairs.map(toPair), callerOf(req), {
        idempotencyKey,
      });
      res.status(201).json(answer);
    },
  });
  return router;
}

export const reportsPaths: ZodOpenApiPathsObject = {
  '/reports': {
    get: {
      summary: 'The reports of a study',
      requestParams: { query: reportsQuery },
      responses: {
        '200': json('Reports that Samepoint wrote', reportsAnswer),
        ...errors(400, 401, 403, 404, 429, 502),
      },
    },
    post: {
      summary: 'Store confirmed pairs as a DICOM SR',
      description:
        'Answers when the PACS has stored the report and given it back unchanged, or holds it from an earlier attempt.',
      requestParams: { header: reportHeaders },
      requestBody: body(reportRequest),
      responses: {
        '201': json('The stored report', reportAnswer),
        ...errors(400, 401, 403, 404, 422, 429, 502),
      },
    },
  },
};
