/**
 * Speculative matching during the query to the PACS. Where a caller's grant has aged, the PACS is queried again, and the points are
 * meanwhile searched as if it said what it said before; and each time the images of an embedding are compared with those that the PACS
 * holds (contentCheck.ts), the search goes on beside it. Nothing of that is sent before the PACS has granted access and the images
 * are the same, and nothing at all if it refuses or holds others: this hides a wait, it decides nothing.
 * @module
 */
import type { Embedding } from '../embedding/index.ts';
import type { GrantedSeries } from '../access/index.ts';
import type { Candidate } from '../seriesEmbeddings/index.ts';
import type { MatchResult } from './types.ts';

/** The series of a request, the query first. */
export type SeriesOf<T> = readonly [query: T, ...targets: readonly T[]];

/** What speculation needs of a request. */
export interface SpeculationParts {
  readonly expected: SeriesOf<GrantedSeries>;
  /** From the series to their embeddings; only what is at hand is used. */
  readonly candidate: (series: GrantedSeries, signal: AbortSignal) => Promise<Candidate | undefined>;
  readonly match: (embeddings: SeriesOf<Embedding>, signal: AbortSignal) => Promise<MatchResult>;
  readonly signal: AbortSignal | undefined;
}

/** Speculative answers: withheld until the PACS has granted access. */
export class Speculation {
  /** What is at hand of each series, in their order. */
  readonly candidates: Promise<readonly (Candidate | undefined)[]>;
  readonly #abort = new AbortController();
  readonly #result: Promise<MatchResult | undefined>;

  constructor({ expected, candidate, match, signal }: SpeculationParts) {
    const abortSignal =
      signal === undefined ? this.#abort.signal : AbortSignal.any([signal, this.#abort.signal]);
    this.candidates = Promise.all(expected.map((series) => candidate(series, abortSignal)));
    this.#result = (async () => {
      const [query, ...targets] = await this.#embeddings();
      if (query === undefined) return undefined;
      abortSignal.throwIfAborted();
      return await match([query, ...targets], abortSignal);
    })();
    // Possibly no caller reads them.
    this.#result.catch(() => undefined);
  }

  /** Whether the PACS sends the caller an image of this series because its embedding is checked; the query is 0. */
  async isRetrieved(index: number): Promise<boolean> {
    const candidates = await this.candidates.catch(() => []);
    return (await candidates[index]?.isRetrieved) ?? false;
  }

  /** The embeddings of all series, or none. */
  async #embeddings(): Promise<readonly Embedding[]> {
    const found = (await this.candidates).map((one) => one?.embedding);
    const embeddings = found.filter((one) => one !== undefined);
    return embeddings.length === found.length ? embeddings : [];
  }

  /** The answers, if they were made of these embeddings; undefined where the search has to be made now. */
  async resultFor(embeddings: readonly Embedding[]): Promise<MatchResult | undefined> {
    const used = await this.#embeddings().catch(() => []);
    const isSame = used.length === embeddings.length && used.every((one, index) => one === embeddings[index]);
    // A search that failed is made again, and fails where it should.
    if (isSame) return await this.#result.catch(() => undefined);
    this.drop();
    return undefined;
  }

  /** Ends the search: access was refused, or the images are others. */
  drop(): void {
    this.#abort.abort(new Error('the speculative search was dropped'));
  }
}
