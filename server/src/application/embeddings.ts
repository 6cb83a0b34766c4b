/**
 * From a series that the PACS has granted to its embedding: from the cache, or fetched and computed. Callers who want the
 * same embedding share one computation. Two series are on their way at a time, because a pair is compared and each holds a
 * whole volume; how many of them are embedded at a time is for the embedder to know.
 * @module
 */
import PQueue from 'p-queue';
import type { Embedding, EmbeddingKey, Model, Thumbnail } from '../embedding/index.ts';
import type { Volume } from '../volume/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { requestOptions } from './access.ts';
import type { GrantedSeries } from './access.ts';
import { withVolumeMemory } from './memoryBudget.ts';
import type { Ports } from './ports.ts';
import { SingleFlight } from './singleFlight.ts';
import type { Caller, Progress, RunOptions } from './types.ts';

/** Share of the fetch in the progress of one series; measured on a chest CT: about a third of the time on a CPU. */
const FETCH_SHARE = 0.3;
/** What a refused caller is told to wait: about the time of one embedding on a CPU, s. */
const RETRY_AFTER_S = 30;
/** Answers of the PACS that concern one caller's credentials and nobody else's. */
const CREDENTIAL_STATUS: ReadonlySet<number> = new Set([401, 403]);

/** Volumes in memory at a time: those of one pair. */
const VOLUMES_AT_ONCE = 2;

/** Limits of {@link createEmbeddings}. */
export interface EmbeddingLimits {
  /** Series that may wait; those on their way are not counted. */
  readonly queueLimit: number;
}

/** How the preparation of a series is followed. */
export interface PreparationOptions extends RunOptions {
  /** Called when the images are read, before they are embedded. */
  readonly onThumbnail?: ((thumbnail: Thumbnail) => void) | undefined;
}

/** An admitted preparation of a series. */
export interface Preparation {
  /** True when the embedding is at hand; then there will be no progress and no thumbnail. */
  readonly ready: boolean;
  run(options?: PreparationOptions): Promise<Embedding>;
}

/** What a computation tells those who wait for it. */
type News = Progress | { readonly thumbnail: Thumbnail };

/** Embeddings of granted series. */
export interface Embeddings {
  /**
   * Whether the embedding is at hand, and how to get it.
   * @throws SamepointError `http/busy` when it is not and too many are waiting.
   */
  plan(granted: GrantedSeries, model: Model, caller: Caller): Promise<Preparation>;
}

