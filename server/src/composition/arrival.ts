/**
 * Studies that are precomputed before a reader opens them, with credentials of this server itself.
 * @module
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { MissingSeries, Sources } from '../access/index.ts';
import type { Samepoint } from '../application/index.ts';
import { dayOf, stateFile, watchArrivals } from '../arrival/index.ts';
import type { Arrivals, OpenDuty, WatchedSource } from '../arrival/index.ts';
import { createOwnCredentials } from '../auth/index.ts';
import type { Config, ConfiguredSource } from '../config/index.ts';
import { createPacsFetch } from '../dicomweb/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { OpenModules } from './modules.ts';
import { fetchOf } from './pacs.ts';

/** What the arrivals are made of. */
export interface ArrivalParts {
  readonly config: Config;
  readonly configured: readonly ConfiguredSource[];
  readonly sources: Sources;
  readonly samepoint: Samepoint;
  readonly open: Pick<OpenModules, 'dropOf'>;
  /** Where other servers could watch, too. */
  readonly openDuty: OpenDuty | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
}

/** The Authorization header of work that no reader has requested. No request of a reader is made with it. */
export function backgroundAuthorization({ background }: Config): () => Promise<string | undefined> {
  const { authorization, issuer, clientId, clientSecret, scope, resource } = background;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined)
    return () => Promise.resolve(authorization);
  return createOwnCredentials({
    ...{ issuer, clientId, clientSecret, scope, resource },
    fetch: createPacsFetch(),
    monotonic: () => performance.now(),
  });
}

/** Orthanc gets the credentials that its DICOMweb gets. */
export function orthancOf(source: ConfiguredSource): WatchedSource['orthanc'] {
  const { settings, forwardAuthorization } = source;
  const { orthancRoot: root, authorization } = settings;
  if (root === undefined) return undefined;
  const authorizationFor = (own: string | undefined): string | undefined =>
    forwardAuthorization ? (own ?? authorization) : authorization;
  return { root, fetch: fetchOf(source), authorizationFor };
}

function watchedOf(
  source: ConfiguredSource,
  { config, sources, openDuty, logger }: ArrivalParts,
): readonly WatchedSource[] {
  const { name } = source;
  const { arrival: by } = source.settings;
  if (by === 'none') return [];
  const onDamaged = (): void => {
    logger.error(
      { source: name },
      'the state of the arrivals is damaged: the studies of the last days count as new',
    );
  };
  const file = join(config.arrival.directory, `${name}.json`);
  const state = stateFile(file, onDamaged, () => dayOf(Date.now()));
  const orthanc = by === 'orthanc' ? orthancOf(source) : undefined;
  const client = sources.client(sources.canonical(name));
  const duty = openDuty?.({ source: name, file: state });
  return [{ name, client, by, orthanc, state: duty?.state ?? state, duty }];
}

/** Watches the PACS that the configuration names for it; undefined where it names none. */
export function openArrivals(parts: ArrivalParts): Arrivals | undefined {
  const { config, configured, samepoint, open, logger, metrics } = parts;
  const watched = configured.flatMap((source) => watchedOf(source, parts));
  if (watched.length === 0) return undefined;
  const { rules, pollMs, settleMs, lookbackDays, studiesAtOnce, maxPending } = config.arrival;
  const arrivals = watchArrivals(watched, {
    ...{ samepoint, rules, studiesAtOnce, maxPending, logger },
    times: { pollMs, settleMs, lookbackDays },
    authorization: backgroundAuthorization(config),
    drop: open.dropOf,
    clock: Date.now,
    ...(metrics && { onOutcome: metrics.arrivals }),
  });
  metrics?.watchArrivals(() => arrivals.statuses);
  return arrivals;
}

/** True where some PACS is watched, here or, with the same configuration, by another server. */
export function precomputes(configured: readonly ConfiguredSource[]): boolean {
  return configured.some(({ settings }) => settings.arrival !== 'none');
}

/**
 * What a series that the PACS does not hold means. The credentials of a reader may be to blame, so this server looks itself where it can;
 * else it counts that the PACS has shown the series to the same reader before.
 */
export function onMissing(
  { series, wasGranted }: MissingSeries,
  arrivals: Arrivals | undefined,
  { dropOf }: Pick<OpenModules, 'dropOf'>,
): void {
  if (arrivals !== undefined) arrivals.suspect(series, series.source);
  else if (wasGranted) void dropOf(series);
}

/** Samepoint, which reports to the arrivals what readers open, and says in its health what is wrong with them. */
export function withArrivals(samepoint: Samepoint, arrivals: Arrivals | undefined): Samepoint {
  if (arrivals === undefined) return samepoint;
  return {
    ...samepoint,
    health() {
      const health = samepoint.health();
      const wrong = arrivals.statuses.flatMap(({ name, problem }) =>
        problem === undefined
          ? []
          : [
              {
                code: 'health/arrival-failing',
                message: `new studies of the PACS "${name}" are not precomputed: ${problem.message}`,
              },
            ],
      );
      return { ...health, warnings: [...health.warnings, ...wrong] };
    },
    async listPriors(...args) {
      const list = await samepoint.listPriors(...args);
      arrivals.opened(list.current.studyInstanceUid, list);
      return list;
    },
    async planEmbedding(...args) {
      const plan = await samepoint.planEmbedding(...args);
      for (const { studyInstanceUid } of plan.series) arrivals.opened(studyInstanceUid);
      return plan;
    },
  };
}
