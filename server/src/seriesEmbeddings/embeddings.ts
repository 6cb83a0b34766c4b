/**
 * From a series that the PACS has granted to its embedding: from the cache, or fetched and computed. Callers who want the
 * same embedding share one computation. Two series are on their way at a time, because a pair is compared and each holds a
 * whole volume; how many of them are embedded at a time is for the embedder to know. Callers are served in turns, a pair each.
 * @module
 */
import type { Embedding, PreviewImage } from '../embedding/index.ts';
import type { EmbeddingKey } from '../embeddingCache/index.ts';
import type { Model } from '../model/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';
import type { Volume } from '../volume/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { isOfGranted, patientDigest, shareOf } from '../access/index.ts';
import type { Caller, GrantedSeries } from '../access/index.ts';
import { ContentChecks } from './contentCheck.ts';
import { withVolumeMemory, createInProcessQueue } from '../admission/index.ts';
import type { Ports } from '../ports/index.ts';
import { FETCH_SHARE, readSeries } from './readSeries.ts';
import { SingleFlight } from '../concurrency/index.ts';
import type { Urgency, WorkQueue, EmbeddingRequest } from '../work/index.ts';
import type { Load, Progress, RunOptions } from './types.ts';
import { hearPreview } from './hearPreview.ts';
import { digestOf } from '../work/index.ts';

/** The `Retry-After` of a refused caller: about the time of one embedding on a CPU, s. */
const RETRY_AFTER_S = 30;
/** Answers of the PACS that concern one caller's credentials only. */
const CREDENTIAL_STATUS: ReadonlySet<number> = new Set([401, 403]);

/** The work of an embedding as the queue knows it. */
type EmbeddingOrder = Parameters<WorkQueue['join']>[0];

/** Limits of {@link createEmbeddings}. */
export interface EmbeddingLimits {
  /** Series that may wait; those on their way are not counted. */
  readonly queueLimit: number;
  /** ... of them those of one caller; as many as `queueLimit` where absent. */
  readonly queueLimitPerCaller?: number | undefined;
  /** For how long it is relied on that the PACS still holds the images of an embedding, ms; each time where absent. */
  readonly contentValidForMs?: number;
  /** Volumes in memory at a time, where this process computes; those of one pair where absent. */
  readonly volumesAtOnce?: number | undefined;
  /** Called when the PACS lists or holds something else than was read: lists that are remembered are out of date. */
  readonly onChange?: (series: SeriesRef) => void;
}

/** How a plan is run. */
interface EmbeddingPlanOptions extends RunOptions {
  /** Called when the images are read, before they are embedded. */
  readonly onPreviewImage?: ((previewImage: PreviewImage) => void) | undefined;
  /** A reader waits where absent. */
  readonly urgency?: Urgency | undefined;
}

/** An admitted request to embed a series. */
export interface EmbeddingPlan {
  readonly key: EmbeddingKey;
  /** True when the embedding is at hand; then there will be no progress and no preview image. */
  readonly ready: boolean;
  /** True where an embedding was at hand until the PACS turned out to hold other images: its list has to be requested again. */
  readonly isOutdated: boolean;
  run(options?: EmbeddingPlanOptions): Promise<Embedding>;
}

/** An embedding at hand whose images are being compared with those of the PACS. Nothing of it is sent before `holds`. */
export interface Candidate {
  readonly key: EmbeddingKey;
  readonly embedding: Embedding;
  /** False where the PACS holds other images; then the embedding is gone from the cache. */
  readonly holds: Promise<boolean>;
  /** True as soon as the PACS has sent an image of the series to the caller; false where this check requests none. */
  readonly isRetrieved: Promise<boolean>;
}

/** What a computation reports to the callers that wait for it. */
type News = Progress | { readonly previewImage: PreviewImage };

/** Embeddings of granted series. */
export interface Embeddings {
  /** Series that wait, and that are in work. */
  readonly load: Load;
  /**
   * Whether the embedding is at hand, and how to get it.
   * @param begun what {@link candidate} has given for this request.
   * @throws SamepointError `http/busy` when it is not and too many are waiting, `application/identity-mismatch`, and those of
   * `dicomweb/` when the PACS does not show the images.
   */
  plan(granted: GrantedSeries, model: Model, caller: Caller, begun?: Candidate): Promise<EmbeddingPlan>;
  /** The embedding at hand, while it is being checked; undefined where there is none. */
  candidate(
    granted: GrantedSeries,
    model: Model,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Candidate | undefined>;
}

/** Errors that say that what was listed is not what is there. */
const OUT_OF_DATE = new Set<string>([
  'application/identity-mismatch',
  'application/series-incomplete',
  'application/series-changed',
]);

class EmbeddingService implements Embeddings {
  readonly #ports: Ports;
  readonly #limits: EmbeddingLimits;
  readonly #queue: WorkQueue;
  readonly #flights = new SingleFlight<Embedding, News>();
  readonly #checks: ContentChecks;
  /** Of the grants that are remembered: the key of thousands of instances costs as much as a small answer. */
  readonly #keys = new WeakMap<GrantedSeries, Map<Model, EmbeddingKey>>();
  /** Of the series on their way whose images are read: for callers who join late. */
  readonly #previewImages = new Map<EmbeddingKey, PreviewImage>();

