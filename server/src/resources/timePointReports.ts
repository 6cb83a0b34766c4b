import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { TimePointSave } from '../studyDocuments/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import type { ConfirmedObservation } from '../report/index.ts';
import { callerOf, parse, methods, body, errors, json } from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import { defined, idempotencyKeyOf, toSeriesPoint } from './saving.ts';
import { reportHeaders, timePointReportAnswer, timePointReportRequest } from '../apiSchemas/index.ts';
import type { ReportAnswer, WireLesionObservation, WireTimePointReportRequest } from '../apiSchemas/index.ts';

type Diameter = NonNullable<ConfirmedObservation['longAxis']>;

function toDiameter({ mm, ends }: NonNullable<WireLesionObservation['longAxis']>): Diameter {
  return { mm, ends: [lpsPoint(...ends[0]), lpsPoint(...ends[1])] };
}

function toObservation({
  place,
  longAxis,
  shortAxis,
  ...observation
}: WireLesionObservation): ConfirmedObservation {
  return {
    ...defined(observation),
    ...(place === undefined ? {} : { place: toSeriesPoint(place) }),
    ...(longAxis === undefined ? {} : { longAxis: toDiameter(longAxis) }),
    ...(shortAxis === undefined ? {} : { shortAxis: toDiameter(shortAxis) }),
  };
}

function toSave({ observations, timePoint, assessment, ...save }: WireTimePointReportRequest): TimePointSave {
  return {
    ...save,
    timePoint: defined(timePoint),
    observations: observations.map(toObservation),
    ...(assessment === undefined ? {} : { assessment: defined(assessment) }),
  };
}

/** Lesions of one study as DICOM SR in the PACS. */
export function timePointReportsRouter({ samepoint }: ApiContext): Router {
  const router = Router();
  methods(router, '/time-point-reports', {
    // Not tied to the connection: a report is stored or not, a closed tab must not decide in the middle.
    post: async (req, res) => {
      const idempotencyKey = idempotencyKeyOf(req);
      const save = toSave(parse(timePointReportRequest, req.body, 'body'));
      const answer: ReportAnswer = await samepoint.storeTimePointReport(save, callerOf(req), {
        idempotencyKey,
      });
      res.status(201).json(answer);
    },
  });
  return router;
}

export const timePointReportsPaths: ZodOpenApiPathsObject = {
  '/time-point-reports': {
    post: {
      summary: 'Store what a reader has confirmed of the lesions of one study as a DICOM SR in this study',
      description:
        'The report replaces the earlier ones of its study. Answers when the PACS has stored it and given it back unchanged, or holds it from an earlier attempt; 409 where somebody else has stored one that the request does not name.',
      requestParams: { header: reportHeaders },
      requestBody: body(timePointReportRequest),
      responses: {
        '201': json('The stored report', timePointReportAnswer),
        ...errors(400, 401, 403, 404, 409, 422, 429, 502),
      },
    },
  },
};
