/**
 * What needs Redis. Its packages are loaded with the first use: a server that has no workers has none of them in memory.
 * @module
 */
import type { QueueReport } from './inspect.ts';
import type { RemoteQueue } from './remoteQueue.ts';
import type { RunningWorker, WorkerParts } from './bullWorker.ts';
import type { QueueSettings, WorkLogger } from './types.ts';
import type { ViewedQueues } from './viewQueues.ts';

/** Opens the queue of several processes. */
export async function openRemoteQueue(settings: QueueSettings, logger: WorkLogger): Promise<RemoteQueue> {
  return (await import('./remoteQueue.ts')).openRemoteQueue(settings, logger);
}

/** Starts to do what lies in the queue. */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  return (await import('./bullWorker.ts')).startWorker(parts);
}

/** Looks at Redis, and changes nothing. @throws SamepointError `queue/unreachable`, `queue/refused` */
export async function inspectQueue(settings: QueueSettings): Promise<QueueReport> {
  return await (await import('./inspect.ts')).inspectQueue(settings);
}

/** Opens the queues of every urgency over one connection, and writes nothing. */
export async function viewQueues(settings: QueueSettings, logger: WorkLogger): Promise<ViewedQueues> {
  return (await import('./viewQueues.ts')).viewQueues(settings, logger);
}
