import { randomUUID } from 'node:crypto';
import type { Urgency, WorkLoad, WorkOrder, WorkProgress } from './types.ts';

/** How a job has ended. */
export type JobEnd = { readonly state: 'completed' } | { readonly state: 'failed'; readonly reason: string };

/** One order that this process waits for. */
export interface Waiter {
  readonly id: string;
  /** Names this order among those of other processes for the same job. */
  readonly by: string;
  readonly order: WorkOrder;
  /** The span that wants it, as `traceparent` of W3C Trace Context. */
  readonly trace: string | undefined;
  urgency: Urgency;
  isRunning: boolean;
  readonly report: (progress: WorkProgress) => void;
  /** Resolves with the next end of the job. */
  readonly end: Promise<JobEnd>;
  /** Waits for another end. */
  renew(): void;
  resolve(end: JobEnd): void;
}

/** What this process waits for, by the names of the jobs. One order a name: equal ones share a flight before they come here. */
export class Waiting {
  readonly #waiters = new Map<string, Waiter>();

  get(id: string): Waiter | undefined {
    return this.#waiters.get(id);
  }

  add(order: WorkOrder, { id, trace }: Pick<Waiter, 'id' | 'trace'>, report: Waiter['report']): Waiter {
    let next = Promise.withResolvers<JobEnd>();
    const waiter: Waiter = {
      ...{ id, trace, by: randomUUID(), order, urgency: order.urgency, isRunning: false, report },
      get end() {
        return next.promise;
      },
      renew() {
        waiter.isRunning = false;
        next = Promise.withResolvers<JobEnd>();
      },
      resolve(end) {
        next.resolve(end);
      },
    };
    this.#waiters.set(id, waiter);
    return waiter;
  }

  remove(waiter: Waiter): void {
    if (this.#waiters.get(waiter.id) === waiter) this.#waiters.delete(waiter.id);
  }

  begun(id: string): void {
    const waiter = this.get(id);
    if (waiter !== undefined) waiter.isRunning = true;
  }

  report(id: string, progress: WorkProgress): void {
    this.get(id)?.report(progress);
  }

  ended(id: string, end: JobEnd): void {
    this.get(id)?.resolve(end);
  }

  get load(): WorkLoad {
    const running = [...this.#waiters.values()].filter(({ isRunning }) => isRunning).length;
    return { waiting: this.#waiters.size - running, running };
  }

  /** What one caller has waiting. */
  of(share: string): number {
    return this.#perShare().get(share) ?? 0;
  }

  /** What all callers have waiting, each counted up to a share. */
  atMost(share: number): number {
    return [...this.#perShare().values()].reduce((sum, count) => sum + Math.min(count, share), 0);
  }

  #perShare(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { isRunning, order } of this.#waiters.values())
      if (!isRunning) counts.set(order.share, (counts.get(order.share) ?? 0) + 1);
    return counts;
  }
}
