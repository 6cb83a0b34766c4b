/**
 * The watch of a PACS among the servers of one Redis: a lease that the watching server renews, the state, and the reports of the others,
 * all but the lease sealed. A server that dies loses the lease after `lockMs`; then another one goes on from its state.
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { closeAll, command, connect } from '../redis/index.ts';
import { createSeal } from '../work/index.ts';
import type { QueueSettings, Seal, WorkLogger } from '../work/index.ts';
import type { Duty, DutyOf, Report } from './duty.ts';
import { parseState } from './state.ts';
import type { ArrivalState, StateFile } from './state.ts';

const PURPOSE = 'samepoint arrivals of servers 1';
/** Renewals in the time for which the lease holds. */
const BEATS_PER_LEASE = 6;
/** Reports that wait for a server that watches; the oldest are given up beyond that. */
const MAX_REPORTS = 10_000;
const REPORTS_AT_ONCE = 100;

/**
 * Acquires or renews a lease. Without a state in Redis, which has lost it then, only a server that has one acquires it.
 * KEYS: lease, state; ARGV: server, ms, whether this server has a state.
 */
const HOLD = `
local holder = redis.call('get', KEYS[1])
if holder == ARGV[1] then redis.call('pexpire', KEYS[1], ARGV[2]) return 'held' end
if holder then return 'elsewhere' end
if ARGV[3] == 'no' and redis.call('exists', KEYS[2]) == 0 then return 'unknown' end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'acquired'`;
/** Writes the state where this server watches. KEYS: lease, state; ARGV: server, state. */
const WRITE = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[2], ARGV[2])
return 1`;
/** Ends the lease of this server. KEYS: lease; ARGV: server. */
const RELEASE = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

const reportSchema = z.union([
  z.strictObject({ kind: z.literal('changed'), study: z.string() }),
  z.strictObject({ kind: z.literal('opened'), study: z.string() }),
  z.strictObject({
    kind: z.literal('suspect'),
    studyInstanceUid: z.string(),
    seriesInstanceUid: z.string().exactOptional(),
  }),
]);

class RedisDuty implements Duty {
  readonly state: StateFile = { read: () => this.#readState(), write: (state) => this.#writeState(state) };
  readonly #settings: QueueSettings;
  readonly #of: DutyOf;
  readonly #client: Redis;
  readonly #seal: Seal;
  readonly #self = randomUUID();
  readonly #timer: NodeJS.Timeout;
  #onGained: () => void = () => undefined;
  #heldUntilMs = -Infinity;
  /** What this server has written last. */
  #written: ArrivalState | undefined;
  /** Since when Redis holds neither a lease nor a state. */
  #unknownSinceMs: number | undefined;
  #beating: Promise<void> | undefined;
  problem: Duty['problem'];

  constructor(settings: QueueSettings, of: DutyOf, logger: WorkLogger) {
    this.#settings = settings;
    this.#of = of;
    this.#seal = createSeal(settings.key, PURPOSE);
    this.#client = connect(settings, 'commands', (problem) => {
      logger.warn({ problem }, 'the connection to the arrivals of other servers is lost; it is made again');
    });
    this.#timer = setInterval(() => void this.#beat(), settings.lockMs / BEATS_PER_LEASE).unref();
  }

  get isMine(): boolean {
    return performance.now() < this.#heldUntilMs;
  }

  begin(onGained: () => void): void {
    this.#onGained = onGained;
    this.#client.on('ready', () => void this.#beat());
    void this.#beat();
  }

  async send(report: Report): Promise<void> {
    const sealed = this.#seal.close(report, this.#context('reports'));
    const count = await this.#command(() => this.#client.rpush(this.#key('reports'), sealed));
    if (count > MAX_REPORTS)
      await this.#command(() => this.#client.ltrim(this.#key('reports'), -MAX_REPORTS, -1));
  }

  async receive(handle: (report: Report) => Promise<void>): Promise<void> {
    const key = this.#key('reports');
    const all = await this.#command(() => this.#client.lrange(key, 0, REPORTS_AT_ONCE - 1));
    for (const sealed of all) {
      const { data } = reportSchema.safeParse(this.#seal.open(sealed, this.#context('reports')));
      if (data !== undefined) await handle(data);
      await this.#command(() => this.#client.lrem(key, 1, sealed));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    this.#heldUntilMs = -Infinity;
    // It expires where Redis is away.
    await this.#script(RELEASE, [this.#key('watcher')], [this.#self]).catch(() => undefined);
    await closeAll([], [this.#client]);
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#hold().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async #hold(): Promise<void> {
    const nowMs = performance.now();
    try {
      const keys = [this.#key('watcher'), this.#key('state')];
      const has = this.#mayBegin(nowMs) ? 'yes' : 'no';
      const answer = await this.#script(HOLD, keys, [this.#self, this.#settings.lockMs, has]);
      this.problem = undefined;
      this.#unknownSinceMs = answer === 'unknown' ? (this.#unknownSinceMs ?? nowMs) : undefined;
      const isMine = answer === 'held' || answer === 'acquired';
      const isGained = answer === 'acquired' || (isMine && !this.isMine);
      this.#heldUntilMs = isMine ? nowMs + this.#settings.lockMs : -Infinity;
      if (isGained) this.#onGained();
    } catch (error) {
      if (!isSamepointError(error)) throw error;
      this.problem = { code: error.code, message: error.message };
    }
  }

  /** A Redis that has lost its data is given them again by the server that has watched; another one waits for that. */
  #mayBegin(nowMs: number): boolean {
    const sinceMs = this.#unknownSinceMs;
    return this.#written !== undefined || (sinceMs !== undefined && nowMs - sinceMs > this.#settings.lockMs);
  }

  /** The state of whoever has watched last; that of the file of this machine where Redis holds none. */
  async #readState(): Promise<ArrivalState> {
    const sealed = await this.#command(() => this.#client.get(this.#key('state')));
    const state = parseState(this.#seal.open(sealed, this.#context('state')));
    return state ?? this.#written ?? (await this.#of.file.read());
  }

  async #writeState(state: ArrivalState): Promise<void> {
    const sealed = this.#seal.close(state, this.#context('state'));
    const keys = [this.#key('watcher'), this.#key('state')];
    const count = await this.#script(WRITE, keys, [this.#self, sealed]);
    if (count !== 1) {
      this.#heldUntilMs = -Infinity;
      const fields = { file: this.#of.source, problem: 'another server watches this PACS' };
      throw new SamepointError('arrival/state-unusable', fields);
    }
    this.#written = state;
    await this.#of.file.write(state);
  }

  async #script(
    script: string,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown> {
    return await this.#command(() => this.#client.eval(script, keys.length, ...keys, ...values));
  }

  async #command<T>(work: () => Promise<T>): Promise<T> {
    return await command(this.#client, work);
  }

  #context(part: string): string {
    return `${this.#settings.prefix} arrivals ${this.#of.source} ${part}`;
  }

  #key(part: 'watcher' | 'state' | 'reports'): string {
    return `${this.#settings.prefix}:arrivals:${this.#of.source}:${part}`;
  }
}

/** Shares the watch of a PACS with the servers of a Redis, which need not be there yet. */
export function openRedisDuty(settings: QueueSettings, of: DutyOf, logger: WorkLogger): Duty {
  return new RedisDuty(settings, of, logger);
}
