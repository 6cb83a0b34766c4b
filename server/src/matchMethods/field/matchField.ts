/**
 * Dense correspondence: computed once per pair, afterwards any point is looked up.
 * @module
 */
import type { LpsPoint } from '../../geometry/index.ts';
import { matchByNeighbours } from '../byNeighbours.ts';
import { hasNoDirection, matchNearest } from '../nearest.ts';
import { directionsAt, similarityAt } from '../../search/index.ts';
import { localSpaces, placeEvidence, rivalOf } from '../refined/index.ts';
import type { SearchSpace } from '../../search/index.ts';
import { intoVolume } from '../intoVolume.ts';
import { fieldOf } from '../../neighbourMap/index.ts';
import type { Found } from '../types.ts';
import { fieldAt } from './nodes.ts';
import { precomputeField } from './precomputeField.ts';
import type { PrecomputedField } from './precomputeField.ts';

/** Looks a point (LPS, mm) up in the field; step `field`, or `nearest` where the pair has none. */
export function matchField(
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
  precomputed?: PrecomputedField,
): Found | undefined {
  const field = precomputed ?? precomputeField(query, target);
  if (hasNoDirection(directionsAt(query, lps))) return matchByNeighbours(query, target, field.context, lps);
  return lookUpField(query, target, lps, field) ?? matchNearest(query, target, lps);
}

/** What the field says of a point (LPS, mm), with the second opinion of the embedding; undefined where the query or the field has nothing. */
export function lookUpField(
  whole: SearchSpace,
  wholeTarget: SearchSpace,
  lps: LpsPoint,
  field: PrecomputedField,
): Found | undefined {
  const found = readField(whole, wholeTarget, lps, field);
  if (found === undefined) return undefined;
  const [query, target] = localSpaces(whole, wholeTarget, field.context);
  return { ...found, ...rivalOf(target, directionsAt(query, lps), found.lps) };
}

/** What the field says of a point (LPS, mm), without any search; undefined where the query or the field has nothing. */
export function readField(
  whole: SearchSpace,
  wholeTarget: SearchSpace,
  lps: LpsPoint,
  { context, grid }: PrecomputedField,
): Found | undefined {
  const [query, target] = localSpaces(whole, wholeTarget, context);
  const found = grid && fieldAt(grid, lps);
  if (context.neighbourMap === undefined || found === undefined) return undefined;
  const directions = directionsAt(query, lps);
  if (hasNoDirection(directions)) return undefined;
  const { lps: predicted, linear, spreadMm } = fieldOf(context.neighbourMap).at(lps);
  const at = intoVolume(target.embedding.volume, found.lps);
  return {
    lps: at,
    similarity: similarityAt(target, directions, at),
    cycleErrorMm: found.cycleErrorMm,
    step: 'field',
    linear,
    evidence: {
      pairAgreement: context.neighbourMap.agreement,
      areImagesUnlike: context.areImagesUnlike,
      areDifferentContrasts: context.areDifferentContrasts,
      sdMm: Math.hypot(found.sdMm, found.spreadMm),
      predicted,
      spreadMm,
      patchCorrelation: found.correlation,
      ...placeEvidence(context.guess, lps, at),
    },
  };
}
