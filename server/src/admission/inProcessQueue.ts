import { QueuePerSource } from './sourceQueues.ts';
import type { WorkQueue } from '../work/index.ts';

/** Volumes in memory at a time: those of one pair. */
const VOLUMES_AT_ONCE = 2;

/**
 * The queue of one process: it computes what it is given. Series wait, so many at a time per PACS, in turns of the callers; what needs
 * no series of its own is computed at once.
 */
export function createInProcessQueue(volumesAtOnce = VOLUMES_AT_ONCE): WorkQueue {
  const queues = new QueuePerSource({ concurrency: volumesAtOnce, turnSize: volumesAtOnce });
  return {
    run: (order, { compute }, signal) => {
      const { kind, key, share, urgency } = order;
      return kind === 'embedding' ? queues.of(order).add(key, share, compute, signal, urgency) : compute();
    },
    join: (order) => {
      queues.of(order).join(order.key, order.share, order.urgency);
    },
    waitingOf: (share) => queues.waitingOf(share),
    waiting: (share) => queues.waiting(share),
    get load() {
      return queues.load;
    },
  };
}
