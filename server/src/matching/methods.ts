/**
 * The matching methods, in one place.
 * @module
 */
import type { LpsPoint } from '../geometry/index.ts';
import { matchField, prepareField } from './field/index.ts';
import { matchNearest } from './nearest.ts';
import { matchRefined, pairContextOf } from './refined/index.ts';
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

/** A method: its matcher, and what it wants computed once per pair before the first point. */
export interface Method {
  readonly match: Matcher;
  readonly prepare?: (query: SearchSpace, target: SearchSpace) => Prepared;
}

/** Every method by its name. */
export const METHODS: Readonly<Record<MatchMethod, Method>> = {
  refined: { match: matchRefined, prepare: pairContextOf },
  nearest: { match: matchNearest },
  structural: { match: matchStructural },
  field: { match: matchField, prepare: prepareField },
};
