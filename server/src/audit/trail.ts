import type { Audit, AuditEvent, Clock } from '../ports/index.ts';
import type { Logger } from '../access/index.ts';
import { SamepointError } from '../errors/index.ts';
import { serverMessage, userMessage } from './message.ts';
import type { AuditMessage, MessageSettings } from './message.ts';
import type { AuditSink } from './sink.ts';

/** Messages that wait for a sink that is not there: 10,000 clicks, about 20 MB. */
const CAPACITY = 10_000;
/** Messages that are handed over at once. */
const BATCH = 200;
/**
 * Messages are handed over this long after the first one, ms: those of one reading together, and none while its answer is being sent. A file
 * that is looked at, appended to and synchronised with every click cost the main thread 0.3 of its 1.7 ms.
 */
const GATHER_MS = 50;
/** Pause after a failure, ms; doubles with each one. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** What the last messages get when the server stops, ms. */
const CLOSE_MS = 3_000;

/** What a trail works with. */
export interface TrailParts {
  readonly sink: AuditSink;
  readonly settings: MessageSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly capacity?: number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * The audit trail. Recording puts a message into a bounded buffer and returns; the sink gets them in order. When the sink fails,
 * they wait, the log and /health say so, and what does not fit is counted and recorded in the trail itself once it is written again.
 */
export class AuditTrail implements Audit {
  readonly #parts: TrailParts;
  readonly #capacity: number;
  readonly #waiting: AuditMessage[] = [];
  #lost = 0;
  #lostBefore = 0;
  #reason: string | undefined;
  #pumping: Promise<void> | undefined;
  #closing = false;
  #wake: () => void = () => undefined;

  constructor(parts: TrailParts) {
    this.#parts = parts;
    this.#capacity = parts.capacity ?? CAPACITY;
  }

  /** What is wrong now, or was lost since the start. */
  get problem(): Audit['problem'] {
    const error = this.#error();
    return error === undefined ? undefined : { code: error.code, message: error.message };
  }

  record(event: AuditEvent): void {
    const { settings, clock } = this.#parts;
    this.#put(userMessage(event, settings, new Date(clock())));
  }

  /** The server answers. */
  started(): void {
    this.#recordServer('started');
  }

  /** The server stops: what waits is written, if the sink accepts it. */
  async close(): Promise<void> {
    this.#recordServer('stopped');
    this.#closing = true;
    this.#wake();
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.#pumping, tooLong]);
    clearTimeout(timer);
    if (this.#waiting.length > 0) {
      this.#parts.logger.error({ entries: this.#waiting.length }, 'entries of the audit trail are lost');
    }
    await this.#parts.sink.close().catch(() => undefined);
  }

  #recordServer(server: 'started' | 'stopped'): void {
    const { settings, clock } = this.#parts;
    this.#put(serverMessage({ server }, settings, new Date(clock())));
  }

  #put(message: AuditMessage): void {
    if (this.#waiting.length >= this.#capacity) this.#lost += 1;
    else this.#waiting.push(message);
    this.#start();
  }

  #start(): void {
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
      // What came between the last look and now.
      if (this.#waiting.length > 0 && !this.#closing) this.#start();
    });
  }

  async #pump(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    if (!this.#closing) await this.#pause(GATHER_MS);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        await this.#parts.sink.write(batch);
        this.#waiting.splice(0, batch.length);
        pauseMs = FIRST_PAUSE_MS;
        this.#recovered();
      } catch (error) {
        this.#failed(error);
        if (this.#closing) return;
        await this.#pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }

  /** Waits, at most until the server stops: then there is one more try. */
  async #pause(ms: number): Promise<void> {
    const { sleep } = this.#parts;
    if (sleep !== undefined) {
      await sleep(ms);
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #failed(cause: unknown): void {
    const isNew = this.#reason === undefined;
    // A code and no message: that of a file system quotes a path.
    const code: unknown =
      typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
    this.#reason = typeof code === 'string' ? code : 'no connection';
    if (isNew) this.#parts.logger.error({ err: this.#error() }, 'the audit trail cannot be written');
  }

  #recovered(): void {
    if (this.#reason === undefined) return;
    this.#reason = undefined;
    const lost = this.#lost - this.#lostBefore;
    this.#lostBefore = this.#lost;
    const { settings, clock, logger } = this.#parts;
    logger.warn({ lost }, 'the audit trail is written again');
    if (lost > 0) {
      this.#waiting.push(serverMessage({ server: 'lost', entries: lost }, settings, new Date(clock())));
    }
  }

  #error(): SamepointError<'http/audit-not-written'> | undefined {
    if (this.#reason === undefined && this.#lost === 0) return undefined;
    return new SamepointError('http/audit-not-written', {
      destination: this.#parts.sink.name,
      reason: this.#reason ?? 'it was not for a while',
      lost: this.#lost,
    });
  }
}
