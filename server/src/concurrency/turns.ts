import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time for which cooperative work keeps the event loop, ms: other requests do not notice. */
const MAX_BLOCKING_MS = 8;

/**
 * For long work on the main thread: awaited between its steps, it lets other requests have their turn whenever this work has
 * held the event loop for some milliseconds. Each piece of work needs its own.
 */
export function cooperativeTurns(maxBlockingMs = MAX_BLOCKING_MS): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < maxBlockingMs) return;
    await nextTurn();
    since = performance.now();
  };
}

/** Longest time for which {@link inTurns} keeps the event loop, ms. */
const STEPS_BLOCKING_MS = 4;

/**
 * Does work in steps; other work gets its turn every few milliseconds.
 * @throws the signal's reason when it is aborted between two steps
 */
export async function inTurns<T>(work: Generator<void, T>, signal?: AbortSignal): Promise<T> {
  const turn = cooperativeTurns(STEPS_BLOCKING_MS);
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = work.next();
    if (done === true) return value;
    await turn();
  }
}

/** Does the same work at once. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
