import type { PairWork } from './answer.ts';
import { METHODS } from './methods.ts';
import type { Prepared } from './preparation.ts';
import type { SharedEmbedding } from './sharedEmbedding.ts';
import type { MatchMethod } from './types.ts';

type Preparing = Promise<Prepared | undefined>;
/** The work of a pair that is not about its points. */
type PairMethod = Omit<PairWork, 'points'>;

/** What methods compute once per pair; kept as long as both embeddings, and computed again after a failure. */
export class PreparedPairs {
  readonly #pairs = new WeakMap<SharedEmbedding, WeakMap<SharedEmbedding, Map<MatchMethod, Preparing>>>();
  readonly #prepare: (work: PairMethod) => Preparing;

  /** @param prepare computes it for a pair whose method has something to prepare */
  constructor(prepare: (work: PairMethod) => Preparing) {
    this.#prepare = prepare;
  }

  async get(work: PairMethod): Preparing {
    const { query, target, method } = work;
    if (METHODS[method].steps === undefined) return undefined;
    const ofQuery = this.#pairs.get(query) ?? new WeakMap<SharedEmbedding, Map<MatchMethod, Preparing>>();
    this.#pairs.set(query, ofQuery);
    const ofPair = ofQuery.get(target) ?? new Map<MatchMethod, Preparing>();
    ofQuery.set(target, ofPair);
    const known = ofPair.get(method);
    if (known !== undefined) return known;
    const preparing = this.#prepare(work);
    ofPair.set(method, preparing);
    preparing.catch(() => ofPair.delete(method));
    return preparing;
  }
}
