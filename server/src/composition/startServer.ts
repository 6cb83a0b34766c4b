import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { Router } from 'express';
import type { Logger } from 'pino';
import { createSamepoint, JobStore } from '../application/index.ts';
import { createArchive } from '../archive/index.ts';
import { configWarnings, pacsRoots } from '../config/index.ts';
import { openAudit } from '../audit/index.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { Config } from '../config/index.ts';
import { ARCHIVE_PATH, createApp, createLogger, listen } from '../http/index.ts';
import { guardDicomweb, proxyDicomweb, serveViewer } from '../viewer/index.ts';
import { openModules } from './modules.ts';
import type { OpenModules } from './modules.ts';
import { clientOf } from './pacs.ts';
import { VERSION } from './version.ts';

/** A Samepoint server that answers. */
export interface RunningSamepoint {
  /** Root of the server, without a trailing slash; the API is below `http.basePath`. */
  readonly url: string;
  /** Ends streams, jobs, processes and threads; running requests get `http.shutdownTimeoutMs`. */
  close(): Promise<void>;
}

/** What a test may replace. */
export interface StartOptions {
  readonly logger?: Logger;
}

type Mount = { readonly path: string; readonly router: Router };

/** Until everything is open the port answers, so that the embedded archive's own address is known. */
const notReady: RequestListener = (_req, res) => {
  res.writeHead(503, { 'Retry-After': '1' }).end();
};

async function openMounts({ archive, viewer, dicomweb }: Config, logger: Logger): Promise<Mount[]> {
  const mounts: Mount[] = [];
  if (archive.directory !== undefined) {
    const { router } = await createArchive({
      directory: archive.directory,
      onWarning: ({ reason }) => {
        logger.warn({ reason }, 'a file of the archive is omitted');
      },
    });
    mounts.push({ path: ARCHIVE_PATH, router: Router().use(guardDicomweb, router) });
  }
  if (viewer.directory !== undefined && viewer.appConfig !== undefined) {
    const roots = pacsRoots(dicomweb);
    if (archive.directory === undefined && roots !== undefined) {
      mounts.push({ path: ARCHIVE_PATH, router: proxyDicomweb(roots) });
    }
    const appConfig = await readFile(viewer.appConfig, 'utf8');
    mounts.push({ path: '/', router: serveViewer({ distDirectory: viewer.directory, appConfig }) });
  }
  return mounts;
}

function assemble(
  config: Config,
  open: OpenModules,
  {
    url,
    mounts,
    logger,
    audit,
    shutdown,
  }: { url: string; mounts: Mount[]; logger: Logger; audit: AuditTrail; shutdown: AbortSignal },
): { readonly app: RequestListener; readonly jobs: JobStore } {
  const { embedding, access } = config;
  const own = `${url}${ARCHIVE_PATH}`;
  const roots = pacsRoots(config.dicomweb) ?? { qidoRoot: own, wadoRoot: own, stowRoot: own };
  const source = clientOf(config, roots);
  const { models, embedder, cache, memory, modules } = open;
  const monotonic = (): number => performance.now();
  const samepoint = createSamepoint(
    { source, models, embedder, cache, memory, modules, logger, audit, clock: Date.now, monotonic },
    {
      version: VERSION,
      queueLimit: embedding.queueLimit,
      queueLimitPerCaller: embedding.queueLimitPerCaller,
      memoMs: access.memoMs,
      defaultModel: config.models.default,
    },
  );
  const jobs = new JobStore(config.jobs, { monotonic, logger });
  const warnings = configWarnings(config);
  return { app: createApp({ samepoint, jobs, logger, config, shutdown, warnings, mounts }), jobs };
}

/**
 * Opens the default model and starts the threads in the background: the first reader does not wait for them, and the log says
 * what runs the model. What a shutdown ends did not fail.
 */
function warmUp(
  { embedder, matcher, models }: OpenModules,
  config: Config,
  logger: Logger,
  shutdown: AbortSignal,
): void {
  if (models.models.length === 0) {
    logger.error({}, 'no model is installed: nothing can be matched');
    return;
  }
  const failed = (what: string) => (error: unknown) => {
    if (!shutdown.aborted) logger.error({ err: error }, what);
  };
  matcher.warmUp().catch(failed('points cannot be matched'));
  embedder.openModel(config.models.default).then(({ running, refused }) => {
    logger.info({ running, refused }, 'models run');
  }, failed('the default model does not run'));
}

const MINUTE_MS = 60_000;

/** For a log that must not grow with an attack. */
function atMostEveryMinute(report: () => void): () => void {
  let nextMs = -Infinity;
  return () => {
    const nowMs = performance.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + MINUTE_MS;
    report();
  };
}

function warnOfRefusals(logger: Logger): () => void {
  const message = 'connections are refused: http.maxConnections or http.maxConnectionsPerAddress is reached';
  return atMostEveryMinute(() => {
    logger.warn({}, message);
  });
}

/**
 * Starts a server and resolves when it answers.
 * @throws SamepointError `http/cannot-listen`, `viewer/not-installed`, and errors of `embedding/` and `archive/`.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningSamepoint> {
  const logger = options.logger ?? createLogger(config.log);
  const shutdown = new AbortController();
  let handler = notReady;
  for (const { code, message } of configWarnings(config)) logger.warn({ code }, message);
  const server = await listen(
    (req, res) => {
      handler(req, res);
    },
    { ...config.http, onRefused: warnOfRefusals(logger) },
  );
  let open: OpenModules | undefined;
  try {
    const mounts = await openMounts(config, logger);
    open = await openModules(config, logger, 'owner');
    const { url } = server;
    const pacsRoot = pacsRoots(config.dicomweb)?.wadoRoot ?? url;
    const audit = await openAudit(config.audit, { version: VERSION, pacsRoot, logger });
    const { app, jobs } = assemble(config, open, { url, mounts, logger, audit, shutdown: shutdown.signal });
    handler = app;
    audit.started();
    warmUp(open, config, logger, shutdown.signal);
    logger.info({ version: VERSION, url }, 'Samepoint listens');
    const modules = open;
    return {
      url,
      async close() {
        shutdown.abort();
        jobs.close();
        await server.close(config.http.shutdownTimeoutMs);
        await modules.close();
        await audit.close();
        logger.info({}, 'Samepoint has stopped');
      },
    };
  } catch (error) {
    await server.close(0);
    await open?.close();
    throw error;
  }
}
