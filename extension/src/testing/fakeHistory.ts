import type { HistoryMemo } from '../ohif.d.ts';

type Memo = Parameters<HistoryMemo['push']>[0];

/** The host's list of what can be undone. */
export class FakeHistory implements HistoryMemo {
  /** The newest last. */
  readonly memos: Memo[] = [];
  readonly #undone: Memo[] = [];

  push(memo: Memo): void {
    this.memos.push(memo);
  }

  undoIf(condition: (memo: object) => boolean): boolean {
    const last = this.memos.at(-1);
    if (last === undefined || !condition(last)) return false;
    this.undo();
    return true;
  }

  /** Ctrl+Z. */
  undo(): void {
    const memo = this.memos.pop();
    if (memo === undefined) return;
    this.#undone.push(memo);
    memo.restoreMemo(true);
  }

  /** Ctrl+Y. */
  redo(): void {
    const memo = this.#undone.pop();
    if (memo === undefined) return;
    this.memos.push(memo);
    memo.restoreMemo(false);
  }
}
