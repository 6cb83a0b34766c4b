import type { Measurement } from '../ohif.d.ts';
import type { Context } from './context.ts';
import { Measurer } from './measure.ts';
import { Settling } from './settling.ts';

/** The events of the host about its measurements; while one is dragged, it changes many times a second. */
export class HostMeasurements {
  readonly #measurer: Measurer;
  readonly #settling: Settling;

  constructor(context: Context) {
    this.#measurer = new Measurer(context);
    // What a report that is being stored shows must not change meanwhile.
    this.#settling = new Settling(() => context.lesions.isSaving);
  }

  /** A measurement was added or changed. */
  changed(payload: unknown): void {
    const { measurement } = (payload ?? {}) as { readonly measurement?: Measurement };
    if (measurement === undefined) return;
    this.#settling.settle(measurement.uid ?? '', () => {
      this.#measurer.measured(measurement);
    });
  }

  /** The reader has deleted a measurement. */
  deleted(payload: unknown): void {
    const { measurement: uid } = (payload ?? {}) as { readonly measurement?: unknown };
    if (typeof uid !== 'string') return;
    this.#settling.settle(uid, () => {
      this.#measurer.deleted(uid);
    });
  }

  /** Drops what has not settled. */
  stop(): void {
    this.#settling.stop();
  }
}
