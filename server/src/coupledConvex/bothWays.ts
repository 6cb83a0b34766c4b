/**
 * The dense maps of a pair, forward and backward, in shares.
 * @module
 */
import type { Share } from '../concurrency/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { coupledConvex } from './coupledConvex.ts';
import type { ConvexSettings, DenseMap } from './coupledConvex.ts';

/** What one share made: the forward map is the work of one, the backward map that of another. */
export interface DenseShare {
  readonly there?: DenseMap;
  readonly back?: DenseMap;
}

/** Where points of the query are expected in the target, and the other way round; LPS, mm. */
export interface Guesses {
  readonly there: (lps: LpsPoint) => LpsPoint;
  readonly back: (lps: LpsPoint) => LpsPoint;
}

/** A share of both dense maps. */
export function denseShare(
  query: SearchSpace,
  target: SearchSpace,
  guesses: Guesses,
  { part, parts }: Share,
  settings?: ConvexSettings,
): DenseShare {
  const isBack = part === Math.min(1, parts - 1);
  return {
    ...(part === 0 ? { there: coupledConvex(query, target, guesses.there, settings) } : {}),
    ...(isBack ? { back: coupledConvex(target, query, guesses.back, settings) } : {}),
  };
}

/** Both dense maps from the shares; undefined where one is missing. */
export function bothWays(shares: readonly DenseShare[]): Required<DenseShare> | undefined {
  const there = shares.find((share) => share.there)?.there;
  const back = shares.find((share) => share.back)?.back;
  return there && back && { there, back };
}
