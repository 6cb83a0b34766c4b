import type { LpsPoint } from '../geometry/index.ts';
import { fieldOf } from '../neighbourMap/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { intoVolume } from './intoVolume.ts';
import { placeEvidence } from './refined/pairContext.ts';
import type { PairContext } from './refined/types.ts';
import { surroundingsOf } from './surroundings.ts';
import type { Found } from './types.ts';

/**
 * Where the neighbours' matches put a point that has no vector, because it counts as air beside the body: gas that a small field of view opens,
 * fat that an MR shows as dark as air. It has no similarity, and is never `matched`.
 * @param lps query point, mm
 * @returns undefined where the pair has no neighbour map
 */
export function matchByNeighbours(
  query: SearchSpace,
  target: SearchSpace,
  {
    neighbourMap,
    areImagesUnlike,
    guess,
  }: Pick<PairContext, 'neighbourMap' | 'areImagesUnlike'> & Partial<Pick<PairContext, 'guess'>>,
  lps: LpsPoint,
): Found | undefined {
  if (neighbourMap === undefined) return undefined;
  const { lps: predicted, linear, spreadMm } = fieldOf(neighbourMap).at(lps);
  const at = intoVolume(target.embedding.volume, predicted);
  return {
    lps: at,
    similarity: 0,
    // Nothing is matched back.
    cycleErrorMm: spreadMm,
    step: 'neighbour-map',
    linear,
    evidence: {
      ...{ predicted, spreadMm, sdMm: spreadMm },
      pairAgreement: neighbourMap.agreement,
      areImagesUnlike,
      isBesideBody: true,
      ...surroundingsOf(query, target, lps, at, neighbourMap),
      ...placeEvidence(guess, lps, at),
    },
  };
}
