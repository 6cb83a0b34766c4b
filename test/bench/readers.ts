/**
 * Readers at work: requests that come whether the ones before are answered or not (open loop, what a server meets), or as fast as they are
 * answered (closed loop, what it can do at most).
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../accuracy/statistics.ts';
import type { SamepointApi } from '../support/api.ts';

const MS_PER_S = 1000;

/** What became of many requests; times in ms from the moment at which a request was due. */
export interface LoadFigures {
  readonly requests: number;
  readonly errors: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** One request; rejects where the answer is not what it must be. */
export type Send = (reader: number) => Promise<void>;

/** Times and failures while they come. */
class Tally {
  readonly #ms: number[] = [];
  readonly reasons = new Map<string, number>();

  async count(due: number, work: Promise<void>): Promise<void> {
    try {
      await work;
      this.#ms.push(performance.now() - due);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    }
  }

  figures(seconds: number): LoadFigures {
    const errors = [...this.reasons.values()].reduce((sum, count) => sum + count, 0);
    const at = (share: number): number => Number(quantile(this.#ms, share).toFixed(1));
    return {
      requests: this.#ms.length + errors,
      errors,
      perSecond: Number((this.#ms.length / seconds).toFixed(1)),
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  }
}

/** Figures, and the reasons of failures with their numbers. */
export interface LoadResult {
  readonly figures: LoadFigures;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Pauses of a reader, exponential around their mean: clicks come in bursts. */
function thinkMs(meanMs: number): number {
  return -meanMs * Math.log(1 - Math.random());
}

/** Every reader sends a request after a pause, whether the last one has its answer or not. */
export async function openLoop(
  readers: number,
  seconds: number,
  meanThinkMs: number,
  send: Send,
): Promise<LoadResult> {
  const tally = new Tally();
  const start = performance.now();
  const running: Promise<void>[] = [];
  const read = async (reader: number): Promise<void> => {
    for (
      let due = start + thinkMs(meanThinkMs);
      due < start + seconds * MS_PER_S;
      due += thinkMs(meanThinkMs)
    ) {
      await sleep(Math.max(0, due - performance.now()));
      running.push(tally.count(due, send(reader)));
    }
  };
  await Promise.all(Array.from({ length: readers }, (_, reader) => read(reader)));
  await Promise.all(running);
  return { figures: tally.figures(seconds), reasons: Object.fromEntries(tally.reasons) };
}

/** Every reader sends the next request as soon as there is an answer. */
export async function closedLoop(readers: number, seconds: number, send: Send): Promise<LoadResult> {
  const tally = new Tally();
  const end = performance.now() + seconds * MS_PER_S;
  const read = async (reader: number): Promise<void> => {
    while (performance.now() < end) await tally.count(performance.now(), send(reader));
  };
  await Promise.all(Array.from({ length: readers }, (_, reader) => read(reader)));
  return { figures: tally.figures(seconds), reasons: Object.fromEntries(tally.reasons) };
}

/** Sends requests that cost nothing, again and again, and reports the longest times to an answer: the delay of the event loop. */
export class HealthProbe {
  readonly #api: SamepointApi;
  readonly #ms: number[] = [];
  readonly #done: Promise<void>;
  #isOver = false;

  /** @param everyMs pause between two questions */
  constructor(api: SamepointApi, everyMs: number) {
    this.#api = api;
    this.#done = this.#probe(everyMs);
  }

  async stop(): Promise<Pick<LoadFigures, 'requests' | 'p50Ms' | 'p99Ms' | 'maxMs'>> {
    this.#isOver = true;
    await this.#done;
    const at = (share: number): number => Number(quantile(this.#ms, share).toFixed(1));
    return { requests: this.#ms.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }

  async #probe(everyMs: number): Promise<void> {
    while (!this.#isOver) {
      const since = performance.now();
      await this.#api.request('GET', '/health');
      this.#ms.push(performance.now() - since);
      await sleep(everyMs);
    }
  }
}
