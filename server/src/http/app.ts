import cors from 'cors';
import express from 'express';
import type { Express, RequestHandler, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Verifier } from '../auth/index.ts';
import { JobAccess, SharedJobs } from '../jobs/index.ts';
import type { Samepoint } from '../application/index.ts';
import type { JobBoard, JobStore } from '../jobs/index.ts';
import type { Config, ConfigWarning } from '../config/index.ts';
import { SamepointError } from '../errors/index.ts';
import { authenticateAdmin, authenticateApi, authenticateDicomweb } from './authentication.ts';
import { boundBodies } from './bodies.ts';
import type { ApiContext, ArrivalReports, Readiness } from '../exchange/index.ts';
import { errorHandler, notFound, requireJson } from './errors.ts';
import { requireKnownHost, requireOneHost } from './hosts.ts';
import { requestLog } from './logging.ts';
import { measureRequests, metricsRouter } from './measurements.ts';
import type { HttpMetrics } from './measurements.ts';
import { Places } from '../exchange/index.ts';
import { extensionFileRouter, landmarksBodies, apiResources } from '../resources/index.ts';

/** What an app is made of. */
export interface AppParts {
  readonly samepoint: Samepoint;
  readonly jobs: JobStore;
  /** Where other servers see the jobs of this one. */
  readonly board?: JobBoard | undefined;
  readonly logger: Logger;
  readonly config: Pick<Config, 'http' | 'extension' | 'metrics'>;
  /** Aborted when the server is stopped. */
  readonly shutdown: AbortSignal;
  /** What is not safe in the configuration: reported in /health. */
  readonly warnings?: readonly ConfigWarning[];
  /** Verifies logins; without it only the PACS decides. */
  readonly verifier?: Verifier | undefined;
  /** Where requests are measured; served only where `metrics.port` gives them no port of their own. */
  readonly metrics?: HttpMetrics | undefined;
  readonly readiness?: Readiness | undefined;
  /** Pages of the queues, for administrators. */
  readonly queuePages?: Router | undefined;
  /** Where new studies are reported; nowhere where absent. */
  readonly arrivals?: ArrivalReports | undefined;
  /** Routers beside the API: DICOMweb, a viewer. In their order, before the 404. */
  readonly mounts?: readonly { readonly path: string; readonly router: Router }[];
}

/** Where the embedded archive, or the PACS, is served to a viewer. */
export const ARCHIVE_PATH = '/dicom-web';
/** For how long browsers may remember that a viewer's origin is allowed, s. */
const CORS_MAX_AGE_S = 600;
const MINUTE_MS = 60_000;

/** COOP and COEP make a page cross-origin isolated (HTML 7.1.3); CORP lets its own files into it. */
const isolationHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });
  next();
};

/** Headers of answers that are data: no page may frame, sniff or run them. TLS, and so HSTS, is the proxy's. */
function apiHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    strictTransportSecurity: false,
  });
}

function allowOrigins(origins: readonly string[]): RequestHandler {
  return cors({
    origin: origins.length === 0 ? false : [...origins],
    methods: ['GET', 'POST', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'Samepoint-Data-Source'],
    exposedHeaders: ['Location', 'Retry-After', 'X-Request-Id'],
    maxAge: CORS_MAX_AGE_S,
  });
}

function limitRate(requestsPerMinute: number): RequestHandler {
  return rateLimit({
    windowMs: MINUTE_MS,
    limit: requestsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (req, _res, next) => {
      const { resetTime } = (req as { rateLimit?: { resetTime?: Date } }).rateLimit ?? {};
      const waitMs = resetTime === undefined ? MINUTE_MS : resetTime.getTime() - Date.now();
      next(
        new SamepointError('http/too-many-requests', { retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)) }),
      );
    },
  });
}

/** Work that begins now would be cut off; what runs may still be queried. */
function refuseWhenStopping(shutdown: AbortSignal): RequestHandler {
  return (req, _res, next) => {
    if (shutdown.aborted && req.method === 'POST') throw new SamepointError('http/shutting-down', {});
    next();
  };
}

/** What is known without the parts of the server. */
function readinessWithout(shutdown: AbortSignal): Readiness {
  return () => Promise.resolve({ isReady: !shutdown.aborted, reasons: [] });
}

