/**
 * The queue of several processes: orders go to Redis (BullMQ), workers on any machine do them, and the results are found in the shared
 * store. What this process waits for is in its memory too: a Redis that comes back without its data is given the orders again.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { orAborted } from '../concurrency/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { closeAll, command, connect } from '../redis/index.ts';
import { contextOf, jobIdOf, MAX_LOSSES, openFailure, queueNameOf, wantedKey } from './orders.ts';
import type { JobContent } from './orders.ts';
import { createSeal } from './sealing.ts';
import type { Seal } from './sealing.ts';
import { URGENCIES } from './types.ts';
import type {
  QueueSettings,
  Urgency,
  WorkLoad,
  WorkLogger,
  WorkOrder,
  WorkProgress,
  WorkQueue,
  WorkSteps,
} from './types.ts';
import { Waiting } from './waiting.ts';
import type { Waiter } from './waiting.ts';

/** How often a waiter looks for its job, where no event comes, ms. */
const LOOK_MS = 1_000;
/** Looks in a row that find no job until it counts as gone: a job that has just ended is gone, too. */
const GONE_LOOKS = 2;
/** For how long Redis keeps a wish of a process that died without withdrawing it, ms. */
const WISH_MS = 3_600_000;
/** Answers of the PACS that concern one caller's credentials only. */
const CREDENTIAL_STATUS: ReadonlySet<number> = new Set([401, 403]);

/** How many jobs lie in Redis, of all processes. */
export type QueueCounts = Readonly<Record<Urgency, { readonly waiting: number; readonly active: number }>>;

/** A queue in Redis. */
export interface RemoteQueue extends WorkQueue {
  /** @throws SamepointError of `queue/` */
  counts(): Promise<QueueCounts>;
  /** Workers that are connected. @throws SamepointError of `queue/` */
  workers(): Promise<number>;
  /** Whether Redis answers. */
  isReachable(): Promise<boolean>;
  close(): Promise<void>;
}

/** What ends the wait for a job. */
type End = { readonly state: 'completed' | 'gone' } | { readonly state: 'failed'; readonly reason: string };

/** Names an attempt: equal for the process that has given an order, and for none else. */
type Attempt = Readonly<{ id: string; by: string }>;

class BullQueue implements RemoteQueue {
  readonly #settings: QueueSettings;
  readonly #seal: Seal;
  readonly #client: Redis;
  readonly #queues: Readonly<Record<Urgency, Queue<JobContent>>>;
  readonly #events: readonly QueueEvents[];
  readonly #connections: readonly Redis[];
  readonly #waiting = new Waiting();
  readonly #self = randomUUID();

