/**
 * A worker: does the work that lies in Redis, so much at a time. A place for background work is never that of a reader's.
 *
 * Work is done at least once. A worker that dies loses its lock, and another one begins the work again; a worker that is stopped gives
 * the work back. Results have names that follow from what they are made of, so that the same work done twice is one result.
 * @module
 */
import { WaitingError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { isSamepointError } from '../errors/index.ts';
import { closeAll, command, connect } from '../redis/index.ts';
import { contextOf, MAX_LOSSES, openOrder, queueNameOf, sealFailure, wantedKey } from './orders.ts';
import type { JobContent, SealedOrder } from './orders.ts';
import { createSeal } from './sealing.ts';
import { URGENCIES } from './types.ts';
import type { QueueSettings, Urgency, WorkHandler, WorkLogger, WorkProgress } from './types.ts';

/** How often a worker looks whether its result is still wanted, ms. */
const LOOK_MS = 1_000;
/** Looks in a row that find no wish: a Redis that was started again holds the wishes only when they were said again. */
const UNWANTED_LOOKS = 4;
/** Progress is for people, ms between two reports. */
const PROGRESS_MS = 250;
const MS_PER_S = 1000;

/** Parts of a worker. */
export interface WorkerParts {
  readonly settings: QueueSettings;
  /** Work of each urgency at a time. */
  readonly slots: Readonly<Record<Urgency, number>>;
  readonly handler: WorkHandler;
  readonly logger: WorkLogger;
  /** Called when work begins, with the time for which it has waited, s. */
  readonly onBegin?: (urgency: Urgency, waitedS: number) => void;
  /** Called when work has ended, with the code of its error. */
  readonly onEnd?: (urgency: Urgency, code: string | undefined) => void;
}

/** A running worker. */
export interface RunningWorker {
  /** Whether Redis answers. */
  readonly isReachable: () => Promise<boolean>;
  /** Gives back what is in work, and ends. */
  close(): Promise<void>;
}

/** Reasons to stop work. */
const CLOSING = new Error('the worker is being stopped');
const UNWANTED = new Error('no process wants the result');

/** Looks from time to time whether the result is wanted, and stops the work where it is not. */
function watchWish(client: Redis, key: string, stop: AbortController): () => void {
  let looks = 0;
  const look = async (): Promise<void> => {
    const found = await client.exists(key).catch(() => 1);
    looks = found === 0 ? looks + 1 : 0;
    if (looks >= UNWANTED_LOOKS) stop.abort(UNWANTED);
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => {
    clearInterval(timer);
  };
}

/** Reports progress to Redis, not too often. Progress that cannot be said is not said. */
function progressTo(job: Job<JobContent>): (progress: WorkProgress) => void {
  let nextMs = -Infinity;
  let hasPreview = false;
  return (progress) => {
    const nowMs = performance.now();
    const isNew = progress.hasPreview === true && !hasPreview;
    if (nowMs < nextMs && !isNew) return;
    nextMs = nowMs + PROGRESS_MS;
    hasPreview ||= isNew;
    job.updateProgress({ ...progress }).catch(() => undefined);
  };
}

/** Closes without a Redis that is gone: BullMQ would renew its locks for ever. */
class StoppableWorker extends Worker<JobContent> {
  async endLocks(): Promise<void> {
    await this.lockManager.close();
  }
}

/** Starts a worker. */
export function startWorker(parts: WorkerParts): RunningWorker {
  const { settings, slots, logger } = parts;
  const onLoss = (problem: string): void => {
    logger.warn({ problem }, 'the connection to the queue is lost; it is made again');
  };
  const client = connect(settings, 'commands', onLoss);
  const blocking = connect(settings, 'blocking', () => undefined);
  const closing = new AbortController();
  const workers = URGENCIES.map((urgency) => {
    const work = processorOf(urgency, parts, client, closing.signal);
    const worker = new StoppableWorker(queueNameOf(urgency), work, {
      connection: blocking,
      prefix: settings.prefix,
      concurrency: slots[urgency],
      lockDuration: settings.lockMs,
      stalledInterval: settings.lockMs / 2,
      maxStalledCount: MAX_LOSSES,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    // Losses of the connection are logged above; a lost lock means that another worker does the work again.
    worker.on('error', () => undefined);
    return worker;
  });
  return {
    async isReachable() {
      return await command(client, () => client.ping()).then(
        () => true,
        () => false,
      );
    },
    async close() {
      closing.abort(CLOSING);
      await closeAll(workers, [blocking, client]);
      await Promise.all(workers.map((worker) => worker.endLocks()));
    },
  };
}

/** What BullMQ calls for a job. */
function processorOf(
  urgency: Urgency,
  { settings, handler, logger, onBegin, onEnd }: WorkerParts,
  client: Redis,
  closing: AbortSignal,
): (job: Job<JobContent>, token?: string) => Promise<void> {
  const seal = createSeal(settings.key);
  return async (job, token) => {
    const id = job.id ?? '';
    const context = contextOf(settings, id);
    onBegin?.(urgency, (Date.now() - job.timestamp) / MS_PER_S);
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, closing]);
    const endWatch = watchWish(client, wantedKey(settings, id), stop);
    let order: SealedOrder | undefined;
    try {
      order = openOrder(seal, job.data.sealed, context);
      await handler({ ...order, urgency }, { signal, onProgress: progressTo(job) });
      onEnd?.(urgency, undefined);
    } catch (error) {
      if (closing.aborted) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (!isSamepointError(error) && !stop.signal.aborted) logger.warn({ err: error }, 'work has failed');
      onEnd?.(urgency, isSamepointError(error) ? error.code : 'queue/work-failed');
      const failure = { by: order?.by ?? '', isWithdrawn: stop.signal.aborted, error };
      throw new Error(sealFailure(seal, failure, context), { cause: error });
    } finally {
      endWatch();
    }
  };
}