/** Passes the instances on and counts them; a series that comes short is an error, never a smaller volume. */
async function* counted(
  instances: AsyncIterable<Uint8Array>,
  { series, sopInstanceUids }: GrantedSeries,
  onCount: (received: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  for await (const instance of instances) {
    onCount((received += 1));
    yield instance;
  }
  if (received < sopInstanceUids.length) {
    throw new SamepointError('application/series-incomplete', {
      seriesInstanceUid: series.seriesInstanceUid,
      listedInstances: sopInstanceUids.length,
      receivedInstances: received,
    });
  }
}

class EmbeddingService implements Embeddings {
  readonly #ports: Ports;
  readonly #limits: EmbeddingLimits;
  readonly #queue = new PQueue({ concurrency: VOLUMES_AT_ONCE });
  readonly #flights = new SingleFlight<Embedding, News>();
  /** Of the lists that are remembered: the key of thousands of instances costs as much as a small answer. */
  readonly #keys = new WeakMap<readonly string[], Map<Model, EmbeddingKey>>();
  /** Of the series on their way whose images are read: for callers who join late. */
  readonly #thumbnails = new Map<EmbeddingKey, Thumbnail>();

  constructor(ports: Ports, limits: EmbeddingLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  async plan(granted: GrantedSeries, model: Model, caller: Caller): Promise<Preparation> {
    const key = this.#keyOf(granted, model);
    const cached = await this.#ports.cache.get(key);
    if (cached !== undefined) return { ready: true, run: () => Promise.resolve(cached) };
    this.#requireRoom(key);
    return {
      ready: false,
      run: (options = {}) => this.#fly(key, granted, model, caller, options),
    };
  }

  #keyOf({ sopInstanceUids }: GrantedSeries, model: Model): EmbeddingKey {
    const ofSeries = this.#keys.get(sopInstanceUids) ?? new Map<Model, EmbeddingKey>();
    this.#keys.set(sopInstanceUids, ofSeries);
    const key = ofSeries.get(model) ?? this.#ports.rooms.embeddingKey(sopInstanceUids, model);
    ofSeries.set(model, key);
    return key;
  }

  #requireRoom(key: string): void {
    const waiting = this.#queue.size;
    if (!this.#flights.has(key) && waiting >= this.#limits.queueLimit) {
      throw new SamepointError('http/busy', { waiting, retryAfterS: RETRY_AFTER_S });
    }
  }

  /** Joins the flight, or leads it. A leader whose credentials fail must not fail the others: they try their own. */
  async #fly(
    key: EmbeddingKey,
    granted: GrantedSeries,
    model: Model,
    caller: Caller,
    options: PreparationOptions,
  ): Promise<Embedding> {
    const { signal, onProgress, onThumbnail } = options;
    const onNews = (news: News): void => {
      if ('thumbnail' in news) onThumbnail?.(news.thumbnail);
      else onProgress?.(news);
    };
    const early = this.#thumbnails.get(key);
    if (early !== undefined) onThumbnail?.(early);
    for (;;) {
      const role = { leads: false };
      try {
        return await this.#flights.join(
          key,
          (signal, report) => {
            role.leads = true;
            return whenIdle(this.#queue, signal, () =>
              withVolumeMemory(this.#ports.memory, granted.sopInstanceUids.length, signal, (onSize) =>
                this.#compute(key, granted, model, caller, signal, report, onSize),
              ),
            );
          },
          { signal, onProgress: onNews },
        );
      } catch (error) {
        const concernsLeader = isSamepointError(error) && CREDENTIAL_STATUS.has(error.status);
        if (role.leads || !concernsLeader) throw error;
      }
    }
  }

  async #compute(
    key: EmbeddingKey,
    granted: GrantedSeries,
    model: Model,
    caller: Caller,
    signal: AbortSignal,
    report: (news: News) => void,
    onSize: (bytes: number) => void,
  ): Promise<Embedding> {
    const { volume, received } = await this.#read(granted, caller, signal, report, onSize);
    report({ stage: 'embed', fraction: FETCH_SHARE, message: 'Analysing the images' });
    const onProgress = ({ fraction }: { readonly fraction: number }): void => {
      const overall = FETCH_SHARE + (1 - FETCH_SHARE) * fraction;
      report({ stage: 'embed', fraction: overall, message: 'Analysing the images' });
    };
    try {
      await this.#show(key, volume, signal, report);
      // Nobody else needs the voxels: their memory is given back long before the embedding is there.
      const options = { signal, onProgress, takeVoxels: true };
      const embedding = await this.#ports.embedder.embed(volume, model.id, options);
      // A series that grew since it was listed would be found again under the name of the smaller one.
      if (received === granted.sopInstanceUids.length) this.#keep(key, embedding);
      return embedding;
    } finally {
      this.#thumbnails.delete(key);
    }
  }

  async #show(
    key: EmbeddingKey,
    volume: Volume,
    signal: AbortSignal,
    report: (news: News) => void,
  ): Promise<void> {
    const thumbnail = await this.#ports.rooms.thumbnailOf(volume, signal);
    this.#thumbnails.set(key, thumbnail);
    report({ thumbnail });
  }

  async #read(
    granted: GrantedSeries,
    caller: Caller,
    signal: AbortSignal,
    report: (news: News) => void,
    onSize: (bytes: number) => void,
  ): Promise<{ readonly volume: Volume; readonly received: number }> {
    const { source, rooms } = this.#ports;
    const listed = granted.sopInstanceUids.length;
    let received = 0;
    report({ stage: 'fetch', fraction: 0, message: 'Asking the PACS for the images' });
    const instances = source.retrieveSeries(granted.series, requestOptions(caller, signal));
    const onCount = (count: number): void => {
      received = count;
      const fraction = FETCH_SHARE * Math.min(1, count / listed);
      report({ stage: 'fetch', fraction, message: `Reading image ${count} of ${Math.max(count, listed)}` });
    };
    const volume = await rooms.readVolume(counted(instances, granted, onCount), {
      signal,
      expectedInstances: listed,
      takeInstances: true,
      onSize,
    });
    return { volume, received };
  }

  /** In memory at once, on disk when it is written: no reader waits for that, and a full disk costs the next one some time. */
  #keep(key: EmbeddingKey, embedding: Embedding): void {
    const { cache, logger } = this.#ports;
    const warn = (err: unknown): void => {
      logger.warn({ err }, 'an embedding could not be kept on disk');
    };
    cache.put(key, embedding).then((outcome) => {
      if (!outcome.stored) warn(outcome.warning);
    }, warn);
  }
}

/** Runs when the queue has room. An aborted computation keeps its turn until it has really ended and freed its memory. */
function whenIdle<T>(queue: PQueue, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const leave = (): void => {
    waiting.abort(signal.reason);
  };
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  return queue.add(
    () => {
      signal.removeEventListener('abort', leave);
      return work();
    },
    { signal: waiting.signal },
  );
}

/** Embeddings over the given ports. */
export function createEmbeddings(ports: Ports, limits: EmbeddingLimits): Embeddings {
  return new EmbeddingService(ports, limits);
}
