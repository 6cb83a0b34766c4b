/**
 * What a method computes once per pair, in steps whose shares run in several threads at a time.
 * @module
 */
import type { SearchSpace } from '../search/index.ts';

/**
 * What a method computes once for a pair of series, then uses for every point. It travels between threads: plain data,
 * its large arrays on SharedArrayBuffer (the others are copied to every thread).
 */
export type Precomputed = object;

/** What the caller knows of a pair; the first step of a method without a basis is given it. */
export interface PairTerms {
  /** Matches that agree less than this are those of two patients (see `Structure.agreement`); undefined: nobody has measured it. */
  readonly interPatientAgreement?: number | undefined;
}

/** A share of a work that is divided among threads: the `part`-th of `parts`. */
export interface Share {
  readonly part: number;
  readonly parts: number;
}

/** One step of the precomputation; `before` is what the former step or the method's basis gave, or the {@link PairTerms}. */
export interface Step {
  /**
   * A share of the work. Gives plain data for `join`, or writes into the shared memory of `before`. How the work is divided
   * must not change the result.
   */
  readonly share?: (
    query: SearchSpace,
    target: SearchSpace,
    before: Precomputed,
    share: Share,
  ) => object | undefined;
  /** The step's result from its shares in their order, in one thread; without it, `before` stays what is precomputed. */
  readonly join?: (
    query: SearchSpace,
    target: SearchSpace,
    before: Precomputed,
    shares: readonly (object | undefined)[],
  ) => Precomputed;
}

/** Takes all steps in this thread. */
export function precomputeHere(
  steps: readonly Step[],
  query: SearchSpace,
  target: SearchSpace,
  basis: Precomputed | PairTerms,
): Precomputed {
  return steps.reduce<Precomputed>((before, { share, join }) => {
    const shares = share === undefined ? [] : [share(query, target, before, { part: 0, parts: 1 })];
    return join === undefined ? before : join(query, target, before, shares);
  }, basis);
}

/** The items of a share: neighbours stay together, and the shares in their order are the whole. */
export function shareOf<T>(items: readonly T[], { part, parts }: Share): readonly T[] {
  const border = (n: number): number => Math.round((n * items.length) / parts);
  return items.slice(border(part), border(part + 1));
}
