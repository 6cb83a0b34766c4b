import { asFailure, isCancelled } from '../client/failure.ts';
import type { ViewerFailure } from '../client/failure.ts';
import type { Client } from '../client/client.ts';
import { Listeners } from '../lesions/listeners.ts';
import type { SeriesRef } from '../wire.ts';
import type { Field } from './field.ts';
import { transferBetween } from './transfer.ts';
import type { Transfer } from './transfer.ts';

/** How far the field of a pair is. */
export type FieldState =
  | { readonly state: 'idle' }
  /** `fraction` 0 to 1; undefined where the server does not say. */
  | { readonly state: 'working'; readonly fraction: number | undefined }
  | { readonly state: 'ready' }
  | { readonly state: 'failed'; readonly failure: ViewerFailure };

/** Two series, in the order in which their field is requested. */
export type SeriesPair = readonly [query: SeriesRef, target: SeriesRef];

/** Fields that are kept, a few MB each; the one that was requested first is dropped for a new one. */
const MAX_FIELDS = 12;

const IDLE: FieldState = { state: 'idle' };

/** The same for both orders: a field maps in both directions. */
function keyOf([a, b]: SeriesPair): string {
  return [a.seriesInstanceUid, b.seriesInstanceUid].sort().join(' ');
}

/** The fields of pairs of series: requested one after the other, and kept, so that nothing is requested while the reader scrolls. */
export class FieldStore {
  readonly #client: Pick<Client, 'field'>;
  readonly #model: string | undefined;
  readonly #states = new Map<string, FieldState>();
  readonly #fields = new Map<string, Field>();
  readonly #transfers = new Map<string, Transfer | undefined>();
  readonly #listeners = new Listeners();
  readonly #wanted = new Map<string, readonly SeriesPair[]>();
  #running: AbortController | undefined;

  /** @param model the server's default where it is undefined */
  constructor(client: Pick<Client, 'field'>, model: string | undefined) {
    this.#client = client;
    this.#model = model;
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  of(pair: SeriesPair): FieldState {
    return this.#states.get(keyOf(pair)) ?? IDLE;
  }

  /**
   * Requests what is missing of these pairs, in this order; what is running goes on.
   * @param by who wants them, instead of what the same one wanted before
   */
  want(pairs: readonly SeriesPair[], by = 'link'): void {
    this.#wanted.set(by, pairs);
    if (this.#running === undefined) void this.#work();
  }

  /** The map from one series to another, if the fields that are there give it. */
  transfer(from: string, to: string): Transfer | undefined {
    const key = `${from} ${to}`;
    if (!this.#transfers.has(key))
      this.#transfers.set(key, transferBetween([...this.#fields.values()], from, to));
    return this.#transfers.get(key);
  }

  /** Forgets failures: what failed is requested again. */
  retry(): void {
    for (const [key, { state }] of this.#states) if (state === 'failed') this.#states.delete(key);
  }

  /** Ends the running request, here and on the server, and starts no other. */
  stop(): void {
    this.#wanted.clear();
    this.#running?.abort();
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = [...this.#wanted.values()].flat().find((pair) => this.of(pair).state === 'idle');
      if (next === undefined) return;
      this.#running = new AbortController();
      await this.#request(next, this.#running.signal);
      this.#running = undefined;
    }
  }

  async #request(pair: SeriesPair, signal: AbortSignal): Promise<void> {
    const key = keyOf(pair);
    const set = (state: FieldState): void => {
      this.#states.set(key, state);
      this.#listeners.call();
    };
    set({ state: 'working', fraction: undefined });
    const [query, target] = pair;
    try {
      const field = await this.#client.field(
        { query, target, model: this.#model },
        {
          signal,
          onProgress: ({ fraction }) => {
            set({ state: 'working', fraction: Number.isFinite(fraction) ? fraction : undefined });
          },
        },
      );
      this.#keep(key, field);
      set({ state: 'ready' });
    } catch (error) {
      set(isCancelled(error) ? IDLE : { state: 'failed', failure: asFailure(error) });
    }
  }

  #keep(key: string, field: Field): void {
    this.#transfers.clear();
    this.#fields.set(key, field);
    const [oldest] = this.#fields.keys();
    if (this.#fields.size <= MAX_FIELDS || oldest === undefined) return;
    this.#fields.delete(oldest);
    this.#states.delete(oldest);
  }
}
