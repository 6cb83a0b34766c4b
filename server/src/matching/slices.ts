import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Work units done between two turns of the event loop. A unit is one multiply-add; 4 million take 4 to 8 ms in
 * V8, so that a health check or another reader's request never waits longer than that for a search.
 */
const UNITS_PER_SLICE = 4_000_000;

/**
 * Runs `work(from, to)` over [0, count) in slices, giving the event loop a turn after each.
 * @param unitsPerItem cost of one item in multiply-adds
 * @throws the signal's reason when it is aborted
 */
export async function inSlices(
  count: number,
  unitsPerItem: number,
  work: (from: number, to: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const step = Math.max(1, Math.floor(UNITS_PER_SLICE / Math.max(1, unitsPerItem)));
  for (let from = 0; from < count; from += step) {
    signal?.throwIfAborted();
    work(from, Math.min(count, from + step));
    await nextTurn();
  }
  signal?.throwIfAborted();
}
