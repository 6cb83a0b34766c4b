/**
 * The duration of answers, by the template of their path. A path itself may hold the id of a job or, below /dicom-web, UIDs: what is no
 * template of the API is counted under the path of its mount, or as `other`.
 * @module
 */
import express, { Router } from 'express';
import type { Express, Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { errorHandler, notFound } from './errors.ts';
import { requireKnownHost, requireOneHost } from './hosts.ts';
import { requestLog } from './logging.ts';
import { methods } from '../exchange/index.ts';
import { apiPaths, readinessRouter } from '../resources/index.ts';
import type { Readiness } from '../exchange/index.ts';

/** One answered request. */
interface RequestMeasurement {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Where requests are measured, and what is shown of it. */
export interface HttpMetrics {
  request(measurement: RequestMeasurement): void;
  /** Continues with a request; the result is called when it is answered. */
  readonly within?: (next: () => void) => (measurement: RequestMeasurement) => void;
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const MS_PER_S = 1000;
/** What is no template of the API and under no mount. */
const OTHER_ROUTE = 'other';
/** Beside those of the API. */
const OWN_ROUTES = ['/metrics', '/extension.js'] as const;

/** Every value of the label `route`. */
export function routeTemplates(mounts: readonly string[]): readonly string[] {
  const api = apiPaths.map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'));
  return [...api, ...OWN_ROUTES, ...mounts, OTHER_ROUTE];
}

function templateOf(req: Request): string | undefined {
  const { route } = req as { readonly route?: { readonly path?: unknown } };
  return typeof route?.path === 'string' ? route.path : undefined;
}

/** Measures every request of an app. `basePath` is where the templates are below, `mounts` what lies beside it. */
export function measureRequests(
  metrics: Pick<HttpMetrics, 'request' | 'within'>,
  basePath: string,
  mounts: readonly string[],
): RequestHandler {
  const known = new Set(routeTemplates(mounts));
  const routeOf = (req: Request): string => {
    const path = req.originalUrl.split('?')[0] ?? '';
    const template = path.startsWith(`${basePath}/`) ? templateOf(req) : undefined;
    if (template !== undefined && known.has(template)) return template;
    return mounts.find((mount) => path === mount || path.startsWith(`${mount}/`)) ?? OTHER_ROUTE;
  };
  return (req, res, next) => {
    const startMs = performance.now();
    let ended: ReturnType<NonNullable<HttpMetrics['within']>> | undefined;
    res.once('close', () => {
      const { method } = req;
      const seconds = (performance.now() - startMs) / MS_PER_S;
      const measurement = { method, route: routeOf(req), status: res.statusCode, seconds };
      metrics.request(measurement);
      ended?.(measurement);
    });
    if (metrics.within === undefined) next();
    else ended = metrics.within(next);
  };
}

/** The metrics of the server, for Prometheus. */
export function metricsRouter({ expose }: Pick<HttpMetrics, 'expose'>): Router {
  const router = Router();
  methods(router, '/metrics', {
    get: async (_req, res) => {
      const { contentType, text } = await expose();
      res.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store' }).send(text);
    },
  });
  return router;
}

/** What an app of metrics is made of. */
export interface MetricsAppParts {
  readonly metrics: Pick<HttpMetrics, 'expose'>;
  readonly readiness: Readiness;
  readonly logger: Logger;
  /** Where it listens, and the other names that it answers for. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
}

/** The app of a port of its own: metrics and the state of the server, nothing of the API. */
export function createMetricsApp({
  metrics,
  readiness,
  logger,
  host,
  allowedHosts,
}: MetricsAppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  app.use(requestLog(logger), requireOneHost, requireKnownHost(host, allowedHosts));
  app.use(metricsRouter(metrics), readinessRouter(readiness), notFound, errorHandler(0));
  return app;
}
