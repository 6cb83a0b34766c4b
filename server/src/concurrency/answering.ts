import { move, transferableSymbol, valueSymbol } from 'piscina';
import { failed } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/**
 * Makes the entry point of a pool's thread. Buffers that `moved` names go back without a copy.
 * @returns the default export of the worker's file
 */
export function answering<Task, Result>(
  work: (task: Task) => Result | Promise<Result>,
  moved: (result: Result) => readonly ArrayBuffer[] = () => [],
): (task: Task) => Promise<unknown> {
  return async (task) => {
    let outcome: Outcome<Result>;
    try {
      outcome = { ok: true, value: await work(task) };
    } catch (thrown) {
      return failed(thrown);
    }
    const buffers = [...new Set(moved(outcome.value))];
    return move({ [transferableSymbol]: buffers, [valueSymbol]: outcome });
  };
}
