/**
 * A queue that serves callers in turns. One who requests ten series at once does not delay another's first: each caller has a
 * few pieces of work in a turn, and the next few in the next one. p-queue does the queueing; the turn is its priority.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import PQueue from 'p-queue';
import type { Urgency } from '../work/index.ts';

/** What a caller has in the queue, and where its next piece of work goes. */
interface Line {
  turn: number;
  /** Pieces of work in that turn. */
  used: number;
  waiting: number;
}

interface Entry {
  readonly id: string;
  readonly caller: string;
  turn: number;
  urgency: Urgency;
}

/** Behind every turn of what readers wait for. */
const BACKGROUND_TURNS = 1e9;

/** Of p-queue: the highest runs first. */
function priorityOf({ turn, urgency }: Pick<Entry, 'turn' | 'urgency'>): number {
  return urgency === 'background' ? -turn - BACKGROUND_TURNS : -turn;
}

/** Where a piece of work goes: into which turn, as the how many-th of its caller. */
type Place = Pick<Line, 'turn' | 'used'>;

/** Work by key; no two pieces that wait at a time have the same key. */
export class FairQueue {
  readonly #queue: PQueue;
  readonly #turnSize: number;
  readonly #lines = new Map<string, Line>();
  readonly #entries = new Map<string, Entry>();
  /** Of the work that began last. */
  #turn = 0;
  #ids = 0;

  constructor({ concurrency, turnSize }: { readonly concurrency: number; readonly turnSize: number }) {
    this.#queue = new PQueue({ concurrency });
    this.#turnSize = turnSize;
  }

  /** What a caller has waiting. */
  waitingOf(caller: string): number {
    return this.#lines.get(caller)?.waiting ?? 0;
  }

  /** What all callers have waiting, each counted up to its share: what one has beyond it costs the others no place. */
  waiting(share: number): number {
    return [...this.#lines.values()].reduce((sum, { waiting }) => sum + Math.min(waiting, share), 0);
  }

  /** What waits and what runs, of all callers. */
  get load(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.#queue.size, running: this.#queue.pending };
  }

  /**
   * Runs the work when its turn has come. Work that waits is dropped when the signal aborts; work that runs keeps its place
   * until it has really ended and freed its memory.
   */
  async add<T>(
    key: string,
    caller: string,
    work: () => Promise<T>,
    signal: AbortSignal,
    urgency: Urgency = 'interactive',
  ): Promise<T> {
    const place = this.#nextPlace(caller);
    const entry = { id: String(this.#ids++), caller, turn: place.turn, urgency };
    this.#usePlace(caller, place, 1);
    this.#entries.set(key, entry);
    const waiting = new AbortController();
    const drop = (): void => {
      waiting.abort(signal.reason);
    };
    if (signal.aborted) drop();
    signal.addEventListener('abort', drop, { once: true });
    const remove = (): void => {
      signal.removeEventListener('abort', drop);
      this.#remove(key, entry);
    };
    // It belongs to this request, and not to the one whose end lets it begin.
    const ownWork = AsyncLocalStorage.bind(work);
    const options = { id: entry.id, priority: priorityOf(entry), signal: waiting.signal };
    try {
      return await this.#queue.add(() => {
        remove();
        this.#begin(entry);
        return ownWork();
      }, options);
    } finally {
      remove();
    }
  }

  /** Somebody else wants what is waiting, too: it is served in the turn of whoever comes first. */
  join(key: string, caller: string, urgency: Urgency = 'interactive'): void {
    const entry = this.#entries.get(key);
    const place = this.#nextPlace(caller);
    if (entry === undefined) return;
    const isUrgent = urgency === 'interactive' && entry.urgency === 'background';
    if (place.turn >= entry.turn && !isUrgent) return;
    // It uses a place of this caller's turn, but is not counted as waiting for it.
    this.#usePlace(caller, place, 0);
    entry.turn = Math.min(entry.turn, place.turn);
    if (isUrgent) entry.urgency = urgency;
    this.#queue.setPriority(entry.id, priorityOf(entry));
  }

  #nextPlace(caller: string): Place {
    const line = this.#lines.get(caller);
    if (line === undefined || line.turn < this.#turn) return { turn: this.#turn, used: 1 };
    const { turn, used } = line;
    return used < this.#turnSize ? { turn, used: used + 1 } : { turn: turn + 1, used: 1 };
  }

  #usePlace(caller: string, place: Place, waiting: number): void {
    this.#lines.set(caller, { ...place, waiting: this.waitingOf(caller) + waiting });
  }

  #remove(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    const line = this.#lines.get(entry.caller);
    if (line !== undefined) line.waiting -= 1;
  }

  /** Callers whose turns are over and who have nothing waiting are forgotten; the others must not begin anew. */
  #begin({ turn }: Entry): void {
    this.#turn = Math.max(this.#turn, turn);
    for (const [caller, line] of this.#lines) {
      if (line.waiting === 0 && line.turn < this.#turn) this.#lines.delete(caller);
    }
  }
}
