/**
 * Matching while the PACS is asked. Where a caller's grant has aged, the PACS is asked again, and in the meantime the points are
 * searched as if it said what it said before. Nothing of that leaves before the PACS has granted access again, and nothing
 * at all if it refuses or names other images: this hides a wait, it decides nothing.
 * @module
 */
import type { Embedding } from '../embedding/index.ts';
import type { GrantedSeries } from './access.ts';
import type { Preparation } from './embeddings.ts';
import type { MatchResult } from './types.ts';

/** The series of a request, the query first. */
export type SeriesOf<T> = readonly [query: T, ...targets: readonly T[]];

/** What working ahead needs of a request. */
export interface AheadParts {
  readonly expected: SeriesOf<GrantedSeries>;
  /** From the series to what has their embeddings; only what is at hand is used. */
  readonly plan: (series: GrantedSeries) => Promise<Preparation>;
  readonly match: (embeddings: SeriesOf<Embedding>, signal: AbortSignal) => Promise<MatchResult>;
  readonly signal: AbortSignal | undefined;
}

/** Answers that nobody may see yet. */
export class Ahead {
  readonly #expected: SeriesOf<GrantedSeries>;
  readonly #leave = new AbortController();
  readonly #result: Promise<MatchResult | undefined>;

  constructor({ expected, plan, match, signal }: AheadParts) {
    this.#expected = expected;
    const leave = signal === undefined ? this.#leave.signal : AbortSignal.any([signal, this.#leave.signal]);
    this.#result = (async () => {
      const [query, ...targets] = await Promise.all(expected.map(plan));
      if (query === undefined || ![query, ...targets].every(({ ready }) => ready)) return undefined;
      leave.throwIfAborted();
      const embeddings = await Promise.all([query.run(), ...targets.map((target) => target.run())]);
      return await match(embeddings, leave);
    })();
    // Nobody may ever take them.
    this.#result.catch(() => undefined);
  }

  /** The answers, if the PACS has granted what was expected; undefined where the search has to be made now. */
  async take(granted: SeriesOf<GrantedSeries>): Promise<MatchResult | undefined> {
    const isSame = granted.every((series, index) => isSameSeries(series, this.#expected[index]));
    // A search that failed is made again, and fails where it should.
    if (isSame) return await this.#result.catch(() => undefined);
    this.drop();
    return undefined;
  }

  /** Ends the search: access was refused, or the images are others. */
  drop(): void {
    this.#leave.abort(new Error('searched ahead in vain'));
  }
}

/** True when both name the same images. */
function isSameSeries(one: GrantedSeries, other: GrantedSeries | undefined): boolean {
  const [a, b] = [one.sopInstanceUids, other?.sopInstanceUids];
  return (
    one === other ||
    (one.series.seriesInstanceUid === other?.series.seriesInstanceUid &&
      one.series.studyInstanceUid === other.series.studyInstanceUid &&
      a.length === b?.length &&
      a.every((uid, index) => uid === b[index]))
  );
}
