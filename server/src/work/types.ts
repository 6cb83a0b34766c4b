import type { RedisSettings } from '../redis/index.ts';

/** How soon work is wanted: a reader waits for `interactive` work; `background` work is speculative. */
export const URGENCIES = ['interactive', 'background'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** An embedding of a series, one of a turned embedding, or the field of a pair. */
export type WorkKind = 'embedding' | 'turned' | 'field';

/** How far work is. `message` is in words for the reader: no patient data, no UIDs. */
export interface WorkProgress {
  readonly stage: 'fetch' | 'embed' | 'match';
  readonly fraction: number;
  readonly message: string;
  /** True once the preview image of the series lies in the store. */
  readonly hasPreview?: boolean;
}

/** Work that is wanted. */
export interface WorkOrder {
  readonly kind: WorkKind;
  /** Equal for equal results; digits that say nothing about the patient. */
  readonly key: string;
  readonly urgency: Urgency;
  /** Whose share of the places it uses; for this process only. */
  readonly share: string;
  /** Name of the PACS whose queue it waits in, where there are several. */
  readonly source?: string | undefined;
  /** What another process needs to do the work, as JSON: UIDs, and the credentials of the caller. */
  readonly request: unknown;
}

/** How a result is made, and found where another process has made it. */
export interface WorkSteps<Result> {
  /** Does the work in this process. */
  readonly compute: () => Promise<Result>;
  /** The result in the shared store; undefined where it is not there. Never throws. */
  readonly fetch: () => Promise<Result | undefined>;
  readonly report: (progress: WorkProgress) => void;
}

/** How much is to be done. */
export interface WorkLoad {
  readonly waiting: number;
  readonly running: number;
}

/** Where work waits for its turn. */
export interface WorkQueue {
  /**
   * The result of the work, computed here or by another process.
   * @throws what the work throws; the signal's reason when it aborts; SamepointError of `queue/` where the queue fails
   */
  run<Result>(order: WorkOrder, steps: WorkSteps<Result>, signal: AbortSignal): Promise<Result>;
  /** Somebody else wants what waits, too: it is served in the turn of whoever comes first. */
  join(order: Omit<WorkOrder, 'request'>): void;
  /** What one caller has waiting. */
  waitingOf(share: string): number;
  /** What all callers have waiting, each counted up to a share. */
  waiting(share: number): number;
  /** Of this process. */
  readonly load: WorkLoad;
}

/** What a worker does with an order. It resolves when the result lies in the shared store. */
export type WorkHandler = (
  order: Pick<WorkOrder, 'kind' | 'key' | 'urgency' | 'request'>,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: WorkProgress) => void },
) => Promise<void>;

/** Where a log line goes; pino's loggers fit. */
export interface WorkLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** How the processes find each other. */
export interface QueueSettings extends RedisSettings {
  /** Begins every key in Redis. */
  readonly prefix: string;
  /** Seals what orders hold; the same on all machines. */
  readonly key: string;
  /** After how long without a sign of life a worker counts as dead, ms. */
  readonly lockMs: number;
  /** For how long waiting callers bear with a Redis that does not answer, ms. */
  readonly patienceMs: number;
}
