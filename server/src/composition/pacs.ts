import { readFileSync } from 'node:fs';
import { createSources, ONLY_SOURCE } from '../access/index.ts';
import type { Caller, Logger, Sources } from '../access/index.ts';
import { createSamepoint, createWorkHandler } from '../application/index.ts';
import type { Ports } from '../ports/index.ts';
import type { Samepoint, SamepointOptions } from '../application/index.ts';
import { configuredSources } from '../config/index.ts';
import type { Config, ConfiguredSource, PacsRoots } from '../config/index.ts';
import { createDicomwebClient, createPacsFetch } from '../dicomweb/index.ts';
import { reachabilityOf, routedSource, withCircuit, withRules } from '../pacsRoutes/index.ts';
import type { DicomwebSource } from '../dicomweb/index.ts';
import { SamepointError } from '../errors/index.ts';
import { measuredSource } from '../metrics/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { OpenModules } from './modules.ts';
import type { SourceProbe } from './readiness.ts';
import { VERSION } from './version.ts';
import type { WorkHandler } from '../work/index.ts';

/** A load balancer waits about as long for an answer, ms. */
const PROBE_TIMEOUT_MS = 5_000;

/** `fetch` towards one PACS. @throws SamepointError `config/invalid` where its certificates cannot be read */
export function fetchOf({ section, settings: { caFile } }: ConfiguredSource): typeof globalThis.fetch {
  if (caFile === undefined) return createPacsFetch();
  try {
    return createPacsFetch({ ca: readFileSync(caFile, 'utf8') });
  } catch (cause) {
    const { code = 'unreadable' } = cause as NodeJS.ErrnoException;
    throw new SamepointError('config/invalid', { problems: [`${section}.caFile: ${code}`] }, { cause });
  }
}

/** Looks for readiness. The embedded archive is this server itself. */
export function probesOf(config: Config): readonly SourceProbe[] {
  return configuredSources(config).map((source) => {
    const { authorization } = source.settings;
    const options = { authorization, timeoutMs: PROBE_TIMEOUT_MS, fetch: fetchOf(source) };
    return {
      name: source.name,
      probe: async () => (await reachabilityOf(source.roots.qidoRoot, options)).isReachable,
    };
  });
}

/** The client of a PACS. */
function clientOf({ settings, roots }: ConfiguredSource, fetch: typeof globalThis.fetch): DicomwebSource {
  const { authorization, timeoutMs, minBytesPerSecond, seriesTimeoutMs, retries, maxSeriesBytes } = settings;
  return createDicomwebClient({
    ...{ timeoutMs, minBytesPerSecond, seriesTimeoutMs, retries, maxSeriesBytes },
    ...roots,
    root: roots.wadoRoot,
    fetch,
    ...(authorization === undefined ? {} : { authorization }),
  });
}

/** One of several PACS: under its rules, and behind a circuit of its own. */
function namedClient(source: ConfiguredSource): DicomwebSource {
  const client = withRules(clientOf(source, fetchOf(source)), source);
  return withCircuit(client, { monotonic: () => performance.now() });
}

/** The PACS of an application: all by their names, and as one to which references say where they belong. */
export interface OpenSources {
  readonly source: DicomwebSource;
  readonly sources: Sources;
}

/** The embedded archive of this server as the one PACS. */
function archiveSource({ dicomweb }: Config, own: PacsRoots): ConfiguredSource {
  const rest = { forwardAuthorization: true, ohifDataSources: [] };
  return { name: ONLY_SOURCE, section: 'dicomweb', roots: own, settings: dicomweb, ...rest };
}

/** The configured PACS, or the embedded archive. */
export function sourcesOf(config: Config, own?: PacsRoots): readonly ConfiguredSource[] {
  const configured = configuredSources(config);
  return configured.length === 0 && own !== undefined ? [archiveSource(config, own)] : configured;
}

/**
 * Clients of the configured PACS.
 * @param own roots of the embedded archive, the PACS where no other one is configured
 * @throws SamepointError `config/invalid` where there is no PACS, or its certificates cannot be read
 */
export function openSources(config: Config, own?: PacsRoots, metrics?: Metrics): OpenSources {
  const all = sourcesOf(config, own);
  if (all.length === 0) {
    throw new SamepointError('config/invalid', {
      problems: ['dicomweb.root (or SAMEPOINT_DICOMWEB_ROOT): is required to read series of a PACS'],
    });
  }
  const isOne = config.sources === undefined;
  const sources = createSources(
    all.map((one) => {
      const client = isOne ? clientOf(one, fetchOf(one)) : namedClient(one);
      const { name, ohifDataSources } = one;
      const measured = metrics === undefined ? client : measuredSource(client, name, metrics);
      return { name, ohifDataSources, client: measured };
    }),
  );
  return { sources, source: routedSource((name) => sources.client(name)) };
}

/** The application's ports over the PACS of the configuration, for what runs without viewers. */
function portsOf(
  config: Config,
  { models, embedder, cache, memory, modules }: OpenModules,
  logger: Logger,
  metrics?: Metrics,
): Ports {
  return {
    ...openSources(config, undefined, metrics),
    ...{ models, embedder, cache, memory, modules, logger },
    // The trail is that of the server and its users; whoever may run commands on this machine reads the PACS with its rights.
    audit: { record: () => undefined, problem: undefined },
    clock: Date.now,
    monotonic: () => performance.now(),
  };
}

function optionsOf({ embedding, access, models }: Config): SamepointOptions {
  const { queueLimit } = embedding;
  return { version: VERSION, queueLimit, memoMs: access.memoMs, defaultModel: models.default };
}

/**
 * Samepoint over the PACS of the configuration, with the configuration's own credentials.
 * @throws SamepointError `config/invalid` without dicomweb.root: an embedded archive only runs inside a server.
 */
export function connect(
  config: Config,
  open: OpenModules,
  logger: Logger,
): { readonly samepoint: Samepoint; readonly caller: Caller } {
  return { samepoint: createSamepoint(portsOf(config, open, logger), optionsOf(config)), caller: {} };
}

/**
 * What a worker does with orders, over the PACS of the configuration. The server that gives an order has audited it.
 * @throws SamepointError `config/invalid` without dicomweb.root
 */
export function workHandler(
  config: Config,
  open: OpenModules,
  logger: Logger,
  metrics?: Metrics,
): WorkHandler {
  const { interactiveSlots, backgroundSlots } = config.queue;
  const volumesAtOnce = interactiveSlots + backgroundSlots;
  // What Redis gives to this worker waits nowhere else.
  const options = { ...optionsOf(config), queueLimit: Number.MAX_SAFE_INTEGER, volumesAtOnce };
  return createWorkHandler(portsOf(config, open, logger, metrics), options);
}
