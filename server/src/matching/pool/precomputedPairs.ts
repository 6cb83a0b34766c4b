import type { PairWork } from '../answer.ts';
import { METHODS } from '../methods.ts';
import type { Precomputed } from '../precomputation.ts';
import type { SharedEmbedding } from '../../search/index.ts';
import type { MatchMethod } from '../types.ts';

type Precomputing = Promise<Precomputed | undefined>;
/** The work of a pair that is not about its points. */
type PairMethod = Omit<PairWork, 'points'>;

/** Most bytes of what is precomputed; one pair is always kept. */
const MAX_BYTES = 128 * 2 ** 20;

/** One precomputed method of a pair that is kept. */
interface Kept {
  readonly ofPair: Map<MatchMethod, Precomputing>;
  readonly method: MatchMethod;
  readonly bytes: number;
}

/**
 * What methods compute once per pair; kept as long as both embeddings, unless the pairs used since take too much memory, and computed
 * again after a failure.
 */
export class PrecomputedPairs {
  readonly #maxBytes: number;
  /** In the order of their last use. */
  readonly #kept = new Map<Precomputing, Kept>();
  #bytes = 0;
  readonly #pairs = new WeakMap<SharedEmbedding, WeakMap<SharedEmbedding, Map<MatchMethod, Precomputing>>>();
  readonly #precompute: (work: PairMethod) => Precomputing;

  /**
   * @param precompute computes it for a pair whose method has something to precompute
   * @param maxBytes that is kept
   */
  constructor(precompute: (work: PairMethod) => Precomputing, maxBytes = MAX_BYTES) {
    this.#precompute = precompute;
    this.#maxBytes = maxBytes;
  }

  async get(work: PairMethod): Precomputing {
    const { query, target, method } = work;
    if (METHODS[method].steps === undefined) return undefined;
    const ofQuery = this.#pairs.get(query) ?? new WeakMap<SharedEmbedding, Map<MatchMethod, Precomputing>>();
    this.#pairs.set(query, ofQuery);
    const ofPair = ofQuery.get(target) ?? new Map<MatchMethod, Precomputing>();
    ofQuery.set(target, ofPair);
    const known = ofPair.get(method);
    if (known !== undefined) {
      this.#use(known);
      return known;
    }
    const precomputing = this.#precompute(work);
    ofPair.set(method, precomputing);
    precomputing.then(
      (precomputed) => {
        this.#keep(precomputing, { ofPair, method, bytes: bytesOf(precomputed) });
      },
      () => ofPair.delete(method),
    );
    return precomputing;
  }

  #use(precomputing: Precomputing): void {
    const kept = this.#kept.get(precomputing);
    if (kept === undefined) return;
    this.#kept.delete(precomputing);
    this.#kept.set(precomputing, kept);
  }

  #keep(precomputing: Precomputing, kept: Kept): void {
    this.#kept.set(precomputing, kept);
    this.#bytes += kept.bytes;
    for (const [oldest, { ofPair, method, bytes }] of this.#kept) {
      if (this.#bytes <= this.#maxBytes || oldest === precomputing) return;
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
