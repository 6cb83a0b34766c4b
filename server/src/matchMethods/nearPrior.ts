import { distanceMm } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { bestWithin, directionsAt, pointOfVoxel, refine, withOwnWeights } from '../search/index.ts';
import type { Hit, QueryDirections, SearchSpace } from '../search/index.ts';
import { matchByNeighbours } from './byNeighbours.ts';
import { answerOf, hasNoDirection, matchNearest, nearestIn } from './nearest.ts';
import { fieldOf } from '../neighbourMap/index.ts';
import type { NeighbourMap } from '../neighbourMap/index.ts';
import { rivalOf } from './refined/index.ts';
import type { PairContext } from './refined/index.ts';
import type { Found } from './types.ts';

/** Where a search for the nearest neighbour expects a point. */
export interface NearestPrior {
  readonly neighbourMap: NeighbourMap;
  /** Distance at which it lowers the similarity by 1/2, mm. */
  readonly priorMm: number;
  /** See {@link PairContext}. */
  readonly areImagesUnlike: PairContext['areImagesUnlike'];
}

/** Balls around the expected place that are searched, one after the other: the step of their radii, mm. */
const SHELL_MM = 2;
/** The farthest candidates, in units of the prior: it lowers their similarity by 2, and no two similarities differ by more. */
const REACH = 2;

/**
 * Nearest neighbour in the embedding as {@link matchNearest}, but of several similar places the one where the neighbours' matches expect
 * the point: the maximum of similarity - (d / priorMm)^2 / 2 over the candidates, d from the prediction of the neighbour map. The backward
 * search has no prior, so that the cycle error says what it says without one. Without a prior it is {@link matchNearest}.
 * @param lps query point, mm
 * @returns undefined where the fine map of the query has no vector, and there is no prior
 */
export function matchNearPrior(
  weighted: SearchSpace,
  weightedTarget: SearchSpace,
  lps: LpsPoint,
  prior?: NearestPrior,
): Found | undefined {
  const [query, target] = [withOwnWeights(weighted), withOwnWeights(weightedTarget)];
  if (prior === undefined) return matchNearest(query, target, lps);
  const directions = directionsAt(query, lps);
  if (hasNoDirection(directions)) return matchByNeighbours(query, target, prior, lps);
  const { lps: predicted, spreadMm } = fieldOf(prior.neighbourMap).at(lps);
  const hit = bestNear(target, directions, predicted, prior.priorMm);
  const refined =
    hit === undefined
      ? nearestIn(target, directions)
      : refine(target, directions, hit, (place) => costOf(predicted, place, prior.priorMm));
  const found = answerOf(query, target, lps, refined);
  return {
    ...found,
    ...rivalOf(target, directions, found.lps),
    evidence: {
      ...{ predicted, spreadMm, sdMm: spreadMm },
      pairAgreement: prior.neighbourMap.agreement,
      areImagesUnlike: prior.areImagesUnlike,
    },
  };
}

/** What a place loses by its distance from where the neighbours' matches expect it. */
function costOf(predicted: LpsPoint, place: LpsPoint, priorMm: number): number {
  return (distanceMm(predicted, place) / priorMm) ** 2 / 2;
}

/** The candidate of the highest similarity less the prior's share; undefined where none is in reach. */
function bestNear(
  target: SearchSpace,
  directions: QueryDirections,
  predicted: LpsPoint,
  priorMm: number,
): Hit | undefined {
  let [best, most]: [Hit | undefined, number] = [undefined, -Infinity];
  for (let radius = SHELL_MM; radius <= REACH * priorMm; radius += SHELL_MM) {
    const hit = bestWithin(target, directions, predicted, radius);
    if (hit === undefined) continue;
    const score = hit.similarity - costOf(predicted, pointOfVoxel(target, hit.voxel), priorMm);
    if (score > most) [best, most] = [hit, score];
  }
  return best;
}
