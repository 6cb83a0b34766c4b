import type { Client } from '../client/client.ts';
import { asFailure, isCancelled } from '../client/failure.ts';
import type { SimilarityRequest } from '../client/similarities.ts';
import { Listeners } from '../lesions/listeners.ts';
import type { SimilarityVolume } from './similarityVolume.ts';

/** How far the similarity of a point over a series is. */
export type SimilarityState =
  /** `fraction` 0 to 1; undefined where the server does not say. */
  | { readonly state: 'working'; readonly fraction: number | undefined }
  | { readonly state: 'ready'; readonly volume: SimilarityVolume; readonly id: string }
  /** In the words of the reader. */
  | { readonly state: 'failed'; readonly message: string };

/** A request and its name: the same for the same point and series. */
export interface Wanted {
  readonly key: string;
  readonly request: SimilarityRequest;
}

/** Maps that are kept, up to a MB each; the one that was requested first is dropped for a new one. */
const MAX_KEPT = 12;

/** Names what is requested. */
export function wantedOf(request: SimilarityRequest): Wanted {
  const { query, target } = request;
  const places = query.lps.map((mm) => mm.toFixed(2));
  return { key: [query.seriesInstanceUid, target.seriesInstanceUid, ...places].join(' '), request };
}

/** Similarities of points over series: requested when they are wanted, and kept. */
export class SimilarityStore {
  readonly #client: Pick<Client, 'similarity'>;
  readonly #states = new Map<string, SimilarityState>();
  readonly #running = new Map<string, AbortController>();
  readonly #listeners = new Listeners();

  constructor(client: Pick<Client, 'similarity'>) {
    this.#client = client;
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** undefined before it was wanted. */
  of({ key }: Wanted): SimilarityState | undefined {
    return this.#states.get(key);
  }

  /** Requests what is missing of these, and ends the requests for others. */
  want(wanted: readonly Wanted[]): void {
    for (const [key, controller] of this.#running)
      if (!wanted.some((one) => one.key === key)) controller.abort();
    for (const one of wanted) if (!this.#states.has(one.key)) void this.#request(one);
  }

  /** Forgets failures: what failed is requested again when it is wanted. */
  retry(): void {
    for (const [key, { state }] of this.#states) if (state === 'failed') this.#states.delete(key);
  }

  async #request({ key, request }: Wanted): Promise<void> {
    const controller = new AbortController();
    this.#running.set(key, controller);
    const set = (state: SimilarityState): void => {
      this.#states.set(key, state);
      this.#listeners.call();
    };
    set({ state: 'working', fraction: undefined });
    try {
      const volume = await this.#client.similarity(request, {
        signal: controller.signal,
        onProgress: ({ fraction }) => {
          set({ state: 'working', fraction: Number.isFinite(fraction) ? fraction : undefined });
        },
      });
      this.#drop();
      set({ state: 'ready', volume, id: key });
    } catch (error) {
      if (isCancelled(error)) this.#states.delete(key);
      else set({ state: 'failed', message: asFailure(error).message });
    } finally {
      this.#running.delete(key);
    }
  }

  #drop(): void {
    const ready = [...this.#states].filter(([, { state }]) => state === 'ready');
    for (const [key] of ready.slice(0, Math.max(0, ready.length - MAX_KEPT + 1))) this.#states.delete(key);
  }
}
