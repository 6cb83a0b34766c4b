/**
 * The default method: embedding, then neighbour map, then local registration.
 * @module
 */
import { distanceMm } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { matchByNeighbours } from '../byNeighbours.ts';
import { hasNoDirection, matchNearest } from '../nearest.ts';
import {
  refine,
  bestBeyond,
  bestWithin,
  directionsAt,
  pointOfVoxel,
  RUNNER_UP_MM,
  similarityAt,
} from '../../search/index.ts';
import type { Hit, QueryDirections, SearchSpace } from '../../search/index.ts';
import { aroundPoint, aroundRegistered, lesionChange } from '../../lesion/index.ts';
import { linearOf, startAt } from '../../registration/index.ts';
import type { Registered } from '../../registration/index.ts';
import { intoVolume } from '../intoVolume.ts';
import type { NeighbourMap, Prediction } from '../../neighbourMap/index.ts';
import { fieldOf, inverseFieldOf } from '../../neighbourMap/index.ts';
import { expectedBetweenPatients } from '../../posterior/index.ts';
import { surroundingsOf } from '../surroundings.ts';
import type { Found, RunnerUp } from '../types.ts';
import { localSpaces, pairContextOf, placeEvidence } from './pairContext.ts';
import type { PairContext } from './types.ts';
import { priorOf, registerAt } from './registerAt.ts';
import type { PredictedPoint, RegisteredNear } from './registerAt.ts';
import { predictFromFarther } from './fartherPlaces.ts';
import type { FromFarther } from './fartherPlaces.ts';
import { cycleErrorMm } from './inverseMap.ts';

/** What an answer of the neighbour map is compared with: matches of the embedding back, this near to where it leads, mm. */
const BACK_RADIUS_MM = 32;
/** A rival is looked for at every fourth voxel, then around the best of these: a tenth of the time. */
const RIVAL = { reachMm: RUNNER_UP_MM, stride: 4, peakMm: 12 } as const;

/** Registered surroundings farther than this from where places farther off put the point are a part of a large change, mm. */
const CONFIRMED_MM = 3;
/**
 * Finds a point (LPS, mm). Steps: `local` = registered around the point; `surroundings` = the tissue at the point has changed (a lesion
 * that has grown, shrunk, come or gone), and what is around it was registered; `farther` = what is around it has changed, too, or leads elsewhere,
 * and places farther off say where the point is; `neighbour-map` = where the neighbours' matches put it, because the patches do not correspond
 * (where the place is not in view; between two patients, where the similar places near there count as much); `nearest` = the embedding
 * only, because the pair has no neighbour map.
 */
export function matchRefined(
  whole: SearchSpace,
  wholeTarget: SearchSpace,
  lps: LpsPoint,
  precomputed?: PairContext,
): Found | undefined {
  const context = precomputed ?? pairContextOf(whole, wholeTarget);
  const { neighbourMap } = context;
  const [query, target] = localSpaces(whole, wholeTarget, context);
  const directions = directionsAt(query, lps);
  if (hasNoDirection(directions)) return matchByNeighbours(query, target, context, lps);
  if (neighbourMap === undefined) return matchNearest(query, target, lps);
  const prediction = fieldOf(neighbourMap).at(lps);
  const point = { query, target, directions, lps, prediction };
  const local = registerAt(context, point);
  const isKnown = local?.isFirm === true && !local.isAround;
  const farther = isKnown ? undefined : predictFromFarther(context, point);
  if (farther !== undefined && !isConfirmed(local, farther)) return ofFarther(context, point, farther);
  return ofNearby({ ...context, neighbourMap }, point, local);
}

/** Whether what was registered near the point looks the same in both scans, and lies where places farther off put the point. */
function isConfirmed(local: RegisteredNear | undefined, { prediction }: FromFarther): boolean {
  return local?.isFirm === true && distanceMm(local.lps, prediction.lps) <= CONFIRMED_MM;
}

