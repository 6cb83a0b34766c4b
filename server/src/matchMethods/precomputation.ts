/**
 * What a method computes once per pair, in steps whose shares run in several threads at a time.
 * @module
 */
import type { Share } from '../concurrency/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { GlobalStep } from '../model/index.ts';
import type { SearchSpace } from '../search/index.ts';

/** What the caller knows of a pair; the first step of a method without a basis is given it. */
export interface PairTerms {
  /** Matches that agree less than this are those of two patients (see `NeighbourMap.agreement`); undefined: not measured. */
  readonly interPatientAgreement?: number | undefined;
  /** How the pair is placed (manifest `matching.globalStep`). */
  readonly globalStep?: GlobalStep | undefined;
  /** LPS of the query to the LPS of the target: a registration that somebody has made before, for where the matches agree on no map. */
  readonly priorMap?: Affine | undefined;
  /** How far from the neighbour map `nearest` looks (manifest `matching.nearestPriorMm`); undefined: in the whole target. */
  readonly nearestPriorMm?: number | undefined;
}

/** Only the terms, of what has more. */
export function termsOf({
  interPatientAgreement,
  globalStep,
  nearestPriorMm,
  priorMap,
}: PairTerms): PairTerms {
  return { interPatientAgreement, globalStep, nearestPriorMm, priorMap };
}

/**
 * One step of a precomputation, from what was there `before` (the basis, or what the former step made) to what is there after it. All
 * of it travels between threads: plain data, large arrays on SharedArrayBuffer (the others are copied to every thread).
 */
export interface Step<Before, Part, After> {
  /** A share of the work, for `join`. How the work is divided must not change the result. */
  readonly share: (query: SearchSpace, target: SearchSpace, before: Before, share: Share) => Part;
  /** The step's result from its shares in their order, in one thread. */
  readonly join: (query: SearchSpace, target: SearchSpace, before: Before, shares: readonly Part[]) => After;
}

/** A last step whose shares write into the shared memory of what is there already. */
export interface Filling<State> {
  readonly share: (query: SearchSpace, target: SearchSpace, state: State, share: Share) => void;
}

/** A step for whoever carries its data between threads. */
export interface UntypedStep {
  readonly share: (query: SearchSpace, target: SearchSpace, before: unknown, share: Share) => unknown;
  /** Undefined: `before` stays what is precomputed. */
  readonly join:
    | ((query: SearchSpace, target: SearchSpace, before: unknown, shares: readonly unknown[]) => unknown)
    | undefined;
}

/** The steps of a method in their order, from its basis to its state. */
export interface Steps<Basis, State> {
  /** The first is given what `begin` makes, each other one what the former made. */
  readonly each: readonly UntypedStep[];
  readonly begin: (basis: Basis) => unknown;
  /** @param made by the last step */
  readonly end: (made: unknown) => State;
}

/** Two steps, one after the other. Within them, only the order says what type each is given. */
export function inSteps<Basis, Part, Middle, LastPart, State>(
  first: Step<Basis, Part, Middle>,
  last: Step<Middle, LastPart, State>,
): Steps<Basis, State> {
  return { each: [untyped(first), untyped(last)], begin: (basis) => basis, end: (made) => made as State };
}

/** A step, and one that fills what it has made. */
export function filledSteps<Basis, Part, State>(
  first: Step<Basis, Part, State>,
  { share: fill }: Filling<State>,
): Steps<Basis, State> {
  const end = (made: unknown): State => made as State;
  const last: UntypedStep = {
    share: (query, target, state, share) => {
      fill(query, target, end(state), share);
    },
    join: undefined,
  };
  return { each: [untyped(first), last], begin: (basis) => basis, end };
}

function untyped<Before, Part, After>({ share, join }: Step<Before, Part, After>): UntypedStep {
  return {
    share: (query, target, before, part) => share(query, target, before as Before, part),
    join: (query, target, before, parts) => join(query, target, before as Before, parts as readonly Part[]),
  };
}

/** The state of a method from its basis, all in this thread. */
export function precomputeHere<Basis, State>(
  { each, begin, end }: Steps<Basis, State>,
  query: SearchSpace,
  target: SearchSpace,
  basis: Basis,
): State {
  return end(runSteps(each, query, target, begin(basis)));
}

/** Runs all steps in this thread. */
export function runSteps(
  steps: readonly UntypedStep[],
  query: SearchSpace,
  target: SearchSpace,
  begun: unknown,
): unknown {
  return steps.reduce((before, { share, join }) => {
    const part = share(query, target, before, { part: 0, parts: 1 });
    return join === undefined ? before : join(query, target, before, [part]);
  }, begun);
}
