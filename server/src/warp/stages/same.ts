/**
 * SAME (Liu et al., MICCAI 2021; SAME++, 2023): an affine map, then a coarse field, from points of a grid whose matches in the embedding lead
 * back to themselves. What differs from the papers is in docs/registration.md.
 * @module
 */
import { perAxis, spacingOf } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import { spacesOf } from '../../matching/index.ts';
import type { PairRequest } from '../../matching/index.ts';
import { applyTo, reweightedAffine } from '../../affineRegistration/index.ts';
import type { PointPair } from '../../affineRegistration/index.ts';
import { bestCandidates, directionsAt, isCandidate, pointOfVoxel, refine } from '../../search/index.ts';
import type { SearchSpace } from '../../search/index.ts';
import type { Grid } from '../../volume/types.ts';
import { latticeAround, sizeOf } from '../field/displacementField.ts';
import type { StageResult } from '../types.ts';
import { adam, addDiffusion } from './adam.ts';
import { cornersIn, movedBy } from './lattice.ts';

/** The papers' numbers; lengths in mm (a working voxel has 2 mm). */
const SAME_PARAMETERS = {
  gridStrideMm: 16,
  rounds: 5,
  leastScore: 0.7,
  coarseStrideMm: 32,
  learningRate: 0.05,
  steps: 100,
  gradientPenalty: 0.04,
} as const;
/** Matches are searched among every second voxel of each axis: an eighth of the work. */
const SEARCH_STRIDE = 2;
/** An affine map has 12 unknowns; from fewer pairs it would follow their errors. */
const LEAST_PAIRS = 12;

/** SAME as far as its coarse field; undefined where too few points are consistent. */
export function sameStage(request: PairRequest): StageResult | undefined {
  const [query, target] = spacesOf(request);
  const starts = gridVoxels(query);
  const pairs = consistentPairs(query, target, starts);
  const affine = pairs.length < LEAST_PAIRS ? undefined : reweightedAffine(pairs);
  if (affine === undefined) return undefined;
  return {
    affine,
    placeOf: coarseField(query.maps[0].map.grid, affine, pairs),
    kept: pairs.length,
    tried: starts.length,
    parameters: { ...SAME_PARAMETERS, searchStride: SEARCH_STRIDE },
  };
}

/** Voxels of the fine map on a regular grid in the body. */
function gridVoxels({ maps: [{ map }], embedding }: SearchSpace): readonly number[] {
  const { dims, voxelToLps } = map.grid;
  const spacing = spacingOf(voxelToLps);
  // A multiple of the search stride, so that a round can end where it began.
  const step = perAxis(
    (axis) =>
      SEARCH_STRIDE * Math.max(Math.round(SAME_PARAMETERS.gridStrideMm / spacing[axis] / SEARCH_STRIDE), 1),
  );
  const voxels: number[] = [];
  for (let k = 0; k < dims[2]; k += step[2])
    for (let j = 0; j < dims[1]; j += step[1])
      for (let i = 0; i < dims[0]; i += step[0]) {
        const voxel = (k * dims[1] + j) * dims[0] + i;
        if (isCandidate(map, embedding.bodyMask, voxel)) voxels.push(voxel);
      }
  return voxels;
}

interface VoxelMatch {
  readonly voxel: number;
  readonly similarity: number;
}

/** The best match of voxels of one space in another; each voxel is searched once. */
class Matches {
  readonly #from: SearchSpace;
  readonly #to: SearchSpace;
  readonly #found = new Map<number, VoxelMatch | undefined>();

  constructor(from: SearchSpace, to: SearchSpace) {
    this.#from = from;
    this.#to = to;
  }

  /** One match per voxel, in their order. */
  of(voxels: readonly number[]): readonly (VoxelMatch | undefined)[] {
    const fresh = [...new Set(voxels)].filter((voxel) => !this.#found.has(voxel));
    const directions = fresh.map((voxel) => directionsAt(this.#from, pointOfVoxel(this.#from, voxel)));
    const hits = bestCandidates(this.#to, directions, SEARCH_STRIDE);
    for (const [n, voxel] of fresh.entries()) this.#found.set(voxel, hits[n]);
    return voxels.map((voxel) => this.#found.get(voxel));
  }
}

/** Follows the points to and fro; what stays where it is in the last round, similar enough, is a pair, each once. */
function consistentPairs(
  query: SearchSpace,
  target: SearchSpace,
  starts: readonly number[],
): readonly PointPair[] {
  const [there, back] = [new Matches(query, target), new Matches(target, query)];
  const roundTrip = (voxels: readonly number[]): readonly number[] => {
    const reached = there.of(voxels).flatMap((match) => (match === undefined ? [] : [match.voxel]));
    return [...new Set(back.of(reached).flatMap((match) => (match === undefined ? [] : [match.voxel])))];
  };
  let voxels = starts;
  for (let round = 1; round < SAME_PARAMETERS.rounds; round++) voxels = roundTrip(voxels);
  const ends = there.of(voxels);
  const returned = back.of(ends.map((match) => match?.voxel ?? -1).filter((voxel) => voxel >= 0));
  const backOf = new Map(
    ends.filter((match) => match !== undefined).map(({ voxel }, n) => [voxel, returned[n]]),
  );
  return voxels.flatMap((voxel, n) => {
    const end = ends[n];
    if (end === undefined || end.similarity <= SAME_PARAMETERS.leastScore) return [];
    if (backOf.get(end.voxel)?.voxel !== voxel) return [];
    const from = pointOfVoxel(query, voxel);
    // Voxels of the search lie 8 mm apart: what is between them is found last.
    const to = refine(target, directionsAt(query, from), end).lps;
    return [{ from, to, weight: 1, similarity: end.similarity }];
  });
}

/**
 * A coarse displacement lattice beside the affine map, fitted to the pairs by Adam. As in the paper, lengths are counted in half of the
 * extent of the image, so that the learning rate and the penalty keep their meaning.
 */
function coarseField(
  grid: Grid,
  affine: Affine,
  pairs: readonly PointPair[],
): NonNullable<StageResult['placeOf']> {
  const lattice = latticeAround(grid, SAME_PARAMETERS.coarseStrideMm);
  const spacing = spacingOf(grid.voxelToLps);
  const unitMm = Math.max(...perAxis((axis) => grid.dims[axis] * spacing[axis])) / 2;
  const corners = cornersIn(lattice);
  const residuals = pairs.map(({ from, to }) => {
    const plain = applyTo(affine, from);
    return { at: corners(from), wanted: perAxis((axis) => (to[axis] - plain[axis]) / unitMm) };
  });
  const values = new Float32Array(3 * sizeOf(lattice));
  const { learningRate, steps, gradientPenalty } = SAME_PARAMETERS;
  adam(values, { learningRate, steps }, (current, gradient) => {
    for (const { at, wanted } of residuals)
      for (let c = 0; c < 3; c++) {
        let error = -(wanted[c] ?? NaN);
        for (const [n, node] of at.nodes.entries())
          error += (at.weights[n] ?? NaN) * (current[3 * node + c] ?? NaN);
        for (const [n, node] of at.nodes.entries())
          gradient[3 * node + c] =
            (gradient[3 * node + c] ?? NaN) + (2 * (at.weights[n] ?? NaN) * error) / residuals.length;
      }
    addDiffusion(lattice.dims, current, gradientPenalty, gradient);
  });
  return (lps) => movedBy(applyTo(affine, lps), corners(lps), values, unitMm);
}
