import { createHash, timingSafeEqual } from 'node:crypto';
import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { SamepointError } from '../errors/index.ts';
import { arrivalAnswer, arrivalHeaders, arrivalReport } from '../apiSchemas/index.ts';
import { parse, methods, body, errors, json } from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';

const SECRET_HEADER = 'samepoint-arrival-secret';

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** How long the comparison lasts says nothing about the secret. @throws SamepointError `arrival/secret-wrong` */
function requireSecret(secret: string, given: unknown): void {
  if (typeof given === 'string' && timingSafeEqual(digestOf(secret), digestOf(given))) return;
  throw new SamepointError('arrival/secret-wrong', {});
}

/**
 * A PACS reports a study: its UID, and no address, so that nothing is fetched but from the PACS of the configuration. The secret, not a
 * login, lets a report in.
 */
export function arrivalsRouter({ arrivals }: Pick<ApiContext, 'arrivals'>): Router {
  const router = Router();
  methods(router, '/arrivals', {
    post: async (req, res) => {
      const secret = arrivals?.secret;
      if (arrivals === undefined || secret === undefined) throw new SamepointError('arrival/not-watched', {});
      requireSecret(secret, req.headers[SECRET_HEADER]);
      const { studyInstanceUid, source } = parse(arrivalReport, req.body, 'body');
      await arrivals.report(studyInstanceUid, source);
      res.status(202).json({ accepted: true });
    },
  });
  return router;
}

export const arrivalsPaths: ZodOpenApiPathsObject = {
  '/arrivals': {
    post: {
      summary: 'Report a study that has arrived',
      description:
        'For a PACS, not for viewers. The study is precomputed in the background, by the rules of the configuration, with the credentials of the server itself.',
      requestParams: { header: arrivalHeaders },
      requestBody: body(arrivalReport),
      responses: {
        '202': json('It is written down', arrivalAnswer),
        ...errors(400, 401, 404, 429, 500),
      },
    },
  },
};
