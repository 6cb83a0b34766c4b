import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import { SamepointError } from '../errors/index.ts';
import { createLogger, createMetricsApp } from '../http/index.ts';
import { createMetrics } from '../metrics/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { startWorker } from '../work/index.ts';
import type { QueueSettings } from '../work/index.ts';
import { openMetrics } from './measuring.ts';
import { openModules } from './modules.ts';
import { openDefaultModel } from './openDefaultModel.ts';
import { probesOf, workHandler } from './pacs.ts';
import { createReadiness, watchEmbedder } from './readiness.ts';
import { queueProbe, queueSettings, storeProbe } from './shared.ts';
import { listenForMetrics, OpenParts } from './startServer.ts';
import { VERSION } from './version.ts';

/** A worker that runs. */
export interface RunningWorkerProcess {
  /** Gives the work back that is not done, and ends. */
  close(): Promise<void>;
}

function requireQueue(config: Config): QueueSettings {
  const settings = queueSettings(config);
  if (settings !== undefined) return settings;
  const problems = ['queue.redis (or SAMEPOINT_QUEUE_REDIS): is required: workers get their work from there'];
  throw new SamepointError('config/invalid', { problems });
}

/** What the parts of a worker report to, and what ends them. */
interface Surroundings {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly parts: OpenParts;
  readonly shutdown: AbortSignal;
}

/** Serves metrics and readiness, where they have a port. */
async function listen(
  readiness: ReturnType<typeof createReadiness>,
  { config, logger, metrics, parts }: Surroundings,
): Promise<void> {
  const { host } = config.metrics;
  const { allowedHosts } = config.http;
  const app = createMetricsApp({ metrics, readiness, logger, host, allowedHosts });
  const server = await listenForMetrics(config, app);
  if (server !== undefined) parts.add(() => server.close(0));
}

async function open(settings: QueueSettings, surroundings: Surroundings): Promise<void> {
  const { config, logger, metrics, parts, shutdown } = surroundings;
  const opened = await openModules(config, logger, 'owner', metrics);
  parts.add(() => opened.close());
  const isInstalled = opened.models.models.length > 0;
  const { embedder, state } = watchEmbedder(opened.embedder, isInstalled, config.models.default);
  const modules = { ...opened, embedder };
  const { interactiveSlots: interactive, backgroundSlots: background } = config.queue;
  const worker = await startWorker({
    ...{ settings, logger, slots: { interactive, background } },
    handler: workHandler(config, modules, logger, metrics),
    onBegin: metrics.workBegun,
    ...(metrics.withinWork && { within: metrics.withinWork }),
    onEnd: (urgency, code) => {
      metrics.workEnded(urgency, code === undefined ? 'done' : 'failed');
    },
  });
  parts.add(() => worker.close());
  const readiness = createReadiness({
    ...{ shutdown, model: state, sources: probesOf(config), monotonic: () => performance.now() },
    shared: [queueProbe(worker.isReachable), storeProbe(modules.storeProblem)],
  });
  await listen(readiness, surroundings);
  openDefaultModel(modules, surroundings);
  logger.info({ version: VERSION, interactive, background }, 'Samepoint works');
}

/**
 * Starts a worker. It reads the PACS with the credentials of the callers and embeds; it serves nothing but its metrics and readiness,
 * where `metrics.port` is set.
 * @throws SamepointError `config/invalid`, and errors of `embedding/` and `store/`
 */
export async function startWorkerProcess(
  config: Config,
  options: { readonly logger?: Logger } = {},
): Promise<RunningWorkerProcess> {
  const settings = requireQueue(config);
  const logger = options.logger ?? createLogger(config.log);
  const parts = new OpenParts();
  const shutdown = new AbortController();
  try {
    const metrics = (await openMetrics(config, parts)) ?? createMetrics();
    await open(settings, { config, logger, metrics, parts, shutdown: shutdown.signal });
  } catch (error) {
    await parts.close();
    throw error;
  }
  return {
    async close() {
      shutdown.abort();
      await parts.close();
      logger.info({}, 'Samepoint has stopped');
    },
  };
}
