import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import type { Router } from 'express';
import type { Logger } from 'pino';
import { createSamepoint, JobStore } from '../application/index.ts';
import { createArchive } from '../archive/index.ts';
import type { Config } from '../config/index.ts';
import { createDicomwebClient } from '../dicomweb/index.ts';
import { ARCHIVE_PATH, createApp, createLogger, listen } from '../http/index.ts';
import { proxyDicomweb, serveViewer } from '../viewer/index.ts';
import { openRooms } from './rooms.ts';
import type { OpenRooms } from './rooms.ts';
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
        logger.warn({ reason }, 'a file of the archive is left out');
      },
    });
    mounts.push({ path: ARCHIVE_PATH, router });
  }
  if (viewer.directory !== undefined && viewer.appConfig !== undefined) {
    if (archive.directory === undefined && dicomweb.root !== undefined) {
      mounts.push({ path: ARCHIVE_PATH, router: proxyDicomweb(dicomweb.root) });
    }
    const appConfig = await readFile(viewer.appConfig, 'utf8');
    mounts.push({ path: '/', router: serveViewer({ distDirectory: viewer.directory, appConfig }) });
  }
  return mounts;
}

function assemble(
  config: Config,
  open: OpenRooms,
  { url, mounts, logger, shutdown }: { url: string; mounts: Mount[]; logger: Logger; shutdown: AbortSignal },
): { readonly app: RequestListener; readonly jobs: JobStore } {
  const { dicomweb, embedding, access } = config;
  const { authorization, root = `${url}${ARCHIVE_PATH}`, ...limits } = dicomweb;
  const source = createDicomwebClient({
    ...limits,
    root,
    ...(authorization === undefined ? {} : { authorization }),
  });
  const { models, embedder, cache, memory, rooms } = open;
  const clock = Date.now;
  const samepoint = createSamepoint(
    { source, models, embedder, cache, memory, rooms, logger, clock },
    {
      version: VERSION,
      queueLimit: embedding.queueLimit,
      memoMs: access.memoMs,
      defaultModel: config.models.default,
    },
  );
  const jobs = new JobStore(config.jobs, { clock, logger });
  return { app: createApp({ samepoint, jobs, logger, config, shutdown, mounts }), jobs };
}

/**
 * Opens the default model and starts the threads in the background: the first reader does not wait for them, and the log says
 * what runs the model. What a shutdown ends did not fail.
 */
function warmUp(
  { embedder, matcher, models }: OpenRooms,
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
  matcher.rehearse().catch(failed('points cannot be matched'));
  embedder.prepare(config.models.default).then(({ running, refused }) => {
    logger.info({ running, refused }, 'models run');
  }, failed('the default model does not run'));
}

/**
 * Starts a server and resolves when it answers.
 * @throws SamepointError `http/cannot-listen`, `viewer/not-installed`, and errors of `embedding/` and `archive/`.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningSamepoint> {
  const logger = options.logger ?? createLogger(config.log);
  const shutdown = new AbortController();
  let handler = notReady;
  const server = await listen((req, res) => {
    handler(req, res);
  }, config.http);
  let open: OpenRooms | undefined;
  try {
    const mounts = await openMounts(config, logger);
    open = await openRooms(config, logger);
    const { url } = server;
    const { app, jobs } = assemble(config, open, { url, mounts, logger, shutdown: shutdown.signal });
    handler = app;
    warmUp(open, config, logger, shutdown.signal);
    logger.info({ version: VERSION, url }, 'Samepoint listens');
    const rooms = open;
    return {
      url,
      async close() {
        shutdown.abort();
        jobs.close();
        await server.close(config.http.shutdownTimeoutMs);
        await rooms.close();
        logger.info({}, 'Samepoint has stopped');
      },
    };
  } catch (error) {
    await server.close(0);
    await open?.close();
    throw error;
  }
}
