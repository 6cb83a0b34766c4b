import { Unreadable } from '../contentTree/index.ts';
import type { UnreadFindings } from './types.ts';

/** Reasons of one document that are distinguished; a hostile one must not make many. */
const MAX_REASONS = 20;
const OTHER_REASONS = 'there are other reasons';

/** Counts findings that could not be read, by reason. */
export class UnreadCounter {
  readonly #counts = new Map<string, number>();

  /** Counts one or more of a reason. */
  add(reason: string, count = 1): void {
    const isKnown = this.#counts.has(reason) || this.#counts.size < MAX_REASONS;
    const key = isKnown ? reason : OTHER_REASONS;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  /** What the work gives; undefined, counted, where it raised {@link Unreadable}. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.add(error.message);
      return undefined;
    }
  }

  /** The most frequent reason first. */
  get reasons(): readonly UnreadFindings[] {
    return [...this.#counts]
      .map(([reason, count]) => ({ reason, count }))
      .sort((one, other) => other.count - one.count);
  }
}