function apiRouter(context: ApiContext, bodyLimitBytes: number, version: string): Router {
  const router = express.Router();
  router.use(refuseWhenStopping(context.shutdown));
  router.use(requireJson, landmarksBodies());
  router.use(express.json({ limit: bodyLimitBytes, inflate: false }));
  router.use(...apiResources(context, version));
  return router;
}

/**
 * The application without a port: `app.listen`, or a test, does the rest.
 * @example
 * const app = createApp({ samepoint, jobs, logger, config, shutdown: new AbortController().signal });
 */
export function createApp(parts: AppParts): Express {
  const { samepoint, shutdown, verifier, arrivals, warnings = [], mounts = [] } = parts;
  const { readiness = readinessWithout(shutdown) } = parts;
  const { http, extension } = parts.config;
  const apiPath = `${http.basePath}/api`;
  const streams = new Places({ total: http.maxEventStreams, perKey: http.maxEventStreamsPerCaller });
  const bodies = new Places({ total: http.maxOpenBodies, perKey: http.maxOpenBodiesPerCaller });
  const jobs = new SharedJobs(parts.jobs, parts.board);
  const jobAccess = new JobAccess(jobs, (...args) => samepoint.authorize(...args));
  const context: ApiContext = {
    ...{ samepoint, jobs, jobAccess, apiPath, keepAliveMs: http.keepAliveMs },
    ...{ shutdown, streams, warnings, readiness, arrivals },
  };
  const app = express();
  configure(app, parts);
  app.use(
    http.basePath,
    apiHeaders(),
    allowOrigins(http.allowedOrigins),
    limitRate(http.requestsPerMinute),
    extensionFileRouter(extension.file),
    ...administration(parts),
  );
  app.use(apiPath, authenticateApi(verifier), boundBodies(bodies, http.bodyTimeoutMs));
  app.use(apiPath, apiRouter(context, http.bodyLimitBytes, samepoint.health().version));
  app.use(http.basePath, notFound);
  const limitImages = limitRate(http.imageRequestsPerMinute);
  for (const { path, router } of mounts) {
    if (path === '/') {
      app.use(path, router);
      continue;
    }
    // What a router does not know below its own path is missing: it must not become a page of the viewer.
    app.use(path, limitImages, authenticateDicomweb(verifier), boundBodies(bodies), router, notFound);
  }
  app.use(notFound);
  app.use(errorHandler(http.bodyLimitBytes));
  return app;
}

/** The metrics, where they have no port of their own. */
function metricsHere({ metrics, verifier, config }: AppParts): RequestHandler[] {
  const { enabled, port } = config.metrics;
  if (metrics === undefined || !enabled || port !== undefined) return [];
  const router = express.Router();
  router.use('/metrics', authenticateAdmin(verifier));
  return [router, metricsRouter(metrics)];
}

/** What is for administrators. */
function administration(parts: AppParts): RequestHandler[] {
  return [...metricsHere(parts), ...queuePagesHere(parts)];
}

/** The pages of the queues, where the configuration wants them; without a verifier there are no administrators. */
function queuePagesHere({ queuePages, verifier }: AppParts): RequestHandler[] {
  if (queuePages === undefined || verifier === undefined) return [];
  const router = express.Router();
  router.use('/board', authenticateAdmin(verifier), queuePages);
  return [router];
}

/** Settings and checks of every request. */
function configure(app: Express, { logger, config: { http }, metrics, mounts = [] }: AppParts): void {
  app.disable('x-powered-by');
  // RFC 3986 6.2.2.1. A rule of a proxy for /dicom-web must not be passed by /DICOM-WEB.
  app.enable('case sensitive routing');
  app.set('trust proxy', http.trustProxyHops);
  app.set('query parser', 'simple');
  app.use(requestLog(logger));
  const besides = mounts.map(({ path }) => path).filter((path) => path !== '/');
  if (metrics !== undefined) app.use(measureRequests(metrics, http.basePath, besides));
  app.use(requireOneHost, requireKnownHost(http.host, http.allowedHosts));
  if (http.crossOriginIsolation) app.use(isolationHeaders);
}
