import type { PairMethod } from '../answer.ts';
import { METHODS } from '../../matchMethods/index.ts';
import type { Method, MethodStates, Precomputation } from '../../matchMethods/index.ts';
import type { SharedEmbedding } from '../../search/index.ts';
import type { MatchMethod } from '../types.ts';

/** Computes the state of a method for a pair. */
export type Precompute = <M extends MatchMethod>(
  work: PairMethod<M>,
  precomputation: Precomputation<MethodStates[M]>,
) => Promise<MethodStates[M]>;

/** The states of a pair, each under the name of its method and prior map, as soon as it has been requested. */
type PairStates = Map<string, Promise<MethodStates[MatchMethod]>>;

/** Most bytes of what is precomputed; one pair is always kept. */
const MAX_BYTES = 128 * 2 ** 20;

/** One precomputed method of a pair that is kept. */
interface Kept {
  readonly ofPair: PairStates;
  readonly name: string;
  readonly bytes: number;
}

/**
 * What methods compute once per pair; kept as long as both embeddings, unless the pairs used since need too much memory, and computed
 * again after a failure.
 */
export class PrecomputedPairs {
  readonly #maxBytes: number;
  /** In the order of their last use. */
  readonly #kept = new Map<Promise<unknown>, Kept>();
  #bytes = 0;
  readonly #pairs = new WeakMap<SharedEmbedding, WeakMap<SharedEmbedding, PairStates>>();
  readonly #precompute: Precompute;

  /**
   * @param precompute computes it for a pair whose method has something to precompute
   * @param maxBytes that is kept
   */
  constructor(precompute: Precompute, maxBytes = MAX_BYTES) {
    this.#precompute = precompute;
    this.#maxBytes = maxBytes;
  }

  /** The state of a method for a pair; undefined where the method precomputes nothing. */
  async get<M extends MatchMethod>(work: PairMethod<M>): Promise<MethodStates[M] | undefined> {
    const { query, target, method } = work;
    const { precomputation }: Method<MethodStates[M]> = METHODS[method];
    if (precomputation === undefined) return undefined;
    const ofQuery = this.#pairs.get(query) ?? new WeakMap<SharedEmbedding, PairStates>();
    this.#pairs.set(query, ofQuery);
    const ofPair: PairStates = ofQuery.get(target) ?? new Map<string, never>();
    ofQuery.set(target, ofPair);
    const name = [method, ...(work.priorMap ?? [])].join(' ');
    const known = ofPair.get(name) as Promise<MethodStates[M]> | undefined;
    if (known !== undefined) {
      this.#use(known);
      return known;
    }
    const precomputing = this.#precompute(work, precomputation);
    ofPair.set(name, precomputing);
    precomputing.then(
      (state) => {
        this.#keep(precomputing, { ofPair, name, bytes: bytesOf(state) });
      },
      () => ofPair.delete(name),
    );
    return precomputing;
  }

  #use(precomputing: Promise<unknown>): void {
    const kept = this.#kept.get(precomputing);
    if (kept === undefined) return;
    this.#kept.delete(precomputing);
    this.#kept.set(precomputing, kept);
  }

  #keep(precomputing: Promise<unknown>, kept: Kept): void {
    this.#kept.set(precomputing, kept);
    this.#bytes += kept.bytes;
    for (const [oldest, { ofPair, name, bytes }] of this.#kept) {
      if (this.#bytes <= this.#maxBytes || oldest === precomputing) return;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
      ofPair.delete(name);
    }
  }
}

/** Bytes of the arrays of plain data. */
function bytesOf(data: unknown): number {
  if (ArrayBuffer.isView(data)) return data.byteLength;
  if (typeof data !== 'object' || data === null) return 0;
  return Object.values(data).reduce((sum: number, part) => sum + bytesOf(part), 0);
}
