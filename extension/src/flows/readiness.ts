import { notices } from '../i18n/words.ts';
import type { Client } from '../client/client.ts';
import { asFailure, isCancelled } from '../client/failure.ts';
import { Listeners } from '../lesions/listeners.ts';
import type { Readiness } from '../lesions/types.ts';
import type { SeriesRef } from '../wire.ts';
import { progressText } from './progress.ts';

/**
 * Has the server analyse series before the reader clicks in them: one after the other. A failure is not reported
 * here; a click in the series reports it.
 */
export class SeriesReadiness {
  readonly #client: Pick<Client, 'embedSeries'>;
  readonly #model: string | undefined;
  readonly #states = new Map<string, Readiness>();
  readonly #listeners = new Listeners();
  #wanted: readonly SeriesRef[] = [];
  #running: AbortController | undefined;

  /** @param model the server's default where it is undefined */
  constructor(client: Pick<Client, 'embedSeries'>, model: string | undefined) {
    this.#client = client;
    this.#model = model;
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  of(seriesInstanceUid: string | undefined): Readiness {
    return this.#states.get(seriesInstanceUid ?? '') ?? { state: 'idle' };
  }

  /** The server has answered a match in these series. */
  markReady(series: readonly SeriesRef[]): void {
    for (const { seriesInstanceUid } of series) this.#states.set(seriesInstanceUid, { state: 'ready' });
    this.#listeners.call();
  }

  /** Analyses the series in this order; what is running goes on. */
  analyse(series: readonly SeriesRef[]): void {
    this.#wanted = series;
    if (this.#running === undefined) void this.#work();
  }

  /** Tries again what has failed. */
  retry(): void {
    for (const [series, { state }] of this.#states) if (state === 'failed') this.#states.delete(series);
    this.analyse(this.#wanted);
  }

  /** Ends the running analysis, here and on the server, and starts no other. */
  stop(): void {
    this.#wanted = [];
    this.#running?.abort();
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#wanted.find(({ seriesInstanceUid }) => this.of(seriesInstanceUid).state === 'idle');
      if (next === undefined) return;
      this.#running = new AbortController();
      await this.#embed(next, this.#running.signal);
      this.#running = undefined;
    }
  }

  async #embed(series: SeriesRef, signal: AbortSignal): Promise<void> {
    const set = (readiness: Readiness): void => {
      this.#states.set(series.seriesInstanceUid, readiness);
      this.#listeners.call();
    };
    set({ state: 'working', text: notices().progress.waiting, fraction: undefined });
    try {
      await this.#client.embedSeries(series, {
        model: this.#model,
        signal,
        onProgress: (progress) => {
          set({ state: 'working', ...progressText(progress) });
        },
      });
      set({ state: 'ready' });
    } catch (error) {
      set(isCancelled(error) ? { state: 'idle' } : { state: 'failed', message: asFailure(error).message });
    }
  }
}
