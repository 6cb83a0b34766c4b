import { Redis } from 'ioredis';
import { problemOf, SamepointError } from '../errors/index.ts';
import type { QueueSettings } from './types.ts';

/** A command that takes longer has failed for who waits, ms: a reader is told, and the loop of a waiter tries again. */
export const COMMAND_TIMEOUT_MS = 5_000;
/** Longest pause between two attempts to connect, ms: a Redis that is back is used within this time. */
const RECONNECT_MS = 1_000;
const FIRST_RECONNECT_MS = 50;

/** What Redis answers when it is there and does not do what it is told. */
const REFUSALS = /^(?:WRONGPASS|NOAUTH|NOPERM|OOM|READONLY|MISCONF|ERR invalid password)/;

/** What is wrong with Redis, without its address and without what was sent. */
function wordsFor(cause: unknown): string {
  const problem = problemOf(cause);
  const message = cause instanceof Error ? cause.message : '';
  return REFUSALS.exec(message)?.[0] ?? (problem === '' ? 'no connection' : problem);
}

/** A failed command, in words of the catalogue. */
export function queueError(cause: unknown): SamepointError {
  const message = cause instanceof Error ? cause.message : '';
  const code = REFUSALS.test(message) ? 'queue/refused' : 'queue/unreachable';
  return new SamepointError(code, { problem: wordsFor(cause) }, { cause });
}

/** Which commands a connection is for: those that wait for work outlive an outage, the others fail with it. */
type Use = 'commands' | 'blocking';

/** A connection that is made again whenever it is lost. Errors are reported once per loss. */
export function connect(settings: QueueSettings, use: Use, onLoss: (problem: string) => void): Redis {
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
    retryStrategy: (times) => Math.min(FIRST_RECONNECT_MS * 2 ** times, RECONNECT_MS),
  });
  let isLost = false;
  client.on('error', (error: unknown) => {
    if (!isLost) onLoss(wordsFor(error));
    isLost = true;
  });
  client.on('ready', () => {
    isLost = false;
  });
  return client;
}

/** Runs a command, within {@link COMMAND_TIMEOUT_MS}. @throws SamepointError `queue/unreachable`, `queue/refused` */
export async function command<T>(client: Redis, work: () => Promise<T>): Promise<T> {
  if (client.status !== 'ready') throw new SamepointError('queue/unreachable', { problem: 'no connection' });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error('no answer in time'));
  }, COMMAND_TIMEOUT_MS);
  try {
    return await Promise.race([work(), late.promise]);
  } catch (cause) {
    throw queueError(cause);
  } finally {
    clearTimeout(timer);
  }
}
