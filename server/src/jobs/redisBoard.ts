/**
 * The jobs of several servers in Redis, sealed. Each server writes its own jobs and a sign of life; the others read them, several times a
 * second while somebody follows one. There are no messages between servers: what is written is all that counts, so that nothing is missed
 * while a connection is made again.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { SamepointError } from '../errors/index.ts';
import { closeAll, command, connect } from '../redis/index.ts';
import { createSeal } from '../work/index.ts';
import type { QueueSettings, Seal, WorkLogger } from '../work/index.ts';
import type { Ending, JobBoard, LocalJobs } from './board.ts';
import { isFinished } from './jobs.ts';
import type { JobRecord } from './jobs.ts';
import { recordFromJson, recordToJson } from './records.ts';
import type { ServedRecord } from './records.ts';

const PURPOSE = 'samepoint jobs of servers 1';
/** How often a server looks who wants one of its jobs ended, ms. */
const BEAT_MS = 250;
/** Beats in the time for which a sign of life holds. */
const SIGNS_PER_LEASE = 8;
/** After Redis was away, servers come back to it within this time, ms: until then a missing sign of life says nothing. */
const SETTLED_AFTER_MS = 3_000;
/** For how long a job lies there that does not change, ms. */
const UNFINISHED_MS = 86_400_000;

/** How the board is reached, and for how long finished jobs lie there. */
export interface RedisBoardSettings extends QueueSettings {
  readonly retentionMs: number;
}

class RedisBoard implements JobBoard {
  readonly #settings: RedisBoardSettings;
  readonly #client: Redis;
  readonly #seal: Seal;
  readonly #self = randomUUID();
  readonly #changed = new Map<string, JobRecord>();
  readonly #timer: NodeJS.Timeout;
  #jobs: LocalJobs = { records: () => [], end: () => undefined };
  #isBeating = false;
  #showing: Promise<void> | undefined;
  #signedAt = -Infinity;
  /** Since when our own sign of life has been there without a gap. */
  #steadySince = Infinity;

