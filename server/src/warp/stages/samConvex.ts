/**
 * SAMConvex (Li et al., MICCAI 2023): a pyramid of coupled convex optimisations over the embedding, then instance optimisation of the
 * displacements by the similarity of the embeddings, and beyond the paper by that of the images. All maps are made inverse consistent (Siebert et al. 2022). What differs from the paper is in docs/registration.md.
 * @module
 */
import { invert, lpsPoint } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { pairAffine, spacesOf } from '../../matching/index.ts';
import { coupledConvex, displacementAt, inverseConsistent, OF_FIELD } from '../../coupledConvex/index.ts';
import type { PairAffine, PairRequest } from '../../matching/index.ts';
import type { ConvexSettings, DenseMap } from '../../coupledConvex/index.ts';
import type { SearchSpace } from '../../search/index.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import type { StageResult } from '../types.ts';
import { aligned, IMAGE_PARAMETERS } from './image/alignImages.ts';
import { INSTANCE_PARAMETERS, optimised } from './instance.ts';

/**
 * Coupled as for a field. The paper's levels are images at a quarter, half and full size, searched within 2, 3 and 3 voxels of their maps; here one map is searched in
 * steps of 16, 8 and 4 mm.
 */
const LEVELS: readonly [ConvexSettings, ...ConvexSettings[]] = [
  { ...OF_FIELD, latticeStepMm: 16, reach: 2, windowStepMm: 16 },
  { ...OF_FIELD, latticeStepMm: 12, reach: 3, windowStepMm: 8 },
  { ...OF_FIELD, latticeStepMm: 12, reach: 3, windowStepMm: 4 },
];

type Place = (lps: LpsPoint) => LpsPoint;

/** What the paper has: the similarity of the embeddings decides. Undefined where the matches of the pair agree on no affine map. */
export function samConvexFeaturesStage(request: PairRequest): StageResult | undefined {
  const found = pairAffine(request);
  return found && byFeatures(request, found);
}

/** The same, then moved by the images, where they are of one patient and one modality. */
export function samConvexStage(request: PairRequest): StageResult | undefined {
  const found = pairAffine(request);
  if (found === undefined) return undefined;
  const features = byFeatures(request, found);
  const { query, target } = request;
  if (found.areDifferentPatients || query.volume.modality !== target.volume.modality) return features;
  const placeOf = aligned(...spacesOf(request), features.placeOf);
  return { ...features, placeOf, parameters: { ...features.parameters, ...IMAGE_PARAMETERS } };
}

function byFeatures(
  request: PairRequest,
  { affine, support, agreement }: PairAffine,
): StageResult & { readonly placeOf: Place } {
  const [query, target] = spacesOf(request);
  const { before, backBefore, there, back } = pyramid(query, target, affine);
  const finest = optimised(query, target, before, there);
  const forward = through(before, finest);
  const backward = through(backBefore, optimised(target, query, backBefore, back));
  return {
    affine,
    placeOf: (lps) => movedByHalf(forward(lps), lps, backward, affine),
    kept: finest.isActive.reduce((sum, one) => sum + one, 0),
    tried: finest.isActive.length,
    parameters: { support, agreement, levels: LEVELS.length, ...INSTANCE_PARAMETERS },
  };
}

/** The last level: both directions, and where they begin. */
interface FinestLevel {
  readonly before: Place;
  readonly backBefore: Place;
  readonly there: DenseMap;
  readonly back: DenseMap;
}

/** Coupled convex optimisation on each level, from where the one before has ended. */
function pyramid(query: SearchSpace, target: SearchSpace, affine: Affine): FinestLevel {
  const from = { before: affineMap(affine), backBefore: affineMap(invert(affine)) };
  const level = (settings: ConvexSettings, { before, backBefore }: typeof from): FinestLevel => {
    const maps = {
      there: coupledConvex(query, target, before, settings),
      back: coupledConvex(target, query, backBefore, settings),
    };
    const [there, back] = consistent(maps, affine);
    return { before, backBefore, there, back };
  };
  const [coarsest, ...finer] = LEVELS;
  return finer.reduce(
    ({ before, backBefore, there, back }, settings) =>
      level(settings, { before: through(before, there), backBefore: through(backBefore, back) }),
    level(coarsest, from),
  );
}

function affineMap(affine: Affine): Place {
  return (lps) => applyTo(affine, lps);
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
