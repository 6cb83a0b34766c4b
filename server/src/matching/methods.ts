/**
 * The matching methods, in one place.
 * @module
 */
import type { LpsPoint } from '../geometry/index.ts';
import { emptyField, fillField, lookUpField, matchField } from './field/index.ts';
import { matchNearest } from './nearest.ts';
import { matchRefined, pairImagesOf, pairStructureOf } from './refined/index.ts';
import type { SearchSpace } from './searchSpace.ts';
import { matchStructural } from './structural/index.ts';
import type { Found, MatchMethod } from './types.ts';

/**
 * What a method computes once for a pair of series, then uses for every point. It travels between threads: plain data,
 * its large arrays on SharedArrayBuffer (the others are copied to every thread).
 */
export type Prepared = object;

/**
 * Finds a world point (LPS, mm) of the query series in the target series; undefined where the query has no direction.
 * Synchronous and deterministic; runs in a worker thread.
 */
export type Matcher = (
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
  prepared?: Prepared,
) => Found | undefined;

/** A share of a work that is divided among threads: the `part`-th of `parts`. */
export interface Share {
  readonly part: number;
  readonly parts: number;
}

/** A method: its matcher, and what it wants computed once per pair before the first point. */
export interface Method {
  readonly match: Matcher;
  /** Answers at once what needs no more than was prepared, in the calling thread; undefined: `match` has to answer. */
  readonly lookUp?: (
    query: SearchSpace,
    target: SearchSpace,
    lps: LpsPoint,
    prepared: Prepared,
  ) => Found | undefined;
  readonly prepare?: (query: SearchSpace, target: SearchSpace, basis?: Prepared) => Prepared;
  /** The rest of what is prepared, computed at the same time by another thread. */
  readonly prepareBeside?: (query: SearchSpace, target: SearchSpace) => Prepared;
  /** The method whose prepared state `prepare` is given, so that a pair has it once. */
  readonly basis?: MatchMethod;
  /** Computes a share of what was prepared, into its shared memory; the shares run in several threads at a time. */
  readonly fill?: (query: SearchSpace, target: SearchSpace, prepared: Prepared, share: Share) => void;
}

/** Every method by its name. */
export const METHODS: Readonly<Record<MatchMethod, Method>> = {
  refined: { match: matchRefined, prepare: pairStructureOf, prepareBeside: pairImagesOf },
  nearest: { match: matchNearest },
  structural: { match: matchStructural },
  field: {
    match: matchField,
    lookUp: lookUpField,
    prepare: emptyField,
    basis: 'refined',
    fill: fillField,
  },
};
