import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { Router } from 'express';
import type { Logger } from 'pino';
import { createArchive } from '../archive/index.ts';
import { redisDuties } from '../arrival/index.ts';
import { configuredSources, configWarnings } from '../config/index.ts';
import { openAudit } from '../audit/index.ts';
import type { Config, ConfiguredSource } from '../config/index.ts';
import { ARCHIVE_PATH, createLogger, listen } from '../http/index.ts';
import type { RunningServer } from '../http/index.ts';
import { guardDicomweb, proxyDicomweb, serveViewer } from '../viewer/index.ts';
import { openRemoteQueue } from '../work/index.ts';
import type { Assembly, Mount } from './assemble.ts';
import { assemble } from './assemble.ts';
import { openMetrics } from './measuring.ts';
import { openModules } from './modules.ts';
import type { OpenModules } from './modules.ts';
import { openDefaultModel } from './openDefaultModel.ts';
import { fetchOf } from './pacs.ts';
import { watchEmbedder } from './readiness.ts';
import type { ModelState } from './readiness.ts';
import { openJobBoard, openQueuePages, queueSettings } from './shared.ts';
import { VERSION } from './version.ts';
import { warmUpPreviews } from './warmUpPreviews.ts';

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

/** Until everything is open the port answers, so that the embedded archive's own address is known, and that the process lives. */
function notReady({ http }: Pick<Config, 'http'>): RequestListener {
  const livePath = `${http.basePath}/api/health/live`;
  return (req, res) => {
    res.writeHead(req.url === livePath ? 200 : 503, { 'Retry-After': '1' }).end();
  };
}

/**
 * The PACS for the viewer: the first one at /dicom-web, each of several also below its name. A PACS that must not get the credentials of
 * readers is not passed on to them.
 */
function proxiesOf(config: Config): Mount[] {
  const sources = configuredSources(config);
  const all = sources.filter(({ forwardAuthorization }) => forwardAuthorization);
  const [first] = sources;
  const mount = (source: ConfiguredSource, path: string): Mount => ({
    path,
    router: proxyDicomweb(source.roots, fetchOf(source)),
  });
  const named = config.sources === undefined ? [] : all;
  return [
    ...named.map((source) => mount(source, `${ARCHIVE_PATH}/${source.name}`)),
    ...(first !== undefined && all.includes(first) ? [mount(first, ARCHIVE_PATH)] : []),
  ];
}

async function openMounts(config: Config, logger: Logger): Promise<Mount[]> {
  const { archive, viewer } = config;
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
    if (archive.directory === undefined) mounts.push(...proxiesOf(config));
    const appConfig = await readFile(viewer.appConfig, 'utf8');
    mounts.push({ path: '/', router: serveViewer({ distDirectory: viewer.directory, appConfig }) });
  }
  return mounts;
}

/**
 * Opens the default model and starts the threads in the background: the first reader does not wait for them, and the log says
 * what runs the model. What a shutdown ends did not fail.
 */
