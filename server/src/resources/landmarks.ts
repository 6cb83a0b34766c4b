import express, { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { lpsPoint } from '../geometry/index.ts';
import { callerOf, parse, signalOf, methods, body, errors, json } from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import { landmarksAnswer, landmarksRequest, landmarkTemplate, templateRequest } from '../apiSchemas/index.ts';

/** Templates of fifty landmarks, several of them, bytes. */
const LANDMARKS_BODY_BYTES = 16 * 2 ** 20;
const LANDMARKS_PATH = '/landmarks';

/** Parses the bodies with templates, which are larger than those of other requests. */
export function landmarksBodies(): Router {
  const router = Router();
  router.use(LANDMARKS_PATH, express.json({ limit: LANDMARKS_BODY_BYTES, inflate: false }));
  return router;
}

/** Templates of landmarks, and landmarks in a series. */
export function landmarksRouter({ samepoint }: ApiContext): Router {
  const router = Router();
  methods(router, '/landmark-templates', {
    post: async (req, res) => {
      const { landmarks, ...request } = parse(templateRequest, req.body, 'body');
      const named = landmarks.map(({ name, lps }) => ({ name, lps: lpsPoint(...lps) }));
      res.json(await samepoint.makeTemplate({ ...request, landmarks: named }, callerOf(req), signalOf(res)));
    },
  });
  methods(router, LANDMARKS_PATH, {
    post: async (req, res) => {
      const request = parse(landmarksRequest, req.body, 'body');
      const outcomes = await samepoint.findLandmarks(request, callerOf(req), signalOf(res));
      res.json({
        landmarks: outcomes.map((one) => (one.ok ? one : { ...one, error: one.error.toJSON() })),
      });
    },
  });
  return router;
}

export const landmarksPaths: ZodOpenApiPathsObject = {
  '/landmark-templates': {
    post: {
      summary: 'Make a landmark template',
      description:
        'Of named points of an embedded series. The template holds vectors near the points, no image and no identity; whoever has it can search it in other series.',
      requestBody: body(templateRequest),
      responses: {
        '200': json('The template', landmarkTemplate),
        ...errors(400, 401, 403, 404, 409, 422, 502, 503),
      },
    },
  },
  '/landmarks': {
    post: {
      summary: 'Find the landmarks of templates in a series',
      description:
        'The series must be embedded. Templates that share a name vote. No answer claims the place: the verdict is `uncertain`, `out-of-view` or `absent`.',
      requestBody: body(landmarksRequest),
      responses: {
        '200': json('An outcome for each name', landmarksAnswer),
        ...errors(400, 401, 403, 404, 409, 413, 422, 502, 503),
      },
    },
  },
};
