import type { RequestListener } from 'node:http';
import type { Router } from 'express';
import type { Logger } from 'pino';
import { createSamepoint } from '../application/index.ts';
import { JobStore } from '../jobs/index.ts';
import type { Samepoint } from '../application/index.ts';
import type { JobBoard, JobSnapshot } from '../jobs/index.ts';
import { createVerifier } from '../auth/index.ts';
import type { Verifier } from '../auth/index.ts';
import type { AuditTrail } from '../audit/index.ts';
import { configWarnings } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { createPacsFetch } from '../dicomweb/index.ts';
import { ARCHIVE_PATH, createApp, createMetricsApp } from '../http/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { OpenModules } from './modules.ts';
import { openSources, probesOf, sourcesOf } from './pacs.ts';
import { sharedProbes } from './shared.ts';
import { onMissing, openArrivals, withArrivals, precomputes } from './arrival.ts';
import type { Arrivals, OpenDuty } from '../arrival/index.ts';
import { createReadiness } from './readiness.ts';
import type { ModelState } from './readiness.ts';
import type { RemoteQueue } from '../work/index.ts';
import { VERSION } from './version.ts';

/** A router and where it lies, beside the API. */
export interface Mount {
  readonly path: string;
  readonly router: Router;
}

/** What an app is assembled of. */
export interface Assembly {
  readonly config: Config;
  readonly open: OpenModules;
  readonly url: string;
  readonly mounts: Mount[];
  readonly logger: Logger;
  readonly audit: AuditTrail;
  readonly metrics: Metrics | undefined;
  readonly shutdown: AbortSignal;
  /** Where other processes do the work. */
  readonly queue: RemoteQueue | undefined;
  /** Where other servers see the jobs of this one. */
  readonly board: JobBoard | undefined;
  /** What shares the watches of PACS with those servers. */
  readonly openDuty: OpenDuty | undefined;
  /** Pages of that queue. */
  readonly queuePages: Router | undefined;
}

function monotonic(): number {
  return performance.now();
}

/** The application, and what it does before it is requested. */
interface Application {
  readonly samepoint: Samepoint;
  readonly arrivals: Arrivals | undefined;
}

function applicationOf(assembly: Assembly): Application {
  const { config, open, url, logger, audit, metrics, queue, openDuty } = assembly;
  const { embedding, access } = config;
  const archive = `${url}${ARCHIVE_PATH}`;
  const own = { qidoRoot: archive, wadoRoot: archive, stowRoot: archive };
  const pacs = openSources(config, own, metrics);
  const configured = sourcesOf(config, own);
  const { models, embedder, cache, memory, modules } = open;
  const watch: { arrivals?: Arrivals | undefined } = {};
  const samepoint = createSamepoint(
    {
      ...pacs,
      ...{ models, embedder, cache, memory, modules, logger, audit, clock: Date.now, monotonic },
      ...(queue && { work: queue }),
      onMissing: (missing) => {
        onMissing(missing, watch.arrivals, open);
      },
    },
    {
      version: VERSION,
      queueLimit: embedding.queueLimit,
      queueLimitPerCaller: embedding.queueLimitPerCaller,
      memoMs: access.memoMs,
      precomputes: precomputes(configured),
      defaultModel: config.models.default,
    },
  );
  const { sources } = pacs;
  watch.arrivals = openArrivals({
    ...{ config, configured, sources, samepoint, open, openDuty, logger, metrics },
  });
  return { samepoint: withArrivals(samepoint, watch.arrivals), arrivals: watch.arrivals };
}

/** Verifies logins where the configuration names an identity provider. */
function verifierOf({ auth: { oidc } }: Config, logger: Logger): Verifier | undefined {
  if (oidc === undefined) return undefined;
  return createVerifier({
    ...oidc,
    audiences: oidc.audience,
    fetch: createPacsFetch(),
    clock: Date.now,
    monotonic,
    onKeysUnavailable: (reason) => {
      logger.error({ reason }, 'the keys of the identity provider cannot be used: no request is let in');
    },
  });
}

/** The app of the server, and that of the port of the metrics where they have one. */
export interface Assembled {
  readonly app: RequestListener;
  readonly metricsApp: RequestListener | undefined;
  readonly jobs: JobStore;
  readonly arrivals: Arrivals | undefined;
}

/** Puts the application behind HTTP. */
export function assemble(assembly: Assembly, model: () => ModelState): Assembled {
  const { config, open, mounts, logger, metrics, shutdown, queue, board, queuePages } = assembly;
  const { samepoint, arrivals } = applicationOf(assembly);
  const onFinished =
    metrics &&
    (({ kind, state }: Pick<JobSnapshot, 'kind' | 'state'>) => {
      metrics.jobFinished(kind, state);
    });
  const jobs = new JobStore(config.jobs, { monotonic, logger, ...(onFinished && { onFinished }) });
  metrics?.watch(() => ({
    load: samepoint.load(),
    jobs: jobs.counts(),
    executionProvider: open.embedder.executionProvider.running,
    freeBytes: open.memory.freeBytes,
  }));
  if (queue !== undefined) metrics?.watchQueue(() => queue.counts());
  const readiness = createReadiness({
    ...{ shutdown, model, sources: probesOf(config), monotonic },
    shared: sharedProbes(queue, open.storeProblem),
  });
  const warnings = configWarnings(config);
  const verifier = verifierOf(config, logger);
  const served = { samepoint, jobs, board, logger, config, shutdown, warnings, mounts };
  const { secret } = config.arrival;
  const reports = arrivals && { secret, report: arrivals.report.bind(arrivals) };
  const parts = { ...served, metrics, readiness, verifier, queuePages, arrivals: reports };
  const { host, enabled } = config.metrics;
  const { allowedHosts } = config.http;
  return {
    app: createApp(parts),
    jobs,
    arrivals,
    metricsApp:
      metrics && enabled ? createMetricsApp({ metrics, readiness, logger, host, allowedHosts }) : undefined,
  };
}
