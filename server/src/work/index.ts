/** Work for other processes: the queue's port, its adapter for Redis, and the worker that does what lies there. @module */
export type { RunningWorker } from './bullWorker.ts';
export type { QueueReport } from './inspect.ts';
export { inspectQueue, openRemoteQueue, startWorker, viewQueues } from './onRedis.ts';
export type { QueueCounts, RemoteQueue } from './remoteQueue.ts';
export { digestOf, parseRequest } from './requests.ts';
export type { EmbeddingRequest, FieldRequestOfWorker, TurnedRequest } from './requests.ts';
export { createSeal } from './sealing.ts';
export type { Seal } from './sealing.ts';
export { URGENCIES } from './types.ts';
export type {
  QueueSettings,
  Urgency,
  WorkHandler,
  WorkKind,
  WorkLoad,
  WorkLogger,
  WorkOrder,
  WorkProgress,
  WorkQueue,
  WorkSteps,
} from './types.ts';
