/**
 * Registrations of pairs of series: made of both embeddings by one stage, and kept for a while, because each of their files is requested by
 * itself.
 * @module
 */
import { LRUCache } from 'lru-cache';
import type { Access, Caller } from '../../access/index.ts';
import { SingleFlight } from '../../concurrency/index.ts';
import type { Model } from '../../model/index.ts';
import type { Embeddings, Poses, RunOptions } from '../../seriesEmbeddings/index.ts';
import { contentOf } from '../../embedding/index.ts';
import { admitPair, embedAdmitted } from '../fields/planField.ts';
import type { Admitted, Pair } from '../fields/planField.ts';
import type { Ports } from '../../ports/index.ts';
import type { Plan } from '../types.ts';
import type { PairRegistration, PairRegistrationRequest, WarpOptions } from './types.ts';
import { sendWarped } from './warp.ts';

/** Registrations that are kept: of 10 to 40 MB each. */
const KEPT = 4;
/** Share of fetching and embedding in the progress. */
const EMBEDDING_SHARE = 0.5;

/** What registering needs of the rest of the application. */
export interface PairRegistrationParts extends Pick<Ports, 'source' | 'memory'> {
  readonly access: Access;
  readonly embeddings: Embeddings;
  readonly poses: Poses;
  readonly modules: Pick<Ports['modules'], 'registerPair' | 'readVolume' | 'warpSeries'>;
}

/** Registers pairs. Callers who want the same registration share one computation. */
export class PairRegistrations {
  readonly #kept = new LRUCache<string, PairRegistration>({ max: KEPT });
  readonly #flights = new SingleFlight<PairRegistration, never>();
  readonly #parts: PairRegistrationParts;

  constructor(parts: PairRegistrationParts) {
    this.#parts = parts;
  }

  /**
   * Admits a request for a registration, as `planField` does.
   * @throws SamepointError as `planField`
   */
  async plan(
    request: PairRegistrationRequest,
    model: Model,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<PairRegistration>> {
    const { query, target } = request;
    const admitted = await admitPair(request, model, caller, this.#parts, signal);
    const isEmbedded = admitted.query.ready && admitted.target.ready;
    const kept = isEmbedded
      ? this.#kept.get(keyOf(admitted, await embedAdmitted(admitted, EMBEDDING_SHARE), model, request))
      : undefined;
    return {
      ready: kept !== undefined,
      series: [query, target],
      run: async (options = {}) => {
        const made = kept ?? (await this.#make(admitted, request, model, options));
        // The names by which this caller knows the series.
        return { ...made, query, target };
      },
    };
  }

  /** Resamples the moving series of a registered pair while it is sent; see {@link sendWarped}. */
  async send(pair: PairRegistration, caller: Caller, options: WarpOptions): Promise<void> {
    await sendWarped(pair, caller, this.#parts, options);
  }

  async #make(
    admitted: Admitted,
    request: PairRegistrationRequest,
    model: Model,
    { signal, onProgress }: RunOptions,
  ): Promise<PairRegistration> {
    const embedded = await embedAdmitted(admitted, EMBEDDING_SHARE, { signal, onProgress });
    const key = keyOf(admitted, embedded, model, request);
    const { query, target } = embedded;
    onProgress?.({ stage: 'match', fraction: EMBEDDING_SHARE, message: 'Registering the two series' });
    const compute = async (stop: AbortSignal): Promise<PairRegistration> => {
      const { poses, modules } = this.#parts;
      const { target: aligned, turn, warnings } = await poses.align(query, target, model, stop);
      const { stage } = request;
      const { manifest } = model;
      const pair = { query, target: aligned, turn, model: manifest, stage };
      const registration = await modules.registerPair({ ...pair, signal: stop });
      const made: PairRegistration = {
        state: 'ready',
        ...{ query: request.query, target: request.target },
        model: model.id,
        modelVersion: manifest.version,
        registration,
        fixed: query.volume,
        moving: target.volume,
        warnings: [...query.volume.warnings, ...target.volume.warnings, ...warnings],
      };
      this.#kept.set(key, made);
      return made;
    };
    return await this.#flights.join(key, compute, { signal });
  }
}

/** What decides a registration: the images and what they hold, the model, and the stage. */
function keyOf(
  { query, target }: Admitted,
  embedded: Pair,
  { manifest }: Model,
  { stage }: PairRegistrationRequest,
): string {
  const content = [contentOf(embedded.query), contentOf(embedded.target)];
  return JSON.stringify([query.key, target.key, content, manifest.version, manifest.matching, stage]);
}
