/**
 * SAMConvex (Li et al., MICCAI 2023): a pyramid of coupled convex optimisations over the embedding, then instance optimisation of the
 * displacements by the similarity of the embeddings. All maps are made inverse consistent (Siebert et al. 2022). What differs from the paper is in docs/registration.md.
 * @module
 */
import { invert, lpsPoint } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { pairAffine, spacesOf } from '../../matching/index.ts';
import { coupledConvex, displacementAt, inverseConsistent } from '../../coupledConvex/index.ts';
import type { PairRequest } from '../../matching/index.ts';
import type { ConvexSettings, DenseMap } from '../../coupledConvex/index.ts';
import { applyTo } from '../../registration/index.ts';
import type { StageResult } from '../types.ts';
import { INSTANCE_PARAMETERS, optimised } from './instance.ts';

const COUPLED = { couplings: [0.003, 0.01, 0.03, 0.1, 0.3, 1], smoothings: 2 } as const;
/**
 * The paper's levels are images at a quarter, half and full size, searched within 2, 3 and 3 voxels of their maps; here one map is searched in
 * steps of 16, 8 and 4 mm.
 */
const LEVELS: readonly ConvexSettings[] = [
  { ...COUPLED, latticeStepMm: 16, reach: 2, windowStepMm: 16 },
  { ...COUPLED, latticeStepMm: 12, reach: 3, windowStepMm: 8 },
  { ...COUPLED, latticeStepMm: 12, reach: 3, windowStepMm: 4 },
];

type Place = (lps: LpsPoint) => LpsPoint;

/** Undefined where the matches of the pair agree on no affine map. */
export function samConvexStage(request: PairRequest): StageResult | undefined {
  const found = pairAffine(request);
  if (found === undefined) return undefined;
  const [query, target] = spacesOf(request);
  const { affine, support, agreement } = found;
  let guess: Place = (lps) => applyTo(affine, lps);
  let backGuess: Place = (lps) => applyTo(invert(affine), lps);
  let levels:
    | {
        readonly before: Place;
        readonly backBefore: Place;
        readonly there: DenseMap;
        readonly back: DenseMap;
      }
    | undefined;
  for (const settings of LEVELS) {
    const maps = {
      there: coupledConvex(query, target, guess, settings),
      back: coupledConvex(target, query, backGuess, settings),
    };
    const [there, back] = consistent(maps, affine);
    levels = { before: guess, backBefore: backGuess, there, back };
    guess = through(guess, there);
    backGuess = through(backGuess, back);
  }
  if (levels === undefined) return undefined;
  const { before, backBefore } = levels;
  const finest = optimised(query, target, before, levels.there);
  const there = through(before, finest);
  const back = through(backBefore, optimised(target, query, backBefore, levels.back));
  const active = finest.isActive.reduce((sum, one) => sum + one, 0);
  return {
    affine,
    placeOf: (lps) => movedByHalf(there(lps), lps, back, affine),
    kept: active,
    tried: finest.isActive.length,
    parameters: { support, agreement, levels: LEVELS.length, ...INSTANCE_PARAMETERS },
  };
}

/** Both maps of a pair, each moved by half of the cycle error. */
function consistent(
  { there, back }: { readonly there: DenseMap; readonly back: DenseMap },
  affine: Affine,
): readonly [there: DenseMap, back: DenseMap] {
  return [
    { ...there, displacements: inverseConsistent(there, back, affine) },
    { ...back, displacements: inverseConsistent(back, there, invert(affine)) },
  ];
}

/** An answer, moved by half of its cycle error: what both directions say counts alike. */
function movedByHalf(found: LpsPoint, from: LpsPoint, back: Place, m: Affine): LpsPoint {
  const end = back(found);
  const [x, y, z] = [(end[0] - from[0]) / 2, (end[1] - from[1]) / 2, (end[2] - from[2]) / 2];
  return lpsPoint(
    found[0] - m[0] * x - m[1] * y - m[2] * z,
    found[1] - m[4] * x - m[5] * y - m[6] * z,
    found[2] - m[8] * x - m[9] * y - m[10] * z,
  );
}

/** A guess with what a level adds to it. */
function through(guess: Place, { displacements }: DenseMap): Place {
  return (lps) => {
    const [x, y, z] = guess(lps);
    const [dx, dy, dz] = displacementAt(displacements, lps);
    return lpsPoint(x + dx, y + dy, z + dz);
  };
}
