import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { ConfigWarning } from '../config/index.ts';
import type { Samepoint } from '../application/index.ts';
import type { JobAccess, SharedJobs } from '../jobs/index.ts';
import type { Caller } from '../access/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { Places } from './places.ts';

/** Who is reported to that a study has arrived. */
export interface ArrivalReports {
  /** By which a PACS is known; without it none is accepted. */
  readonly secret: string | undefined;
  /** @throws SamepointError errors of `arrival/` */
  report(study: string, source?: string): Promise<void>;
}

/** Whether requests can be served, and what speaks against it. */
export interface ReadinessReport {
  readonly isReady: boolean;
  /** Reasons of a server that is not ready, and what is missing of one that is. No names, no addresses. */
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}

/** Looks whether requests can be served. */
export type Readiness = () => Promise<ReadinessReport>;

/** What every resource works with. */
export interface ApiContext {
  readonly samepoint: Samepoint;
  readonly jobs: SharedJobs;
  /** The only way by which jobs are shown. */
  readonly jobAccess: JobAccess;
  /** Path of the API, e.g. /samepoint/api. */
  readonly apiPath: string;
  readonly keepAliveMs: number;
  /** Aborted when the server is stopped: open event streams end. */
  readonly shutdown: AbortSignal;
  /** Event streams that are open. */
  readonly streams: Places;
  readonly warnings: readonly ConfigWarning[];
  readonly readiness: Readiness;
  /** Where new studies are reported; nowhere where absent. */
  readonly arrivals?: ArrivalReports | undefined;
}

/** By which the extension says which data source the viewer shows. */
const DATA_SOURCE_HEADER = 'samepoint-data-source';

/** The caller's own credentials, to be forwarded to the PACS, and its address. */
export function callerOf(req: Request): Caller {
  const { authorization, [DATA_SOURCE_HEADER]: dataSource } = req.headers;
  return {
    address: req.ip,
    ...(authorization === undefined ? {} : { authorization }),
    ...(typeof dataSource === 'string' ? { dataSource } : {}),
  };
}

/** Aborts when the client disconnects before it has its answer, so that no work is done for a closed browser tab. */
export function signalOf(res: Response): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) controller.abort();
  });
  return controller.signal;
}

/**
 * The validated value.
 * @param where "body", "query" or "path": what the problems are about.
 * @throws SamepointError `http/invalid-request` with every problem; received values are not repeated.
 */
export function parse<S extends z.ZodType>(schema: S, value: unknown, where: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${[where, ...path.map(String)].join('.')}: ${message}`,
  );
  throw new SamepointError('http/invalid-request', { problems });
}
