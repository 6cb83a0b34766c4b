import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time for which cooperative work keeps the event loop, ms: other requests do not notice. */
const MAX_BLOCKING_MS = 8;

/**
 * For long work on the main thread: awaited between its steps, it lets other requests have their turn whenever this work has
 * held the event loop for some milliseconds. Each piece of work takes its own.
 */
export function takeTurns(maxBlockingMs = MAX_BLOCKING_MS): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < maxBlockingMs) return;
    await nextTurn();
    since = performance.now();
  };
}