  constructor(settings: RedisBoardSettings, logger: WorkLogger) {
    this.#settings = settings;
    this.#seal = createSeal(settings.key, PURPOSE);
    this.#client = connect(settings, 'commands', (problem) => {
      logger.warn({ problem }, 'the connection to the jobs of other servers is lost; it is made again');
    });
    this.#client.on('ready', () => {
      this.#signedAt = -Infinity;
      void this.#beat();
    });
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS).unref();
  }

  serve(jobs: LocalJobs): void {
    this.#jobs = jobs;
  }

  async show(record: JobRecord): Promise<void> {
    if (this.#signedAt === -Infinity) await this.#sign();
    await this.#write(record);
  }

  update(record: JobRecord): void {
    this.#changed.set(record.snapshot.id, record);
    void this.#showChanged();
  }

  forget(id: string): void {
    this.#changed.delete(id);
    // It expires where Redis is away.
    this.#command(() => this.#client.del(this.#key(id))).catch(() => undefined);
  }

  async find(id: string, signal?: AbortSignal): Promise<JobRecord | undefined> {
    for (;;) {
      const found = await this.#read(id);
      if (found !== undefined || this.#isSteady) return found === 'dropped' ? undefined : found;
      await pause(BEAT_MS, undefined, { signal });
    }
  }

  async end(id: string, how: Ending): Promise<void> {
    await this.#command(() => this.#client.set(this.#endKey(id), how, 'PX', UNFINISHED_MS));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#showChanged();
    await closeAll([], [this.#client]);
  }

  /** Whether the board was there for long enough that what it does not hold does not exist. */
  get #isSteady(): boolean {
    const nowMs = performance.now();
    const isSigned = nowMs - this.#signedAt < this.#settings.lockMs / 2;
    return isSigned && nowMs - this.#steadySince > SETTLED_AFTER_MS;
  }

  async #read(id: string): Promise<ServedRecord | 'dropped' | undefined> {
    const [sealed, ending] = await this.#command(() => this.#client.mget(this.#key(id), this.#endKey(id)));
    if (ending === 'drop') return 'dropped';
    const record = recordFromJson(this.#seal.open(sealed, this.#context(id)));
    if (record === undefined || isFinished(record.snapshot)) return record;
    if (ending === 'cancel') return { ...record, snapshot: { ...record.snapshot, state: 'cancelled' } };
    const lives = await this.#command(() => this.#client.exists(this.#signKey(record.server)));
    if (lives === 1 || !this.#isSteady) return record;
    const error = new SamepointError('queue/server-lost', {});
    return { ...record, snapshot: { ...record.snapshot, state: 'failed', error } };
  }

  async #write(record: JobRecord): Promise<void> {
    const { id } = record.snapshot;
    const sealed = this.#seal.close(recordToJson({ ...record, server: this.#self }), this.#context(id));
    const keptMs = isFinished(record.snapshot) ? this.#settings.retentionMs : UNFINISHED_MS;
    await this.#command(() => this.#client.set(this.#key(id), sealed, 'PX', keptMs));
  }

  /** Writes what has changed, the last state of each job; what fails is written at a later beat. */
  #showChanged(): Promise<void> {
    this.#showing ??= this.#writeChanged()
      // Redis is away: the next beat tries again.
      .catch(() => undefined)
      .finally(() => {
        this.#showing = undefined;
      });
    return this.#showing;
  }

  async #writeChanged(): Promise<void> {
    while (this.#changed.size > 0) {
      for (const [id, record] of this.#changed) {
        await this.#write(record);
        if (this.#changed.get(id) === record) this.#changed.delete(id);
      }
    }
  }

  async #beat(): Promise<void> {
    if (this.#isBeating || this.#client.status !== 'ready') return;
    this.#isBeating = true;
    try {
      const sinceMs = performance.now() - this.#signedAt;
      if (sinceMs > this.#settings.lockMs / SIGNS_PER_LEASE) await this.#sign();
      await this.#showChanged();
      await this.#endWhatIsUnwanted();
    } catch {
      this.#steadySince = Infinity;
    } finally {
      this.#isBeating = false;
    }
  }

  /** Says that this server lives. Where the last sign is gone, Redis was away: its jobs are shown again. */
  async #sign(): Promise<void> {
    const { lockMs } = this.#settings;
    const key = this.#signKey(this.#self);
    const before = await this.#command(() => this.#client.set(key, '1', 'PX', lockMs, 'GET'));
    const nowMs = performance.now();
    if (before === null || this.#steadySince === Infinity) {
      this.#steadySince = nowMs;
      for (const record of this.#jobs.records()) this.#changed.set(record.snapshot.id, record);
    }
    this.#signedAt = nowMs;
  }

  async #endWhatIsUnwanted(): Promise<void> {
    const running = this.#jobs.records().filter(({ snapshot }) => !isFinished(snapshot));
    const ids = running.map(({ snapshot }) => snapshot.id);
    if (ids.length === 0) return;
    const endings = await this.#command(() => this.#client.mget(ids.map((id) => this.#endKey(id))));
    for (const [index, id] of ids.entries()) {
      const ending = endings[index];
      if (ending === 'cancel' || ending === 'drop') this.#jobs.end(id, ending);
    }
  }

  async #command<T>(work: () => Promise<T>): Promise<T> {
    return await command(this.#client, work);
  }

  #context(id: string): string {
    return `${this.#settings.prefix} job ${id}`;
  }

  #key(id: string): string {
    return `${this.#settings.prefix}:web:job:${id}`;
  }

  #endKey(id: string): string {
    return `${this.#settings.prefix}:web:end:${id}`;
  }

  #signKey(server: string): string {
    return `${this.#settings.prefix}:web:server:${server}`;
  }
}

/** Opens a board in Redis. It need not be there yet. */
export function openRedisBoard(settings: RedisBoardSettings, logger: WorkLogger): JobBoard {
  return new RedisBoard(settings, logger);
}
