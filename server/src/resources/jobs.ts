import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import { SamepointError } from '../errors/index.ts';
import {
  jobBody,
  callerKeys,
  callerOf,
  parse,
  signalOf,
  streamJob,
  methods,
  errors,
  json,
} from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import { job, jobId } from '../apiSchemas/index.ts';

/** A job lasts seconds, and its stream as long. */
const RETRY_AFTER_S = 5;

const jobPath = z.strictObject({ id: jobId });

/** Jobs: what they do, live, and how to cancel them. */
export function jobsRouter(context: ApiContext): Router {
  const { jobAccess, keepAliveMs, shutdown, streams } = context;
  const router = Router();
  methods(router, '/jobs/:id', {
    get: async (req, res) => {
      const { id } = parse(jobPath, req.params, 'path');
      const job = await jobAccess.read(id, callerOf(req), signalOf(res));
      res.set('Cache-Control', 'no-store').json(jobBody(job));
    },
    delete: async (req, res) => {
      const { id } = parse(jobPath, req.params, 'path');
      await jobAccess.cancel(id, callerOf(req), signalOf(res));
      res.status(204).end();
    },
  });
  methods(router, '/jobs/:id/events', {
    get: async (req, res) => {
      const { id } = parse(jobPath, req.params, 'path');
      const signal = AbortSignal.any([signalOf(res), shutdown]);
      const release = streams.acquire(callerKeys(req));
      if (release === undefined) {
        throw new SamepointError('http/too-many-streams', { open: streams.open, retryAfterS: RETRY_AFTER_S });
      }
      try {
        const snapshots = await jobAccess.watch(id, callerOf(req), signal);
        await streamJob(res, snapshots, { keepAliveMs, signal });
      } finally {
        release();
      }
    },
  });
  return router;
}

const requestParams = { path: jobPath };

export const jobsPaths: ZodOpenApiPathsObject = {
  '/jobs/{id}': {
    get: {
      summary: 'A job',
      requestParams,
      responses: { '200': json('The job', job), ...errors(400, 401, 403, 404, 502) },
    },
    delete: {
      summary: 'Cancel a job',
      requestParams,
      responses: {
        '204': { description: 'Cancelled, or finished before' },
        ...errors(400, 401, 403, 404, 502),
      },
    },
  },
  '/jobs/{id}/events': {
    get: {
      summary: 'Follow a job',
      description:
        'Server-sent events: `progress`; `preview` when a match whose series are being embedded has preliminary answers; then one of `done`, `failed`, `cancelled`. The data is the job. The first event gives the present state. Where the PACS no longer shows the series, `failed` with its refusal.',
      requestParams,
      responses: {
        '200': {
          description: 'The events',
          content: { 'text/event-stream': { schema: z.string() } },
        },
        ...errors(400, 401, 403, 404, 502, 503),
      },
    },
  },
};
