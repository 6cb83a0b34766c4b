import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { URGENCIES } from '../work/index.ts';
import type { QueueCounts, Urgency } from '../work/index.ts';
import { METRICS, STAGE_BUCKETS } from './definitions.ts';

/** Where servers and workers report what they know of the queue. */
export interface QueueMetrics {
  /** From when on the queue in Redis is part of the metrics. */
  readonly watchQueue: (counts: () => Promise<QueueCounts>) => void;
  /** A worker has begun work that has waited for so long. */
  readonly workBegun: (urgency: Urgency, waitedS: number) => void;
  /** A worker has ended work. */
  readonly workEnded: (urgency: Urgency, outcome: 'done' | 'failed') => void;
}

/** What a queue that does not answer holds is not known: then nothing is shown. */
async function updateQueue(
  gauge: Gauge<'urgency' | 'state'>,
  read: (() => Promise<QueueCounts>) | undefined,
): Promise<void> {
  gauge.reset();
  const counts = await read?.().catch(() => undefined);
  if (counts === undefined) return;
  for (const urgency of URGENCIES) {
    gauge.set({ urgency, state: 'waiting' }, counts[urgency].waiting);
    gauge.set({ urgency, state: 'active' }, counts[urgency].active);
  }
}

/** Metrics of the queue; `update` reads what lies in it now. */
export function createQueueMetrics(
  registers: Registry[],
): QueueMetrics & { readonly update: () => Promise<void> } {
  const jobs = new Gauge({ ...METRICS.queueJobs, registers });
  const waits = new Histogram({ ...METRICS.queueWait, buckets: STAGE_BUCKETS, registers });
  const finished = new Counter({ ...METRICS.workFinished, registers });
  let read: (() => Promise<QueueCounts>) | undefined;
  return {
    watchQueue(counts) {
      read = counts;
    },
    workBegun(urgency, waitedS) {
      // The clocks of two machines may differ.
      waits.observe({ urgency }, Math.max(0, waitedS));
    },
    workEnded(urgency, outcome) {
      finished.inc({ urgency, outcome });
    },
    update: () => updateQueue(jobs, read),
  };
}
