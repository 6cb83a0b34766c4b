/**
 * A queue that serves callers in turns. One who asks for ten series at once does not delay another's first: each caller has a
 * few pieces of work in a turn, and the next few in the next one. p-queue does the queueing; the turn is its priority.
 * @module
 */
import PQueue from 'p-queue';

/** What a caller has in the queue, and where its next piece of work goes. */
interface Line {
  turn: number;
  /** Pieces of work in that turn. */
  taken: number;
  waiting: number;
}

interface Entry {
  readonly id: string;
  readonly caller: string;
  turn: number;
}

/** Where a piece of work goes: into which turn, as the how many-th of its caller. */
type Place = Pick<Line, 'turn' | 'taken'>;

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

  /** What all callers have waiting, each counted up to its share: what one has beyond it takes no place from others. */
  waiting(share: number): number {
    return [...this.#lines.values()].reduce((sum, { waiting }) => sum + Math.min(waiting, share), 0);
  }

  /**
   * Runs the work when its turn has come. Work that waits is dropped when the signal aborts; work that runs keeps its place
   * until it has really ended and freed its memory.
   */
  async add<T>(key: string, caller: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const place = this.#nextPlace(caller);
    const entry = { id: String(this.#ids++), caller, turn: place.turn };
    this.#take(caller, place, 1);
    this.#entries.set(key, entry);
    const waiting = new AbortController();
    const drop = (): void => {
      waiting.abort(signal.reason);
    };
    if (signal.aborted) drop();
    signal.addEventListener('abort', drop, { once: true });
    const leave = (): void => {
      signal.removeEventListener('abort', drop);
      this.#leave(key, entry);
    };
    const options = { id: entry.id, priority: -entry.turn, signal: waiting.signal };
    try {
      return await this.#queue.add(() => {
        leave();
        this.#begin(entry);
        return work();
      }, options);
    } finally {
      leave();
    }
  }

  /** Somebody else wants what is waiting, too: it is served in the turn of whoever comes first. */
  join(key: string, caller: string): void {
    const entry = this.#entries.get(key);
    const place = this.#nextPlace(caller);
    if (entry === undefined || place.turn >= entry.turn) return;
    // It takes a place of this caller's turn, but is not counted as waiting for it.
    this.#take(caller, place, 0);
    entry.turn = place.turn;
    this.#queue.setPriority(entry.id, -entry.turn);
  }

  #nextPlace(caller: string): Place {
    const line = this.#lines.get(caller);
    if (line === undefined || line.turn < this.#turn) return { turn: this.#turn, taken: 1 };
    const { turn, taken } = line;
    return taken < this.#turnSize ? { turn, taken: taken + 1 } : { turn: turn + 1, taken: 1 };
  }

  #take(caller: string, place: Place, waiting: number): void {
    this.#lines.set(caller, { ...place, waiting: this.waitingOf(caller) + waiting });
  }

  #leave(key: string, entry: Entry): void {
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
