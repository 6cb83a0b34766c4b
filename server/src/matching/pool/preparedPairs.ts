import type { PairWork } from '../answer.ts';
import { METHODS } from '../methods.ts';
import type { Prepared } from '../preparation.ts';
import type { SharedEmbedding } from '../../search/index.ts';
import type { MatchMethod } from '../types.ts';

type Preparing = Promise<Prepared | undefined>;
/** The work of a pair that is not about its points. */
type PairMethod = Omit<PairWork, 'points'>;

/** Most bytes of what is prepared; one pair is always kept. */
const MAX_BYTES = 128 * 2 ** 20;

/** One prepared method of a pair that is kept. */
interface Kept {
  readonly ofPair: Map<MatchMethod, Preparing>;
  readonly method: MatchMethod;
  readonly bytes: number;
}

/**
 * What methods compute once per pair; kept as long as both embeddings, unless the pairs used since take too much memory, and computed
 * again after a failure.
 */
export class PreparedPairs {
  readonly #maxBytes: number;
  /** In the order of their last use. */
  readonly #kept = new Map<Preparing, Kept>();
  #bytes = 0;
  readonly #pairs = new WeakMap<SharedEmbedding, WeakMap<SharedEmbedding, Map<MatchMethod, Preparing>>>();
  readonly #prepare: (work: PairMethod) => Preparing;

  /**
   * @param prepare computes it for a pair whose method has something to prepare
   * @param maxBytes that is kept
   */
  constructor(prepare: (work: PairMethod) => Preparing, maxBytes = MAX_BYTES) {
    this.#prepare = prepare;
    this.#maxBytes = maxBytes;
  }

  async get(work: PairMethod): Preparing {
    const { query, target, method } = work;
    if (METHODS[method].steps === undefined) return undefined;
    const ofQuery = this.#pairs.get(query) ?? new WeakMap<SharedEmbedding, Map<MatchMethod, Preparing>>();
    this.#pairs.set(query, ofQuery);
    const ofPair = ofQuery.get(target) ?? new Map<MatchMethod, Preparing>();
    ofQuery.set(target, ofPair);
    const known = ofPair.get(method);
    if (known !== undefined) {
      this.#use(known);
      return known;
    }
    const preparing = this.#prepare(work);
    ofPair.set(method, preparing);
    preparing.then(
      (prepared) => {
        this.#keep(preparing, { ofPair, method, bytes: bytesOf(prepared) });
      },
      () => ofPair.delete(method),
    );
    return preparing;
  }

  #use(preparing: Preparing): void {
    const kept = this.#kept.get(preparing);
    if (kept === undefined) return;
    this.#kept.delete(preparing);
    this.#kept.set(preparing, kept);
  }

  #keep(preparing: Preparing, kept: Kept): void {
    this.#kept.set(preparing, kept);
    this.#bytes += kept.bytes;
    for (const [oldest, { ofPair, method, bytes }] of this.#kept) {
      if (this.#bytes <= this.#maxBytes || oldest === preparing) return;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
      ofPair.delete(method);
    }
  }
}

/** Bytes of the arrays of plain data. */
function bytesOf(data: unknown): number {
  if (ArrayBuffer.isView(data)) return data.byteLength;
  if (typeof data !== 'object' || data === null) return 0;
  return Object.values(data).reduce((sum: number, part) => sum + bytesOf(part), 0);
}
