import type { RoleWeights } from '../model/index.ts';
import { METHODS } from '../matchMethods/index.ts';
import type { Method, MethodStates, PairTerms } from '../matchMethods/index.ts';
import { proposeAxes } from '../lesion/index.ts';
import { withWeights } from '../search/index.ts';
import type { SearchSpace, SharedEmbedding } from '../search/index.ts';
import type { Found, WorkPoint } from '../matchMethods/types.ts';
import type { MatchMethod } from './types.ts';

/** Points of a query series to be found in a target series by one method. */
export interface PairWork<M extends MatchMethod = MatchMethod> extends PairTerms {
  readonly query: SharedEmbedding;
  readonly target: SharedEmbedding;
  readonly method: M;
  readonly points: readonly WorkPoint[];
  /** Instead of the maps' own. */
  readonly weights?: RoleWeights | undefined;
}

/** The work of a pair that is not about its points. */
export type PairMethod<M extends MatchMethod> = Omit<PairWork<M>, 'points'>;

/** Two series ready to be searched by this thread. */
export interface Pair {
  readonly query: SearchSpace;
  readonly target: SearchSpace;
}

/** The weights of a method that precomputes a pair: it puts the matches of many points together. The others use the maps' own. */
export function weightsOf(
  method: MatchMethod,
  neighbourMapWeights: RoleWeights | undefined,
): Pick<PairWork, 'weights'> {
  return METHODS[method].precomputation === undefined ? {} : { weights: neighbourMapWeights };
}

/** The spaces of a work's series, with its weights. */
export function pairOf(
  { query, target, weights }: Omit<PairWork, 'points'>,
  spaceOf: (shared: SharedEmbedding) => SearchSpace,
): Pair {
  return { query: withWeights(spaceOf(query), weights), target: withWeights(spaceOf(target), weights) };
}

/** What a method answers at once from its state; undefined where it has to search. */
export function lookUpAll<M extends MatchMethod>(
  pair: () => Pair,
  method: M,
  points: readonly WorkPoint[],
  state: MethodStates[M] | undefined,
): (Found | undefined)[] {
  const { lookUp }: Method<MethodStates[M]> = METHODS[method];
  if (lookUp === undefined || state === undefined) return points.map(() => undefined);
  const { query, target } = pair();
  return points.map((point) => withAxes(lookUp(query, target, point.lps, state), point, target));
}

/** Finds one point; undefined where the query has no direction. */
export function answerPoint<M extends MatchMethod>(
  { query, target }: Pair,
  method: M,
  point: WorkPoint,
  state: MethodStates[M] | undefined,
): Found | undefined {
  const { match }: Method<MethodStates[M]> = METHODS[method];
  return withAxes(match(query, target, point.lps, state), point, target);
}

/** An answer with the diameters of the point's lesion there, where it has some. */
function withAxes(
  found: Found | undefined,
  { lps: from, axes }: WorkPoint,
  { embedding }: SearchSpace,
): Found | undefined {
  if (found === undefined || axes === undefined) return found;
  const { lps: to, linear } = found;
  return { ...found, axes: proposeAxes({ axes, from, to, linear }, embedding) };
}
