/**
 * The default method: embedding, then structure, then local registration (issue 4).
 * @module
 */
import type { LpsPoint } from '../../geometry/index.ts';
import { hasNoDirection, matchNearest } from '../nearest.ts';
import { directionsAt, similarityAt } from '../search.ts';
import type { SearchSpace } from '../searchSpace.ts';
import { intoVolume } from '../seriesPoint.ts';
import type { Prediction } from '../structure/smoothField.ts';
import { fieldOf } from '../structure/structure.ts';
import type { Found } from '../types.ts';
import { pairContextOf } from './pairContext.ts';
import type { PairContext } from './pairContext.ts';
import { registerAt } from './registerAt.ts';
import type { RegisteredNear } from './registerAt.ts';
import { cycleErrorMm } from './wayBack.ts';

/**
 * Matches that agree less than this are those of two patients (see `Structure.agreement`), whose patches do not correspond:
 * registered, they slide to what looks alike, and are farther off than what the neighbours say.
 */
const STRANGERS_AGREEMENT = 0.33;

/**
 * Finds a point (LPS, mm). Steps: `local` = registered around the point; `structure` = where the neighbours' matches put
 * it, because the patches do not correspond (as between two patients, or where the place is not in view); `nearest` = the
 * embedding alone, because the pair has no structure.
 */
export function matchRefined(
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
  prepared?: object,
): Found | undefined {
  const directions = directionsAt(query, lps);
  if (hasNoDirection(directions)) return undefined;
  const context = (prepared as PairContext | undefined) ?? pairContextOf(query, target);
  if (context.structure === undefined) return matchNearest(query, target, lps);
  const prediction = fieldOf(context.structure).at(lps);
  const { lps: predicted, spreadMm } = prediction;
  const areStrangers = context.structure.agreement < STRANGERS_AGREEMENT;
  const local = areStrangers ? undefined : registerAt(context, { target, directions, lps, prediction });
  const at = intoVolume(target.embedding.volume, local?.lps ?? predicted);
  const cycle = local && cycleErrorMm(context, lps, at, prediction.linear);
  return {
    lps: at,
    similarity: similarityAt(target, directions, at),
    // Without a way back, the neighbours' disagreement stands for it.
    cycleErrorMm: cycle ?? spreadMm,
    step: local === undefined ? 'structure' : 'local',
    evidence: { pairAgreement: context.structure.agreement, ...evidenceOf(prediction, local) },
  };
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
