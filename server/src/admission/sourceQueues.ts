import type { SeriesRef } from '../dicomweb/index.ts';
import { FairQueue } from './fairQueue.ts';
import type { WorkLoad } from '../work/index.ts';

/**
 * A queue of its own for each PACS: series that one of them sends slowly, or not at all, hold no place that a series of another one
 * needs. Their memory is bounded by the budget, whatever the number of queues.
 */
export class QueuePerSource {
  readonly #options: ConstructorParameters<typeof FairQueue>[0];
  readonly #queues = new Map<string | undefined, FairQueue>();

  constructor(options: ConstructorParameters<typeof FairQueue>[0]) {
    this.#options = options;
  }

  /** The queue of the PACS of a series. */
  of({ source }: Pick<SeriesRef, 'source'>): FairQueue {
    const queue = this.#queues.get(source) ?? new FairQueue(this.#options);
    this.#queues.set(source, queue);
    return queue;
  }

  /** What a caller has waiting, of all PACS. */
  waitingOf(caller: string): number {
    return this.#sum((queue) => queue.waitingOf(caller));
  }

  /** See `FairQueue.waiting`; the share counts for each PACS. */
  waiting(share: number): number {
    return this.#sum((queue) => queue.waiting(share));
  }

  get load(): WorkLoad {
    return {
      waiting: this.#sum(({ load }) => load.waiting),
      running: this.#sum(({ load }) => load.running),
    };
  }

  #sum(count: (queue: FairQueue) => number): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + count(queue), 0);
  }
}
