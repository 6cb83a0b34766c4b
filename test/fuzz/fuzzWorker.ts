/**
 * Runs inputs in a thread, so that one that does not come back can be ended. Where it is stands in shared memory: a thread
 * that hangs sends no messages.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { isSamepointError } from '../../server/src/errors/index.ts';
import { inputSeed, Random } from './random.ts';
import { targetOf } from './targets/index.ts';

/** The work of a thread: one target's inputs from `first` up to, not including, `last`. */
export interface Assignment {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly last: number;
  /** Index of the input in work, and the time of its start, ms since the epoch modulo 2^31. */
  readonly place: SharedArrayBuffer;
}

/** What it reports: inputs that raised what they must not, then its end. */
export type Message =
  | { readonly kind: 'finding'; readonly index: number; readonly input: Uint8Array; readonly message: string }
  | { readonly kind: 'done' };

/** Milliseconds as they fit an Int32. */
export function clock(): number {
  return Date.now() % 2 ** 31;
}

/** The input of a run with this number. */
export async function inputOf(name: string, seed: number, index: number): Promise<Uint8Array> {
  return await targetOf(name).make(new Random(inputSeed(seed, name, index)));
}

/** What a target raised that it must not; undefined where it read the input or refused it as documented. */
export async function failureOf(name: string, input: Uint8Array): Promise<string | undefined> {
  try {
    await targetOf(name).run(input);
    return undefined;
  } catch (error) {
    if (isSamepointError(error)) return undefined;
    return error instanceof Error
      ? (error.stack ?? error.message)
      : `thrown ${typeof error}: ${String(error)}`;
  }
}

async function runAll({ target, seed, first, last, place }: Assignment): Promise<void> {
  const [at, since] = [new Int32Array(place, 0, 1), new Int32Array(place, 4, 1)];
  for (let index = first; index < last; index += 1) {
    const input = await inputOf(target, seed, index);
    Atomics.store(at, 0, index);
    Atomics.store(since, 0, clock());
    // The input itself may be changed by who reads it.
    const message = await failureOf(target, Uint8Array.from(input));
    Atomics.store(since, 0, -1);
    if (message !== undefined)
      parentPort?.postMessage({ kind: 'finding', index, input, message } satisfies Message);
  }
  parentPort?.postMessage({ kind: 'done' } satisfies Message);
}

if (parentPort !== null) {
  await runAll(workerData as Assignment);
}
