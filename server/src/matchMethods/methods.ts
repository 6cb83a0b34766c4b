/**
 * The matching methods, in one place.
 * @module
 */
import type { LpsPoint } from '../geometry/index.ts';
import { FIELD_STEPS, lookUpField, matchField } from './field/index.ts';
import type { PrecomputedField } from './field/index.ts';
import { matchNearPrior } from './nearPrior.ts';
import type { NearestPrior } from './nearPrior.ts';
import type { PairTerms, Steps, UntypedStep } from './precomputation.ts';
import { CONTEXT_STEPS, matchRefined } from './refined/index.ts';
import type { PairContext } from './refined/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { matchUaeStructural } from './uaeStructural.ts';
import type { Found } from './types.ts';
import type { MatchMethod } from '../model/index.ts';

/**
 * What each method computes once for a pair of series, then uses for every point. It travels between threads: plain data, its large
 * arrays on SharedArrayBuffer (the others are copied to every thread).
 */
export interface MethodStates {
  readonly refined: PairContext;
  /** Undefined where the model has no `nearestPriorMm`, or the pair no neighbour map. */
  readonly nearest: NearestPrior | undefined;
  readonly structural: undefined;
  readonly field: PrecomputedField;
}

/** The state of another method for the pair at hand; undefined where that method has none. */
type StateOf = <M extends MatchMethod>(method: M) => Promise<MethodStates[M] | undefined>;

/** How the state of a method comes about. */
export interface Precomputation<State> {
  readonly steps: readonly UntypedStep[];
  /** What the first step is given: what the caller knows of the pair, or the state of another method, so that a pair has it once. */
  readonly begin: (terms: PairTerms, stateOf: StateOf) => Promise<unknown>;
  /** @param made by the last step */
  readonly end: (made: unknown) => State;
}

/** A method: its matcher, and what it wants computed once per pair before the first point. */
export interface Method<State> {
  /**
   * Finds a world point (LPS, mm) of the query series in the target series; undefined where the query has no direction. Synchronous and
   * deterministic; runs in a worker thread.
   */
  readonly match: (
    query: SearchSpace,
    target: SearchSpace,
    lps: LpsPoint,
    state?: State,
  ) => Found | undefined;
  /** Answers at once what needs no more than the state, in the calling thread; undefined: `match` has to answer. */
  readonly lookUp?: (
    query: SearchSpace,
    target: SearchSpace,
    lps: LpsPoint,
    state: State,
  ) => Found | undefined;
  readonly precomputation?: Precomputation<State>;
}

/** A precomputation that begins with what the caller knows of the pair. */
function from<State>({ each, begin, end }: Steps<PairTerms, State>): Precomputation<State> {
  return { steps: each, begin: (terms) => Promise.resolve(begin(terms)), end };
}

/** A precomputation that begins with the state of another method. */
function basedOn<Basis extends MatchMethod, State>(
  basis: Basis,
  { each, begin, end }: Steps<MethodStates[Basis], State>,
): Precomputation<State> {
  return {
    steps: each,
    begin: async (_terms, stateOf) => {
      const state = await stateOf(basis);
      if (state === undefined) throw new TypeError(`the method ${basis} has no state to begin with`);
      return begin(state);
    },
    end,
  };
}

/** The prior of `nearest`, for a model that has `nearestPriorMm`: from the neighbour map that `refined` has. */
const NEAREST_PRIOR: Precomputation<NearestPrior | undefined> = {
  steps: [],
  begin: async ({ nearestPriorMm: priorMm }, stateOf) => {
    if (priorMm === undefined) return undefined;
    const context = await stateOf('refined');
    if (context?.neighbourMap === undefined) return undefined;
    const { neighbourMap, areImagesUnlike } = context;
    return { neighbourMap, priorMm, areImagesUnlike };
  },
  end: (made) => made as NearestPrior | undefined,
};

/** Every method by its name. */
export const METHODS: { readonly [M in MatchMethod]: Method<MethodStates[M]> } = {
  refined: { match: matchRefined, precomputation: from(CONTEXT_STEPS) },
  nearest: { match: matchNearPrior, precomputation: NEAREST_PRIOR },
  structural: { match: matchUaeStructural },
  field: { match: matchField, lookUp: lookUpField, precomputation: basedOn('refined', FIELD_STEPS) },
};
