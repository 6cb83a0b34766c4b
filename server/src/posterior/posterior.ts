import type { MapRole } from '../embedding/index.ts';
import { distanceMm, lpsPoint, perAxis, spacingOf, toLps, toVoxel, voxelIndex } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { isCandidate } from '../search/index.ts';
import type { QueryDirections, SearchSpace } from '../search/index.ts';

/** Standard deviation of the prior, mm. */
const PRIOR_MM = 14;
/** Places farther from the centre of the prior do not count, mm. */
const REACH_MM = 30;
/** A place that is less similar by this much is e times less probable. */
const SIMILARITY_SCALE = 0.08;
/**
 * Shares of the maps in the similarity. The coarse map has none: its voxels of 16 mm say less of a place than the prior, and what they say
 * differs between patients.
 */
const SHARES: Readonly<Partial<Record<MapRole, number>>> = { fine: 0.4, semantic: 0.6 };

/**
 * The mean of the places near an expected one: the prior is a Gaussian around that, the likelihood exp(similarity / 0.08). Between
 * patients the most similar voxel is often another part of the same organ; the mean over all that are similar errs less.
 * @param directions of the point, in the order of the maps of the space
 * @param expected centre of the prior; LPS, mm
 * @returns undefined where no voxel of the body lies within 30 mm
 */
export function posteriorAt(
  space: SearchSpace,
  directions: QueryDirections,
  expected: LpsPoint,
): LpsPoint | undefined {
  const places = placesNear(space, expected);
  const terms = termsOf(space, directions);
  const logs = places.map(
    ({ voxel, mm }) => similarityOf(terms, voxel) / SIMILARITY_SCALE - (mm / PRIOR_MM) ** 2 / 2,
  );
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logs.map((log) => Math.exp(log - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) return undefined;
  const [x, y, z] = perAxis(
    (axis) => places.reduce((total, { lps }, n) => total + (weights[n] ?? NaN) * lps[axis], 0) / sum,
  );
  return lpsPoint(x, y, z);
}

interface Place {
  readonly voxel: number;
  readonly lps: LpsPoint;
  /** From the centre of the prior. */
  readonly mm: number;
}

/** The voxels of the body within reach of a place (LPS, mm). */
function placesNear(
  { maps: [{ map, lattice }], embedding }: SearchSpace,
  centre: LpsPoint,
): readonly Place[] {
  const { dims, voxelToLps } = map.grid;
  const [at, spacing] = [toVoxel(lattice.lpsToVoxel, centre), spacingOf(voxelToLps)];
  const [i, j, k] = perAxis((axis) => {
    const reach = REACH_MM / spacing[axis];
    const [first, last] = [
      Math.max(Math.ceil(at[axis] - reach), 0),
      Math.min(Math.floor(at[axis] + reach), dims[axis] - 1),
    ];
    return Array.from({ length: Math.max(last - first + 1, 0) }, (_, n) => first + n);
  });
  return k.flatMap((z) =>
    j.flatMap((y) =>
      i.flatMap((x) => {
        const voxel = (z * dims[1] + y) * dims[0] + x;
        if (!isCandidate(map, embedding.bodyMask, voxel)) return [];
        const lps = toLps(voxelToLps, voxelIndex(x, y, z));
        const mm = distanceMm(lps, centre);
        return mm > REACH_MM ? [] : [{ voxel, lps, mm }];
      }),
    ),
  );
}

/** What a map adds to the similarity. */
interface Term {
  readonly map: SearchSpace['maps'][0]['map'];
  readonly direction: Float64Array;
  readonly share: number;
}

/** The maps on the fine grid that count, their shares summing to 1. */
function termsOf({ maps }: SearchSpace, directions: QueryDirections): readonly Term[] {
  const voxels = maps[0].map.inverseNorms.length;
  const terms = maps.flatMap(({ map, weight }, n): Term[] => {
    const [direction, share] = [directions[n], SHARES[map.role] ?? 0];
    if (direction === undefined || weight === 0 || map.inverseNorms.length !== voxels) return [];
    return [{ map, direction, share }];
  });
  const sum = terms.reduce((total, { share }) => total + share, 0);
  return terms.map((term) => ({ ...term, share: term.share / sum }));
}

function similarityOf(terms: readonly Term[], voxel: number): number {
  let similarity = 0;
  for (const { map, direction, share } of terms) {
    const { vectors, inverseNorms, channels } = map;
    let dot = 0;
    for (let c = 0; c < channels; c++) dot += (direction[c] ?? NaN) * (vectors[voxel * channels + c] ?? NaN);
    similarity += share * dot * (inverseNorms[voxel] ?? NaN);
  }
  return similarity;
}
