import { setImmediate as breathe } from 'node:timers/promises';

/** Longest time for which work in steps keeps the event loop, ms: not noticed by other requests. */
const MAX_BLOCKING_MS = 4;

/**
 * Does work in steps; other work gets its turn every few milliseconds.
 * @throws the signal's reason when it is aborted between two steps
 */
export async function inTurns<T>(work: Generator<void, T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  for (let since = performance.now(); ;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - since < MAX_BLOCKING_MS) continue;
    await breathe();
    signal?.throwIfAborted();
    since = performance.now();
  }
}

/** Does the same work at once. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
