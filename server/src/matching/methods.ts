/**
 * The matching methods, in one place.
 * @module
 */
import type { LpsPoint } from '../geometry/index.ts';
import { FIELD_STEPS, lookUpField, matchField } from './field/index.ts';
import { matchNearest } from './nearest.ts';
import type { Precomputed, Step } from './precomputation.ts';
import { CONTEXT_STEPS, matchRefined } from './refined/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { matchUaeStructural } from './uaeStructural/index.ts';
import type { Found, MatchMethod } from './types.ts';

/**
 * Finds a world point (LPS, mm) of the query series in the target series; undefined where the query has no direction.
 * Synchronous and deterministic; runs in a worker thread.
 */
type Matcher = (
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
  precomputed?: Precomputed,
) => Found | undefined;

/** A method: its matcher, and what it wants computed once per pair before the first point. */
export interface Method {
  readonly match: Matcher;
  /** Answers at once what needs no more than was precomputed, in the calling thread; undefined: `match` has to answer. */
  readonly lookUp?: (
    query: SearchSpace,
    target: SearchSpace,
    lps: LpsPoint,
    precomputed: Precomputed,
  ) => Found | undefined;
  readonly steps?: readonly Step[];
  /** The method whose precomputed state the first step is given, so that a pair has it once. */
  readonly basis?: MatchMethod;
}

/** Every method by its name. */
export const METHODS: Readonly<Record<MatchMethod, Method>> = {
  refined: { match: matchRefined, steps: CONTEXT_STEPS },
  nearest: { match: matchNearest },
  structural: { match: matchUaeStructural },
  field: { match: matchField, lookUp: lookUpField, steps: FIELD_STEPS, basis: 'refined' },
};