  constructor(ports: Ports, limits: EmbeddingLimits) {
    this.#ports = ports;
    this.#limits = limits;
    this.#queue = ports.work ?? createInProcessQueue(limits.volumesAtOnce);
    this.#checks = new ContentChecks(ports, limits.contentValidForMs ?? 0);
  }

  get load(): Load {
    return this.#queue.load;
  }

  async plan(
    granted: GrantedSeries,
    model: Model,
    caller: Caller,
    begun?: Candidate,
  ): Promise<EmbeddingPlan> {
    const key = this.#keyOf(granted, model);
    const candidate = begun?.key === key ? begun : await this.candidate(granted, model, caller);
    if (candidate !== undefined && (await candidate.holds)) {
      const { embedding } = candidate;
      return { key, ready: true, isOutdated: false, run: () => Promise.resolve(embedding) };
    }
    this.#requireCapacity(key, caller);
    return {
      key,
      ready: false,
      isOutdated: candidate !== undefined,
      run: (options = {}) => this.#fly(key, granted, model, caller, options),
    };
  }

  async candidate(
    granted: GrantedSeries,
    model: Model,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Candidate | undefined> {
    const key = this.#keyOf(granted, model);
    const embedding = await this.#ports.cache.get(key);
    if (embedding === undefined) return undefined;
    if (!isOfGranted(embedding, granted)) {
      this.#ports.logger.error(
        {},
        'the cache held an embedding of another series under this name; it was removed',
      );
      await this.#ports.cache.drop(key, embedding);
      return undefined;
    }
    const remove = async (): Promise<void> => {
      this.#limits.onChange?.(granted.series);
      this.#ports.logger.warn(
        {},
        'the PACS holds other images under the same UIDs; their embedding was removed',
      );
      await this.#ports.cache.drop(key, embedding);
    };
    const retrieved = Promise.withResolvers<boolean>();
    const onRetrieved = (): void => {
      retrieved.resolve(true);
    };
    const check = async (): Promise<boolean> => {
      const request = { granted, embedding, caller, signal, onRetrieved };
      const isSame = await this.#checks.holds(request, () => void remove());
      if (!isSame) await remove();
      return isSame;
    };
    const holds = this.#reporting(granted, check);
    // Possibly no caller ever reads it.
    holds
      .catch(() => undefined)
      .finally(() => {
        retrieved.resolve(false);
      });
    return { key, embedding, holds, isRetrieved: retrieved.promise };
  }

