import { createSamepoint } from '../application/index.ts';
import type { Caller, Logger, Samepoint } from '../application/index.ts';
import { pacsRoots } from '../config/index.ts';
import type { Config, PacsRoots } from '../config/index.ts';
import { createDicomwebClient, reachabilityOf } from '../dicomweb/index.ts';
import type { DicomwebSource } from '../dicomweb/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { OpenModules } from './modules.ts';
import type { SourceProbe } from './readiness.ts';
import { VERSION } from './version.ts';

/** The name of the PACS of the section `dicomweb`. */
export const DEFAULT_SOURCE = 'default';
/** A load balancer waits about as long for an answer, ms. */
const PROBE_TIMEOUT_MS = 5_000;

/** Looks for readiness. The embedded archive is this server itself. */
export function probesOf({ dicomweb }: Config): readonly SourceProbe[] {
  const roots = pacsRoots(dicomweb);
  if (roots === undefined) return [];
  const { authorization } = dicomweb;
  const probe = async (): Promise<boolean> => {
    const options = { authorization, timeoutMs: PROBE_TIMEOUT_MS };
    return (await reachabilityOf(roots.qidoRoot, options)).isReachable;
  };
  return [{ name: DEFAULT_SOURCE, probe }];
}

/** The client of a PACS whose roots are known. */
export function clientOf({ dicomweb }: Config, roots: PacsRoots): DicomwebSource {
  const { authorization, timeoutMs, minBytesPerSecond, seriesTimeoutMs, retries, maxSeriesBytes } = dicomweb;
  return createDicomwebClient({
    ...{ timeoutMs, minBytesPerSecond, seriesTimeoutMs, retries, maxSeriesBytes },
    ...roots,
    root: roots.wadoRoot,
    ...(authorization === undefined ? {} : { authorization }),
  });
}

/**
 * Samepoint over the PACS of the configuration, with the configuration's own credentials.
 * @throws SamepointError `config/invalid` without dicomweb.root: an embedded archive only runs inside a server.
 */
export function connect(
  config: Config,
  { models, embedder, cache, memory, modules }: OpenModules,
  logger: Logger,
): { readonly samepoint: Samepoint; readonly caller: Caller } {
  const roots = pacsRoots(config.dicomweb);
  if (roots === undefined) {
    throw new SamepointError('config/invalid', {
      problems: ['dicomweb.root (or SAMEPOINT_DICOMWEB_ROOT): is required to read series of a PACS'],
    });
  }
  const source = clientOf(config, roots);
  const samepoint = createSamepoint(
    {
      source,
      models,
      embedder,
      cache,
      memory,
      modules,
      logger,
      // The trail is that of the server and its users; whoever may run commands on this machine reads the PACS with its rights.
      audit: { record: () => undefined, problem: undefined },
      clock: Date.now,
      monotonic: () => performance.now(),
    },
    {
      version: VERSION,
      queueLimit: config.embedding.queueLimit,
      memoMs: config.access.memoMs,
      defaultModel: config.models.default,
    },
  );
  return { samepoint, caller: {} };
}