function warmUp(
  open: Pick<OpenModules, 'embedder' | 'decoder' | 'matcher' | 'models'>,
  config: Config,
  logger: Logger,
  shutdown: AbortSignal,
): void {
  const { matcher, models } = open;
  if (models.models.length === 0) {
    logger.error({}, 'no model is installed: nothing can be matched');
    return;
  }
  const failed = (what: string) => (error: unknown) => {
    if (!shutdown.aborted) logger.error({ err: error }, what);
  };
  matcher.warmUp().catch(failed('points cannot be matched'));
  warmUpPreviews(matcher, models.get(config.models.default)).catch(failed('pairs cannot be previewed'));
  // Workers open it.
  if (config.queue.redis === undefined) openDefaultModel(open, { config, logger, shutdown });
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

/** Opens the port of the metrics, where the configuration gives them one. */
export async function listenForMetrics(
  { metrics, http }: Config,
  app: RequestListener | undefined,
): Promise<RunningServer | undefined> {
  const { port, host } = metrics;
  if (app === undefined || port === undefined) return undefined;
  return await listen(app, { host, port, headersTimeoutMs: http.headersTimeoutMs });
}

/** What was opened, to be closed in the opposite order, also where a later part cannot be opened. */
export class OpenParts {
  readonly #closers: (() => Promise<void>)[] = [];

  /** Keeps a part whose `close` is to be called. */
  add(close: () => Promise<void>): void {
    this.#closers.unshift(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }
}

/**
 * Starts a server and resolves when it answers.
 * @throws SamepointError `http/cannot-listen`, `viewer/not-installed`, and errors of `embedding/` and `archive/`.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningSamepoint> {
  const logger = options.logger ?? createLogger(config.log);
  let handler = notReady(config);
  for (const { code, message } of configWarnings(config)) logger.warn({ code }, message);
  const server = await listen(
    (req, res) => {
      handler(req, res);
    },
    { ...config.http, onRefused: warnOfRefusals(logger) },
  );
  const parts = new OpenParts();
  try {
    const { app, stop } = await openParts(config, { url: server.url, logger, parts });
    handler = app;
    logger.info({ version: VERSION, url: server.url }, 'Samepoint listens');
    return {
      url: server.url,
      async close() {
        stop();
        await server.close(config.http.shutdownTimeoutMs);
        await parts.close();
        logger.info({}, 'Samepoint has stopped');
      },
    };
  } catch (error) {
    await server.close(0);
    await parts.close();
    throw error;
  }
}

/** What is shared with other servers and with workers, where there may be some. */
async function openShared(
  config: Config,
  { logger, metrics, parts }: Pick<Assembly, 'logger' | 'metrics'> & { readonly parts: OpenParts },
): Promise<Pick<Assembly, 'queue' | 'board' | 'queuePages' | 'openDuty'>> {
  const settings = queueSettings(config);
  if (settings === undefined)
    return { queue: undefined, board: undefined, queuePages: undefined, openDuty: undefined };
  const queue = await openRemoteQueue(settings, logger, metrics?.traceparent);
  parts.add(() => queue.close());
  const board = await openJobBoard(settings, config, logger);
  parts.add(async () => board.close());
  const pages = await openQueuePages(settings, config, logger);
  parts.add(async () => pages?.close());
  return { queue, board, queuePages: pages?.router, openDuty: await redisDuties(settings, logger) };
}

/** Opens everything behind the port. `stop` ends streams and jobs. */
async function openParts(
  config: Config,
  { url, logger, parts }: { readonly url: string; readonly logger: Logger; readonly parts: OpenParts },
): Promise<{ readonly app: RequestListener; readonly stop: () => void }> {
  const shutdown = new AbortController();
  const metrics = await openMetrics(config, parts);
  const mounts = await openMounts(config, logger);
  const pacsRoot = configuredSources(config)[0]?.roots.wadoRoot ?? url;
  const audit = await openAudit(config.audit, { version: VERSION, pacsRoot, logger });
  parts.add(() => audit.close());
  const opened = await openModules(config, logger, 'owner', metrics);
  parts.add(() => opened.close());
  const isInstalled = opened.models.models.length > 0;
  const { embedder, state } =
    config.queue.redis === undefined
      ? watchEmbedder(opened.embedder, isInstalled, config.models.default)
      : { embedder: opened.embedder, state: (): ModelState => (isInstalled ? 'open' : 'missing') };
  const open = { ...opened, embedder };
  const shared = await openShared(config, { logger, metrics, parts });
  const observed = { logger, audit, metrics, shutdown: shutdown.signal };
  const assembly = { config, open, url, mounts, ...observed, ...shared };
  const { app, jobs, arrivals, metricsApp } = assemble(assembly, state);
  parts.add(async () => arrivals?.close());
  const metricsServer = await listenForMetrics(config, metricsApp);
  if (metricsServer !== undefined) parts.add(() => metricsServer.close(0));
  audit.started();
  warmUp(open, config, logger, shutdown.signal);
  return {
    app,
    stop() {
      shutdown.abort();
      jobs.close();
    },
  };
}