/** The answer of the registration, or of the neighbours where there is none. */
function ofNearby(
  context: PairContext & { readonly neighbourMap: NeighbourMap },
  point: PredictedPoint & { readonly query: SearchSpace },
  local: RegisteredNear | undefined,
): Found {
  const { neighbourMap, guess } = context;
  const { query, target, directions, lps, prediction } = point;
  const expected = context.areDifferentPatients ? expectedBetweenPatients(point) : prediction.lps;
  const at = intoVolume(target.embedding.volume, local?.lps ?? expected);
  const back = inverseFieldOf(neighbourMap).at(at);
  const cycle =
    local === undefined
      ? embeddedCycleMm(query, target, lps, at, back.lps)
      : cycleErrorMm(context, lps, at, back, local.isAround);
  return {
    lps: at,
    similarity: similarityAt(target, directions, at),
    // Without a cycle error, the neighbours' disagreement stands for it.
    cycleErrorMm: cycle ?? prediction.spreadMm,
    step: stepOf(local),
    linear: local === undefined ? prediction.linear : linearOf(priorOf(prediction), local),
    ...rivalOf(target, directions, at),
    ...changeOf(context, { query, lps, prediction }, local),
    evidence: {
      pairAgreement: neighbourMap.agreement,
      areImagesUnlike: context.areImagesUnlike,
      areDifferentContrasts: context.areDifferentContrasts,
      ...evidenceOf(prediction, local),
      ...placeEvidence(guess, lps, at),
      ...(local?.isAround === true ? surroundingsOf(query, target, lps, at, neighbourMap) : {}),
    },
  };
}

/** The answer that places farther off give; no cycle is registered, so the neighbours' disagreement stands for its error. */
function ofFarther(
  context: PairContext,
  { query, target, directions, lps, prediction }: PredictedPoint & { readonly query: SearchSpace },
  { prediction: fromFarther, sdMm, similarity }: FromFarther,
): Found {
  const { guess, neighbourMap } = context;
  const { lps: expected, linear } = fromFarther;
  const prior = priorOf(fromFarther);
  const at = intoVolume(target.embedding.volume, expected);
  const { lps: predicted, spreadMm } = prediction;
  return {
    lps: at,
    similarity: similarityAt(target, directions, at),
    cycleErrorMm: spreadMm,
    step: 'farther',
    linear,
    ...rivalOf(target, directions, at),
    ...changeOf(context, { query, lps, prediction: fromFarther }, startAt(prior, prior.centre)),
    evidence: {
      ...(neighbourMap === undefined ? {} : { pairAgreement: neighbourMap.agreement }),
      areImagesUnlike: context.areImagesUnlike,
      areDifferentContrasts: context.areDifferentContrasts,
      ...{ sdMm, predicted, spreadMm, surroundings: similarity },
      ...placeEvidence(guess, lps, at),
    },
  };
}

/** What the images show of the lesion at the point: CT only, whose values are the same tissue in every scan. */
function changeOf(
  context: PairContext,
  {
    query,
    lps,
    prediction,
  }: { readonly query: SearchSpace; readonly lps: LpsPoint; readonly prediction: Prediction },
  registered: Pick<Registered, 'coefficients' | 'sigma'> | undefined,
): Pick<Found, 'change'> {
  if (registered === undefined || query.embedding.volume.modality !== 'CT') return {};
  const target = aroundRegistered(context.target.fine, priorOf(prediction), registered);
  const change = lesionChange(aroundPoint(context.query.fine, lps), target);
  return change === undefined ? {} : { change };
}

/** The best candidate that is another place than an answer (LPS, mm); nothing where none is far enough. */
export function rivalOf(
  target: SearchSpace,
  directions: QueryDirections,
  at: LpsPoint,
): { readonly runnerUp?: RunnerUp } {
  const found = bestBeyond(target, directions, at, RIVAL);
  if (found === undefined) return {};
  const { first, peak } = found;
  const distanceOf = ({ voxel }: Hit): number => distanceMm(at, pointOfVoxel(target, voxel));
  // The slope of the answer's own peak is no other place.
  const rival = distanceOf(peak) > RUNNER_UP_MM ? peak : first;
  const { similarity, voxel } = rival;
  return { runnerUp: { distanceMm: distanceOf(rival), similarity, lps: pointOfVoxel(target, voxel) } };
}

/** From the query point to the embedding's match of the answer, near where the inverse map puts it; mm. */
function embeddedCycleMm(
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
  answer: LpsPoint,
  expected: LpsPoint,
): number | undefined {
  const directions = directionsAt(target, answer);
  const hit = hasNoDirection(directions)
    ? undefined
    : bestWithin(query, directions, expected, BACK_RADIUS_MM);
  return hit && distanceMm(lps, refine(query, directions, hit).lps);
}

function stepOf(local: RegisteredNear | undefined): 'local' | 'surroundings' | 'neighbour-map' {
  if (local === undefined) return 'neighbour-map';
  return local.isAround ? 'surroundings' : 'local';
}

function evidenceOf(
  { lps: predicted, spreadMm }: Prediction,
  local: RegisteredNear | undefined,
): NonNullable<Found['evidence']> {
  if (local === undefined) return { sdMm: spreadMm, predicted, spreadMm };
  const { sdMm, ncc: patchCorrelation, candidateMm } = local;
  return {
    sdMm,
    predicted,
    spreadMm,
    patchCorrelation,
    ...(candidateMm === undefined ? {} : { candidateMm }),
  };
}
