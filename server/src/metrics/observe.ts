/**
 * The parts of the server, measured: each function gives a part that does the same and reports its duration. Nothing but durations,
 * names of the configuration and codes of errors is reported.
 * @module
 */
import type { Modules, Ports } from '../ports/index.ts';
import type { DicomwebSource } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { Metrics } from './metrics.ts';

const MS_PER_S = 1000;

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / MS_PER_S;
}

/** Codes of other modules are not those of a PACS: the caller has gone, or our own work has failed. */
function pacsCode(error: unknown): string | undefined {
  return isSamepointError(error) && error.code.startsWith('dicomweb/') ? error.code : undefined;
}

type Report = (seconds: number, error?: unknown) => void;

async function timed<T>(report: Report, work: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  try {
    const result = await work();
    report(secondsSince(startMs));
    return result;
  } catch (error) {
    report(secondsSince(startMs), error);
    throw error;
  }
}

/** Reports when the last part has come; a reader who stops early reports, too. */
async function* timedParts<T>(report: Report, parts: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const startMs = performance.now();
  let failure: unknown;
  try {
    yield* parts;
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    report(secondsSince(startMs), failure);
  }
}

/** A PACS whose operations are measured under the name that the configuration gives it. */
export function measuredSource(source: DicomwebSource, name: string, metrics: Metrics): DicomwebSource {
  const report =
    (operation: string): Report =>
    (seconds, error) => {
      metrics.pacs(name, operation, seconds, pacsCode(error));
    };
  const measured = <A extends unknown[], T>(operation: string, call: (...args: A) => Promise<T>) => {
    return (...args: A): Promise<T> => timed(report(operation), () => call(...args));
  };
  return {
    searchStudies: measured('search-studies', (...args) => source.searchStudies(...args)),
    searchSeries: measured('search-series', (...args) => source.searchSeries(...args)),
    searchInstances: measured('search-instances', (...args) => source.searchInstances(...args)),
    retrieveSeriesMetadata: measured('retrieve-metadata', (...args) =>
      source.retrieveSeriesMetadata(...args),
    ),
    retrieveInstanceMetadata: measured('retrieve-metadata', (...args) =>
      source.retrieveInstanceMetadata(...args),
    ),
    retrieveSeries: (...args) => timedParts(report('retrieve-series'), source.retrieveSeries(...args)),
    probeInstance: measured('probe-instance', (...args) => source.probeInstance(...args)),
    retrieveInstance: measured('retrieve-instance', (...args) => source.retrieveInstance(...args)),
    storeInstances: measured('store', (...args) => source.storeInstances(...args)),
  };
}

/** Passes parts on and adds up the time for which they were waited for. */
async function* waitedFor<T>(
  parts: AsyncIterable<T>,
  onWait: (ms: number) => void,
): AsyncGenerator<T, void, undefined> {
  let startMs = performance.now();
  for await (const part of parts) {
    onWait(performance.now() - startMs);
    yield part;
    startMs = performance.now();
  }
  onWait(performance.now() - startMs);
}

/**
 * Reading a series and matching, measured. A series is read while it comes: `fetch` is the time for which its next image was waited for,
 * `decode` the rest.
 */
export function measuredModules(modules: Modules, metrics: Metrics): Modules {
  return {
    ...modules,
    async readVolume(instances, options) {
      const startMs = performance.now();
      let waitedMs = 0;
      const parts = waitedFor(instances, (ms) => {
        waitedMs += ms;
      });
      const volume = await modules.readVolume(parts, options);
      metrics.stage('fetch', waitedMs / MS_PER_S);
      metrics.stage('decode', Math.max(0, secondsSince(startMs) - waitedMs / MS_PER_S));
      return volume;
    },
    matchPoints: (request) =>
      timed(
        (seconds, error) => {
          if (error === undefined) metrics.stage('match', seconds);
        },
        () => modules.matchPoints(request),
      ),
  };
}

/** The cache of embeddings, whose hits and misses are counted. */
export function measuredCache(cache: Ports['cache'], metrics: Metrics): Ports['cache'] {
  return {
    async get(key) {
      const found = await cache.get(key);
      metrics.cache(found === undefined ? 'miss' : 'hit');
      return found;
    },
    put: (key, embedding) => cache.put(key, embedding),
    drop: (key, embedding) => cache.drop(key, embedding),
    getField: (key) => cache.getField(key),
    putField: (key, bytes) => cache.putField(key, bytes),
    getPreview: (key) => cache.getPreview(key),
    putPreview: (key, image) => cache.putPreview(key, image),
    keyOf: (embedding) => cache.keyOf(embedding),
    persist: (key) => cache.persist(key),
    persistField: (key) => cache.persistField(key),
  };
}