  constructor(settings: QueueSettings, logger: WorkLogger) {
    this.#settings = settings;
    this.#seal = createSeal(settings.key);
    this.#client = connect(settings, 'commands', (problem) => {
      logger.warn({ problem }, 'the connection to the queue is lost; it is made again');
    });
    const { prefix } = settings;
    const queueOf = (urgency: Urgency): Queue<JobContent> => {
      const queue = new Queue<JobContent>(queueNameOf(urgency), { connection: this.#client, prefix });
      queue.on('error', () => undefined);
      return queue;
    };
    this.#queues = { interactive: queueOf('interactive'), background: queueOf('background') };
    const listening = URGENCIES.map((urgency) => {
      const connection = connect(settings, 'blocking', () => undefined);
      return { connection, events: this.#listen(urgency, connection) };
    });
    this.#connections = listening.map(({ connection }) => connection);
    this.#events = listening.map(({ events }) => events);
  }

  #listen(urgency: Urgency, connection: Redis): QueueEvents {
    const events = new QueueEvents(queueNameOf(urgency), { connection, prefix: this.#settings.prefix });
    events.on('error', () => undefined);
    events.on('active', ({ jobId }) => {
      this.#waiting.begun(jobId);
    });
    events.on('progress', ({ jobId, data }) => {
      // Only workers of ours write progress.
      this.#waiting.report(jobId, data as unknown as WorkProgress);
    });
    events.on('completed', ({ jobId }) => {
      this.#waiting.ended(jobId, { state: 'completed' });
    });
    events.on('failed', ({ jobId, failedReason }) => {
      this.#waiting.ended(jobId, { state: 'failed', reason: failedReason });
    });
    return events;
  }

  get load(): WorkLoad {
    return this.#waiting.load;
  }

  waitingOf(share: string): number {
    return this.#waiting.of(share);
  }

  waiting(share: number): number {
    return this.#waiting.atMost(share);
  }

  /** Work of a reader that waits as background work goes to the front; what runs already goes on. */
  join({ kind, key, urgency }: Omit<WorkOrder, 'request'>): void {
    const waiter = this.#waiting.get(jobIdOf({ kind, key }));
    if (waiter === undefined || urgency === 'background' || waiter.urgency === urgency) return;
    waiter.urgency = urgency;
    // Where Redis fails now, the waiter gives the order again.
    this.#offer(waiter).catch(() => undefined);
  }

  async run<Result>(order: WorkOrder, steps: WorkSteps<Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const waiter = this.#waiting.add(order, jobIdOf(order), steps.report);
    const ending = new AbortController();
    const both = AbortSignal.any([signal, ending.signal]);
    try {
      return await orAborted(this.#result(waiter, steps, both), signal);
    } finally {
      ending.abort();
      this.#waiting.remove(waiter);
      this.#withdraw(waiter.id).catch(() => undefined);
    }
  }

  /** Gives the order, waits for its end, and fetches the result; again where the job was lost. */
  async #result<Result>(waiter: Waiter, steps: WorkSteps<Result>, signal: AbortSignal): Promise<Result> {
    await this.#offer(waiter);
    for (let losses = 0; ;) {
      const end = await this.#end(waiter, signal);
      if (end.state === 'failed') {
        if (!this.#mayRetry(waiter, end.reason)) throw this.#failureOf(waiter, end.reason).error;
      } else {
        const found = await steps.fetch();
        if (found !== undefined) return found;
        losses += 1;
        if (losses > MAX_LOSSES) throw lost(end, losses);
      }
      waiter.renew();
      await this.#patiently(() => this.#offer(waiter), signal);
    }
  }

  #failureOf({ id }: Attempt, reason: string): ReturnType<typeof openFailure> {
    return openFailure(this.#seal, reason, contextOf(this.#settings, id));
  }

  /** Another process's order has failed by its own caller's credentials, or was withdrawn: this one tries its own. */
  #mayRetry(waiter: Waiter, reason: string): boolean {
    const { by, isWithdrawn, error } = this.#failureOf(waiter, reason);
    return isWithdrawn || (by !== waiter.by && CREDENTIAL_STATUS.has(error.status));
  }

  /** The event that ends the job; or `gone`, where it is in neither queue. */
  async #end(waiter: Waiter, signal: AbortSignal): Promise<End> {
    for (let absent = 0; absent < GONE_LOOKS;) {
      const end = await Promise.race([waiter.end, pause(LOOK_MS, undefined, { signal })]);
      if (end !== undefined) return end;
      const isThere = await this.#patiently(() => this.#look(waiter), signal);
      absent = isThere ? 0 : absent + 1;
    }
    return { state: 'gone' };
  }

  /** Says again that the result is wanted, and looks whether the job is there. */
  async #look({ id }: Attempt): Promise<boolean> {
    await this.#wish(id);
    const jobs = await this.#command(() =>
      Promise.all(URGENCIES.map((urgency) => this.#queues[urgency].getJob(id))),
    );
    return jobs.some((job) => job !== undefined);
  }

  /** Tries again while Redis does not answer or has no free memory, for as long as is configured. */
  async #patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const endMs = performance.now() + this.#settings.patienceMs;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isOfRedis(error) || performance.now() > endMs) throw error;
        await pause(LOOK_MS, undefined, { signal });
      }
    }
  }

  async #command<T>(work: () => Promise<T>): Promise<T> {
    return await command(this.#client, work);
  }

  async #wish(id: string): Promise<void> {
    const key = wantedKey(this.#settings, id);
    await this.#command(() => this.#client.sadd(key, this.#self));
    await this.#command(() => this.#client.pexpire(key, WISH_MS));
  }

  /** No process waits for the result any more: a job that waits is removed; a worker stops by itself. */
  async #withdraw(id: string): Promise<void> {
    if (this.#waiting.get(id) !== undefined) return;
    const key = wantedKey(this.#settings, id);
    await this.#command(() => this.#client.srem(key, this.#self));
    if ((await this.#command(() => this.#client.scard(key))) > 0) return;
    for (const urgency of URGENCIES) await this.#command(() => this.#queues[urgency].remove(id));
  }

  /** Puts the job into its queue, unless it is there. One that waits in the background moves to the front for a reader. */
  async #offer(waiter: Waiter): Promise<void> {
    const { id, by, order, urgency } = waiter;
    await this.#wish(id);
    const other = urgency === 'interactive' ? 'background' : 'interactive';
    const there = await this.#command(() => this.#queues[other].getJob(id));
    if (there !== undefined) {
      if (urgency === 'background') return;
      // A job in work cannot be removed: it is waited for.
      const removed = await this.#command(() => this.#queues[other].remove(id));
      if (removed === 0) return;
    }
    const { kind, key, request } = order;
    const sealed = this.#seal.close({ by, kind, key, request }, contextOf(this.#settings, id));
    const options = { jobId: id, removeOnComplete: true, removeOnFail: true, attempts: 1 };
    await this.#command(() => this.#queues[urgency].add(kind, { sealed }, options));
  }

  async counts(): Promise<QueueCounts> {
    const of = async (urgency: Urgency): Promise<QueueCounts[Urgency]> => {
      const counts = await this.#command(() => this.#queues[urgency].getJobCounts('waiting', 'active'));
      return { waiting: counts['waiting'] ?? 0, active: counts['active'] ?? 0 };
    };
    return { interactive: await of('interactive'), background: await of('background') };
  }

  async workers(): Promise<number> {
    return await this.#command(() => this.#queues.interactive.getWorkersCount());
  }

  async isReachable(): Promise<boolean> {
    return await this.#command(() => this.#client.ping()).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    const parts = [...this.#events, ...Object.values(this.#queues)];
    await closeAll(parts, [...this.#connections, this.#client]);
  }
}

/** True for what Redis may do in a while, although not now. */
function isOfRedis(error: unknown): boolean {
  return isSamepointError(error, 'queue/unreachable') || isSamepointError(error, 'queue/refused');
}

function lost(end: End, attempts: number): SamepointError {
  return end.state === 'completed'
    ? new SamepointError('queue/result-missing', {})
    : new SamepointError('queue/work-lost', { attempts });
}

/** Opens a queue in Redis. It need not be there yet. */
export function openRemoteQueue(settings: QueueSettings, logger: WorkLogger): RemoteQueue {
  return new BullQueue(settings, logger);
}
