/**
 * SAMConvex (Li et al., MICCAI 2023): a pyramid of coupled convex optimisations over the embedding, then instance optimisation of the
 * displacements by the similarity of the embeddings. Each level is made inverse consistent (Siebert et al. 2022). What differs from the paper is in docs/registration.md.
 * @module
 */
import { invert, lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
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
  let before = guess;
  let dense: DenseMap | undefined;
  for (const settings of LEVELS) {
    const there = coupledConvex(query, target, guess, settings);
    const back = coupledConvex(target, query, backGuess, settings);
    before = guess;
    dense = { ...there, displacements: inverseConsistent(there, back, affine) };
    guess = through(guess, dense);
    backGuess = through(backGuess, {
      ...back,
      displacements: inverseConsistent(back, there, invert(affine)),
    });
  }
  if (dense === undefined) return undefined;
  const finest = optimised(query, target, before, dense);
  const active = finest.isActive.reduce((sum, one) => sum + one, 0);
  return {
    affine,
    placeOf: through(before, finest),
    kept: active,
    tried: finest.isActive.length,
    parameters: { support, agreement, levels: LEVELS.length, ...INSTANCE_PARAMETERS },
  };
}

/** A guess with what a level adds to it. */
function through(guess: Place, { displacements }: DenseMap): Place {
  return (lps) => {
    const [x, y, z] = guess(lps);
    const [dx, dy, dz] = displacementAt(displacements, lps);
    return lpsPoint(x + dx, y + dy, z + dz);
  };
}
