import type { HistoryMemo } from '../ohif.d.ts';
import type { Host } from './host.ts';

/** The host's list of what Ctrl+Z undoes; undefined in a host without one. */
function historyOf({ libraries }: Host): HistoryMemo | undefined {
  return libraries.cornerstone.utilities?.HistoryMemo?.DefaultHistoryMemo;
}

/**
 * The decisions of the reader in the host's list of what can be undone: Ctrl+Z undoes them in turn with the host's own annotations, Ctrl+Y
 * does them again.
 */
export class History<Step extends object> {
  readonly #host: Host;
  readonly #restore: (step: Step, isUndo: boolean) => void;
  readonly #steps = new WeakMap<object, Step>();

  /** @param restore undoes a step, or does it again; a step that has no effect any more is left as it is */
  constructor(host: Host, restore: (step: Step, isUndo: boolean) => void) {
    this.#host = host;
    this.#restore = restore;
  }

  add(step: Step): void {
    // Without an id: the host would look for an annotation that has it.
    const memo = {
      restoreMemo: (isUndo?: boolean) => {
        this.#restore(step, isUndo !== false);
      },
    };
    this.#steps.set(memo, step);
    historyOf(this.#host)?.push(memo);
  }

  /** Undoes a step through the host, where it is the last one there too: Ctrl+Z goes on before it. Gives whether it was. */
  undo(step: Step): boolean {
    return historyOf(this.#host)?.undoIf?.((memo) => this.#steps.get(memo) === step) ?? false;
  }
}
