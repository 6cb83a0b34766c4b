import { Redis } from 'ioredis';
import { problemOf, SamepointError } from '../errors/index.ts';

/** Where Redis is, and how it is entered. */
export interface RedisSettings {
  /** redis:// or rediss://, without a password. */
  readonly redis: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Certificates (PEM) by which Redis is known. */
  readonly ca?: string | undefined;
}

/** A command that lasts longer has failed for who waits, ms: a new request is refused, and the loop of a waiter tries again. */
const COMMAND_TIMEOUT_MS = 5_000;
/** Longest pause between two attempts to connect, ms: a Redis that is back is used within this time. */
const RECONNECT_MS = 1_000;
const FIRST_RECONNECT_MS = 50;
/** Time for a connection to close by itself, ms: a process ends no earlier. */
const DISCONNECT_MS = 100;

/** What Redis answers when it is there and refuses. */
const REFUSALS = /^(?:WRONGPASS|NOAUTH|NOPERM|OOM|READONLY|MISCONF|ERR invalid password)/;

/** What is wrong with Redis, without its address and without what was sent. */
function wordsFor(cause: unknown): string {
  const problem = problemOf(cause);
  const message = cause instanceof Error ? cause.message : '';
  return REFUSALS.exec(message)?.[0] ?? (problem === '' ? 'no connection' : problem);
}

/** What is wrong with Redis, in words of the catalogue. */
function queueError(problem: string, cause?: unknown): SamepointError {
  const code = REFUSALS.test(problem) ? 'queue/refused' : 'queue/unreachable';
  return new SamepointError(code, { problem }, { cause });
}

/** Why a connection that is lost could not be made again. */
const problems = new WeakMap<Redis, string>();

/** BullMQ makes copies of a connection, which it does not close where Redis is gone. */
const copies = new WeakMap<Redis, Redis[]>();

/** Which commands a connection is for: those that wait for work outlive an outage, the others fail with it. */
type Use = 'commands' | 'blocking';

/** A connection that is made again whenever it is lost. Errors are reported once per loss. */
export function connect(settings: RedisSettings, use: Use, onLoss: (problem: string) => void): Redis {
  const { redis, username, password, ca } = settings;
  const isBlocking = use === 'blocking';
  const client = new Redis(redis, {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    maxRetriesPerRequest: isBlocking ? null : 0,
    enableOfflineQueue: isBlocking,
    ...(isBlocking ? {} : { commandTimeout: COMMAND_TIMEOUT_MS }),
    connectTimeout: COMMAND_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_MS,
    retryStrategy: (times) => Math.min(FIRST_RECONNECT_MS * 2 ** times, RECONNECT_MS),
  });
  const duplicate = client.duplicate.bind(client);
  const made: Redis[] = [];
  client.duplicate = (override) => {
    const copy = duplicate(override);
    made.push(copy);
    return copy;
  };
  copies.set(client, made);
  let isLost = false;
  client.on('error', (error: unknown) => {
    problems.set(client, wordsFor(error));
    if (!isLost) onLoss(wordsFor(error));
    isLost = true;
  });
  client.on('ready', () => {
    isLost = false;
    problems.delete(client);
  });
  return client;
}

/** Runs a command, within {@link COMMAND_TIMEOUT_MS}. @throws SamepointError `queue/unreachable`, `queue/refused` */
export async function command<T>(client: Redis, work: () => Promise<T>): Promise<T> {
  if (client.status !== 'ready') throw queueError(problems.get(client) ?? 'no connection');
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error('no answer in time'));
  }, COMMAND_TIMEOUT_MS);
  try {
    return await Promise.race([work(), late.promise]);
  } catch (cause) {
    throw queueError(wordsFor(cause), cause);
  } finally {
    clearTimeout(timer);
  }
}

/** What is opened over a connection closes within this time, ms: with a Redis that is gone it would never. */
const CLOSE_MS = 3_000;

/** Closes parts, and then their connections, whether Redis answers or not. */
export async function closeAll(
  parts: readonly { close(): Promise<void> }[],
  connections: readonly Redis[],
): Promise<void> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    late.resolve(undefined);
  }, CLOSE_MS);
  const closed = Promise.allSettled(parts.map((part) => part.close()));
  await Promise.race([closed, late.promise]);
  clearTimeout(timer);
  const all = connections.flatMap((connection) => [connection, ...(copies.get(connection) ?? [])]);
  for (const connection of all) connection.disconnect();
}