  /** Reports in the log, and to those who remember lists, that the PACS sent something else than was requested. */
  async #reporting<T>({ series }: GrantedSeries, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isSamepointError(error) && OUT_OF_DATE.has(error.code)) this.#limits.onChange?.(series);
      if (isSamepointError(error, 'application/identity-mismatch'))
        this.#ports.logger.error(
          { attribute: error.fields.attribute },
          'the PACS sent images of another study, series or patient than was requested; nothing of them was kept',
        );
      throw error;
    }
  }

  #keyOf(granted: GrantedSeries, model: Model): EmbeddingKey {
    const ofSeries = this.#keys.get(granted) ?? new Map<Model, EmbeddingKey>();
    this.#keys.set(granted, ofSeries);
    const { series, sopInstanceUids } = granted;
    const patient = patientDigest(granted);
    const keyed = { ...series, sopInstanceUids, ...(patient === undefined ? {} : { patient }) };
    const key = ofSeries.get(model) ?? this.#ports.modules.embeddingKey(keyed, model);
    ofSeries.set(model, key);
    return key;
  }

  /** A caller that joins a running computation needs no place. */
  #requireCapacity(key: string, caller: Caller): void {
    if (this.#flights.has(key)) return;
    const { queueLimit, queueLimitPerCaller: share = queueLimit } = this.#limits;
    const own = this.#queue.waitingOf(shareOf(caller));
    const waiting = own >= share ? own : this.#queue.waiting(share);
    if (own >= share || waiting >= queueLimit) {
      throw new SamepointError('http/busy', { waiting, retryAfterS: RETRY_AFTER_S });
    }
  }

  /** Joins the flight, or leads it. A leader whose credentials fail must not fail the others: they try their own. */
  async #fly(
    key: EmbeddingKey,
    granted: GrantedSeries,
    model: Model,
    caller: Caller,
    options: EmbeddingPlanOptions,
  ): Promise<Embedding> {
    const { signal, onProgress, onPreviewImage } = options;
    const onNews = (news: News): void => {
      if ('previewImage' in news) onPreviewImage?.(news.previewImage);
      else onProgress?.(news);
    };
    const early = this.#previewImages.get(key);
    if (early !== undefined) onPreviewImage?.(early);
    const order = {
      ...{ kind: 'embedding' as const, key, share: shareOf(caller), source: granted.series.source },
      urgency: options.urgency ?? 'interactive',
    };
    this.#queue.join(order);
    for (;;) {
      const role = { leads: false };
      try {
        return await this.#flights.join(
          key,
          (signal, report) => {
            role.leads = true;
            return this.#order(order, key, granted, model, caller, signal, report);
          },
          { signal, onProgress: onNews },
        );
      } catch (error) {
        const concernsLeader = isSamepointError(error) && CREDENTIAL_STATUS.has(error.status);
        if (role.leads || !concernsLeader) throw error;
      }
    }
  }

  /** Has the embedding made where the queue says: here, or by another process, which puts it into the store. */
  async #order(
    order: EmbeddingOrder,
    key: EmbeddingKey,
    granted: GrantedSeries,
    model: Model,
    caller: Caller,
    signal: AbortSignal,
    report: (news: News) => void,
  ): Promise<Embedding> {
    const { series, sopInstanceUids } = granted;
    const [{ authorization }, instances] = [caller, digestOf(sopInstanceUids)];
    const request: EmbeddingRequest = { series, model: model.id, instances, caller: { authorization } };
    const compute = (): Promise<Embedding> =>
      withVolumeMemory(this.#ports.memory, sopInstanceUids.length, signal, (onSize) =>
        this.#compute(key, granted, model, caller, signal, report, onSize),
      );
    const fetch = async (): Promise<Embedding | undefined> => {
      const found = await this.#ports.cache.get(key);
      return found !== undefined && isOfGranted(found, granted) ? found : undefined;
    };
    const over = new AbortController();
    const onPreviewImage = (previewImage: PreviewImage): void => {
      this.#previewImages.set(key, previewImage);
      report({ previewImage });
    };
    try {
      const hearing = hearPreview(this.#ports.cache, granted, {
        key,
        report,
        over: over.signal,
        onPreviewImage,
      });
      const steps = { compute, fetch, report: hearing };
      return await this.#queue.run({ ...order, request }, steps, signal);
    } catch (error) {
      if (isSamepointError(error) && OUT_OF_DATE.has(error.code)) this.#limits.onChange?.(series);
      throw error;
    } finally {
      over.abort();
      this.#previewImages.delete(key);
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
    const { volume, received } = await this.#reporting(granted, () =>
      readSeries(this.#ports, granted, model, caller, { signal, report, onSize }),
    );
    const readAt = this.#ports.monotonic();
    report({ stage: 'embed', fraction: FETCH_SHARE, message: 'Analysing the images' });
    const onProgress = ({ fraction }: { readonly fraction: number }): void => {
      const overall = FETCH_SHARE + (1 - FETCH_SHARE) * fraction;
      report({ stage: 'embed', fraction: overall, message: 'Analysing the images' });
    };
    await this.#show(key, volume, signal, report);
    // No other work needs the voxels: their memory is given back long before the embedding is there.
    const options = { signal, onProgress, transferVoxels: true };
    const made = await this.#ports.embedder.embed(volume, model.id, options);
    const embedding = { ...made, origin: received.origin(volume.instances ?? []) };
    this.#checks.justRead(embedding, readAt);
    // A series that grew since it was listed would be found again under the name of the smaller one.
    if (received.isAsListed) this.#keep(key, embedding);
    return embedding;
  }

  async #show(
    key: EmbeddingKey,
    volume: Volume,
    signal: AbortSignal,
    report: (news: News) => void,
  ): Promise<void> {
    const previewImage = await this.#ports.modules.previewImageOf(volume, signal);
    this.#previewImages.set(key, previewImage);
    report({ previewImage });
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

/** Embeddings over the given ports. */
export function createEmbeddings(ports: Ports, limits: EmbeddingLimits): Embeddings {
  return new EmbeddingService(ports, limits);
}
