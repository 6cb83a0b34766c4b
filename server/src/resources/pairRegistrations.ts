import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Router } from 'express';
import type { Response } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import { job, pairRegistrationRequest } from '../apiSchemas/index.ts';
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
import { DICOM_MEDIA_TYPE, dicomParts, fileOf, niftiParts } from './registrationFiles.ts';
import type { RegistrationFile } from './registrationFiles.ts';

const GZIP_MEDIA_TYPE = 'application/gzip';

function announce(res: Response, { name, mediaType }: Pick<RegistrationFile, 'name' | 'mediaType'>): void {
  res.set({
    'Content-Type': mediaType,
    'Cache-Control': 'no-store',
    'Content-Disposition': `attachment; filename="${name}"`,
  });
}

async function sendFile(res: Response, { parts, ...file }: RegistrationFile): Promise<void> {
  announce(res, file);
  if (file.mediaType === GZIP_MEDIA_TYPE) await pipeline(Readable.from(parts), createGzip(), res);
  else await pipeline(Readable.from(parts), res);
}

/** Pairs registered by one of the stages of `samepoint register`. */
export function pairRegistrationsRouter(context: ApiContext): Router {
  const { samepoint } = context;
  const router = Router();
  methods(router, '/pair-registrations', {
    post: async (req, res) => {
      const { output, ...request } = parse(pairRegistrationRequest, req.body, 'body');
      const [caller, signal] = [callerOf(req), signalOf(res)];
      const plan = await samepoint.planPairRegistration(request, caller, signal);
      if (!plan.ready) {
        await answerJob(context, 'registration', withoutResult(plan), { req, res });
        return;
      }
      const made = await plan.run({ signal });
      if (output !== 'warped' && output !== 'dicom') {
        await sendFile(res, fileOf(output, made, samepoint.health().version));
        return;
      }
      await samepoint.sendWarped(made, caller, {
        signal,
        send: async (warped) => {
          const series = { made, warped, version: samepoint.health().version };
          await sendFile(
            res,
            output === 'warped'
              ? { name: 'warped.nii.gz', mediaType: GZIP_MEDIA_TYPE, parts: niftiParts(series) }
              : {
                  name: 'warped.dicom',
                  mediaType: DICOM_MEDIA_TYPE,
                  parts: dicomParts({ ...series, headers: await warped.headers() }),
                },
          );
        },
      });
    },
  });
  return router;
}

const binary = { schema: z.string().meta({ format: 'binary' }) };

export const pairRegistrationsPaths: ZodOpenApiPathsObject = {
  '/pair-registrations': {
    post: {
      summary: 'Two series registered with each other, and one file of the result',
      description:
        'As `samepoint register`: docs/registration.md has the stages and the files. Both series must belong to one patient.',
      requestBody: body(pairRegistrationRequest),
      responses: {
        '200': {
          description: 'The file that the request names',
          content: {
            'application/json': { schema: z.looseObject({}) },
            'text/plain': { schema: z.string() },
            [GZIP_MEDIA_TYPE]: binary,
            'multipart/related': binary,
          },
        },
        '202': json(
          'The pair is being registered: a job; when it is done, the same request gives the file',
          job,
        ),
        ...errors(400, 401, 403, 404, 422, 429, 502, 503),
      },
    },
  },
};
