import { perAxis, toVoxel } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { bestCandidates, directionsAt, pointOfVoxel } from '../search/index.ts';
import type { Hit, SearchSpace } from '../search/index.ts';

/** The cube around the query has 2 * 2 + 1 fine voxels along each axis: 125. */
const MARGIN = 2;
/** Forward, back, forward, back. */
const ITERATIONS = 4;

/** A chain of matches that may have settled: a query voxel's place and its partner's. LPS, mm; centres of voxels. */
export interface FixedPoint {
  readonly query: LpsPoint;
  readonly target: LpsPoint;
  /** Similarity of the last match back. */
  readonly similarity: number;
}

/**
 * Follows the fine voxels around a point forward and backward, twice: neighbours are drawn to pairs that
 * are each other's nearest neighbours (fixed points of the map). Voxels are chained by index, without detour through
 * the volume's voxels. The first half of the fixed-point inference of UAE (Bai et al., 2023).
 */
export function fixedPointsAround(
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
): { readonly followed: number; readonly found: readonly FixedPoint[] } {
  const start = cubeAround(query, lps);
  let chains = start.map((voxel) => ({ voxel, similarity: NaN }));
  let [from, to] = [query, target];
  let partners: readonly Hit[] = [];
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    if (iteration === ITERATIONS - 1) partners = chains;
    chains = matchVoxels(from, to, chains);
    [from, to] = [to, from];
  }
  const found = chains.flatMap(({ voxel, similarity }, n) => {
    const partner = partners[n];
    if (partner === undefined) return [];
    return { query: pointOfVoxel(query, voxel), target: pointOfVoxel(target, partner.voxel), similarity };
  });
  return { followed: start.length, found };
}

/** The arg-max of every voxel; a voxel that several chains have reached is searched once. */
function matchVoxels(from: SearchSpace, to: SearchSpace, chains: readonly Hit[]): Hit[] {
  const voxels = [...new Set(chains.map(({ voxel }) => voxel))];
  const hits = bestCandidates(
    to,
    voxels.map((voxel) => directionsAt(from, pointOfVoxel(from, voxel))),
  );
  const hitOf = new Map(voxels.map((voxel, n) => [voxel, hits[n]]));
  // Without a stride every search has a hit.
  return chains.flatMap(({ voxel }) => hitOf.get(voxel) ?? []);
}

/** The 125 fine voxels around the one that holds the point, without those outside the grid or without a vector. */
function cubeAround(space: SearchSpace, lps: LpsPoint): readonly number[] {
  const { map, lattice } = space.maps[0];
  const [ni, nj, nk] = map.grid.dims;
  const within = toVoxel(lattice.lpsToVoxel, lps);
  const centre = perAxis((axis) => Math.round(within[axis]));
  const voxels: number[] = [];
  for (let k = centre[2] - MARGIN; k <= centre[2] + MARGIN; k++)
    for (let j = centre[1] - MARGIN; j <= centre[1] + MARGIN; j++)
      for (let i = centre[0] - MARGIN; i <= centre[0] + MARGIN; i++)
        if (i >= 0 && i < ni && j >= 0 && j < nj && k >= 0 && k < nk) voxels.push((k * nj + j) * ni + i);
  return voxels.filter((voxel) => map.inverseNorms[voxel] !== 0);
}
