import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { ArrivalOutcome } from '../arrival/index.ts';
import { METRICS } from './definitions.ts';

/** Where the watch of the arrivals reports what it did. */
export interface ArrivalMetrics {
  readonly arrivals: (source: string, outcome: ArrivalOutcome, count: number) => void;
  /** From when on the studies that wait are part of the metrics. */
  readonly watchArrivals: (
    read: () => readonly { readonly name: string; readonly pending: number }[],
  ) => void;
}

/** Metrics of the arrivals; `update` reads how many studies wait now. */
export function createArrivalMetrics(
  registers: Registry[],
): ArrivalMetrics & { readonly update: () => void } {
  const counted = new Counter({ ...METRICS.arrivals, registers });
  const pending = new Gauge({ ...METRICS.arrivalsPending, registers });
  let read: Parameters<ArrivalMetrics['watchArrivals']>[0] = () => [];
  return {
    arrivals(source, outcome, count) {
      counted.inc({ source, outcome }, count);
    },
    watchArrivals(statuses) {
      read = statuses;
    },
    update() {
      for (const { name, pending: count } of read()) pending.set({ source: name }, count);
    },
  };
}
