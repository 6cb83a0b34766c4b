/**
 * The arrivals of all PACS that are watched: starts and ends their watches, and is what the other parts of the server see of them.
 * @module
 */
import type { PriorList } from '../priors/types.ts';
import type { Suspect } from './gone.ts';
import { inTurn } from './inTurn.ts';
import type { Watch } from './inTurn.ts';
import { Openings } from './opening.ts';
import { SourceWatch } from './sourceWatch.ts';
import type { WatchedSource, WatchParts, WatchStatus } from './types.ts';
import { SamepointError } from '../errors/index.ts';

/** How soon it is looked whether a study has become due, ms. */
const DUE_MS = 2_000;

/** The arrivals, as the other parts see them. */
export interface Arrivals {
  /**
   * A PACS reports a study. Resolves when that is written.
   * @param source as the configuration names it; the first one where absent
   * @throws SamepointError `arrival/not-watched`, `arrival/state-unusable`
   */
  report(study: string, source?: string): Promise<void>;
  /** A reader has opened a study, or wants a series of it. @param list of its time points, where they were requested */
  opened(study: string, list?: Pick<PriorList, 'current' | 'priors'>): void;
  /** A PACS does not hold a series: it is looked at with the credentials of this server. */
  suspect(series: Suspect, source: string | undefined): void;
  readonly statuses: readonly WatchStatus[];
  /** Ends the watches; what they do is aborted. */
  close(): Promise<void>;
}

/** Repeats work with pauses, and at once when it is woken. */
class Loop {
  readonly ended: Promise<void>;
  #woken = Promise.withResolvers<undefined>();

  constructor(work: () => Promise<void>, pauseMs: number, signal: AbortSignal) {
    signal.addEventListener('abort', () => {
      this.wake();
    });
    this.ended = this.#run(work, pauseMs, signal);
  }

  wake(): void {
    this.#woken.resolve(undefined);
  }

  async #run(work: () => Promise<void>, pauseMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#woken = Promise.withResolvers<undefined>();
      await work();
      const timer = setTimeout(() => {
        this.wake();
      }, pauseMs);
      await this.#woken.promise;
      clearTimeout(timer);
    }
  }
}

/** A watch that runs. */
interface RunningWatch {
  readonly watch: Watch;
  readonly precomputing: Loop;
  readonly looking: Loop;
}

function begin(source: WatchedSource, parts: WatchParts, signal: AbortSignal): RunningWatch {
  const { duty } = source;
  const own = new SourceWatch(source, parts, signal);
  const watch = duty === undefined ? own : inTurn(own, duty);
  const { pollMs } = parts.times;
  const precomputing = new Loop(() => watch.precomputeDue(), Math.min(DUE_MS, pollMs), signal);
  const look = async (): Promise<void> => {
    await watch.look();
    precomputing.wake();
  };
  const looking = new Loop(look, pollMs, signal);
  duty?.begin(() => {
    own.reopen();
    looking.wake();
  });
  return { watch, precomputing, looking };
}

/** Watches the PACS. */
export function watchArrivals(sources: readonly WatchedSource[], parts: WatchParts): Arrivals {
  const ending = new AbortController();
  const { signal } = ending;
  const openings = new Openings(parts, signal);
  const watches = sources.map((source) => begin(source, parts, signal));
  const named = (name: string | undefined): RunningWatch | undefined =>
    name === undefined ? watches[0] : watches.find(({ watch }) => watch.name === name);
  return {
    async report(study, source) {
      const found = named(source);
      if (found === undefined) throw new SamepointError('arrival/not-watched', {});
      await found.watch.report(study);
      found.precomputing.wake();
    },
    opened(study, list) {
      if (list !== undefined) void openings.open(list);
      for (const { watch, precomputing } of watches) if (watch.promote(study)) precomputing.wake();
    },
    suspect(series, source) {
      const found = named(source);
      found?.watch.suspect(series);
      found?.looking.wake();
    },
    get statuses() {
      return watches.map(({ watch }) => watch.status);
    },
    async close() {
      ending.abort(new Error('the server is being stopped'));
      await Promise.all(watches.flatMap(({ precomputing, looking }) => [precomputing.ended, looking.ended]));
      for (const { duty } of sources) await duty?.close();
    },
  };
}
