/**
 * The neighbour map of a pair: what the matches of a grid of points together say about every point.
 * @module
 */
import { shareOf } from '../concurrency/index.ts';
import type { Share } from '../concurrency/index.ts';
import { invert, toVoxel } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { applyTo, robustAffine } from '../affineRegistration/index.ts';
import { globalPairs, localPairs, nodesOf } from './pairs.ts';
import type { WeighedPair } from './pairs.ts';
import type { PointPair } from '../affineRegistration/index.ts';
import { packedPairs, SmoothField } from './smoothField.ts';

/** Plain data: travels between threads. */
export interface NeighbourMap {
  readonly affine: Affine;
  /** Share of the globally matched grid points' weight that the affine map explains. */
  readonly support: number;
  /**
   * Mean weight of the matches, 0 to 1: their forward-backward consistency, and how well they agree with their neighbours. Grid points
   * whose place lies beside the target do not count: a small field of view says nothing about the patient. Measured with
   * samepoint-ct: 0.41 to 0.68 between a scan and its follow-ups, 0.16 to 0.44 between patients.
   */
  readonly agreement: number;
  /** The grid points and their matches, see {@link packedPairs}. */
  readonly nodes: Float64Array;
  /** The same from the target to the query. */
  readonly back: Float64Array;
}

/** Less support for an affine map means that there is none. */
const LEAST_SUPPORT = 0.25;
/** Grid points that are searched in the whole volume, and those that are searched near where the former put them. */
const [GLOBAL_NODES, LOCAL_NODES] = [500, 1500];
/** Fewer say nothing about a pair. */
const LEAST_NODES = 100;
/** Matches are looked for within this of the map of the global ones, mm. */
const LOCAL_RADIUS_MM = 20;
/**
 * Grid points lie so far within what was embedded of the target, voxels: nearer to its border their matches are those of what lies beyond
 * it, and points out of view would be answered.
 */
const INSET_VOXELS = 1;
/** Window of the smooth field, mm: first wide, to find outliers, then narrow. */
const FIELD_SIGMA_MM = 25;
const OUTLIER_SIGMA_MM = 30;
/** The nearest neighbours contradict an outlier enough: a third of the work, in sigmas. */
const OUTLIER_REACH = 2;
/** A pair this far from what its neighbours predict loses most of its weight, mm. */
const OUTLIER_MM = 8;
/** Rounds of prediction and reweighting. */
const ROUNDS = 3;

/** What the matches of a coarse grid in the whole volume say; plain data. */
export interface Draft {
  readonly affine: Affine;
  /** See {@link NeighbourMap}. */
  readonly support: number;
  readonly nodes: Float64Array;
}

/** The neighbour map of a pair; undefined where matches do not agree on any map (another body part, a flipped volume). */
export function neighbourMapOf(query: SearchSpace, target: SearchSpace): NeighbourMap | undefined {
  const whole = { part: 0, parts: 1 };
  const draft = draftOf(globalMatches(query, target, whole));
  return draft && neighbourMapFrom(draft, target, localMatches(query, target, draft, whole));
}

/** A share of the matches of a coarse grid in the whole target. */
export function globalMatches(query: SearchSpace, target: SearchSpace, share: Share): readonly PointPair[] {
  return globalPairs(query, target, shareOf(nodesOf(query, GLOBAL_NODES), share));
}

/** The map that the global matches agree on; undefined where there is none. */
export function draftOf(far: readonly PointPair[]): Draft | undefined {
  const fit = robustAffine(far);
  if (fit === undefined || fit.support < LEAST_SUPPORT) return undefined;
  const { map: affine, support } = fit;
  return { affine, support, nodes: packedPairs(affine, reweighted(affine, far)) };
}

/** A draft without any match: the affine map of a first guess. */
export function draftFrom(affine: Affine, support: number): Draft {
  return { affine, support, nodes: packedPairs(affine, []) };
}

/**
 * The finer grid of points of the query (LPS, mm): those that an affine map puts into what was embedded of the target, so that a small
 * field of view has as many matches as a whole scan, and no match is looked for where the target has none. All of them where the target is
 * so thin that it lies between them.
 * @param affine LPS of the query to LPS of the target
 */
export function localNodesOf(query: SearchSpace, target: SearchSpace, affine: Affine): readonly LpsPoint[] {
  const inView = (nodes: readonly LpsPoint[]): readonly LpsPoint[] =>
    nodes.filter((from) => isWithin(target, applyTo(affine, from)));
  const all = nodesOf(query, LOCAL_NODES);
  const closer = inView(nodesOf(query, (LOCAL_NODES * all.length) / inView(all).length));
  return closer.length < LEAST_NODES ? all : closer;
}

/** A share of the matches of the finer grid near where the draft puts them. */
export function localMatches(
  query: SearchSpace,
  target: SearchSpace,
  draft: Draft,
  share: Share,
): readonly PointPair[] {
  const field = fieldOf(draft);
  const nodes = shareOf(localNodesOf(query, target, draft.affine), share);
  return localPairs(query, target, nodes, (from) => field.placeOf(from), LOCAL_RADIUS_MM);
}

/** The neighbour map that the local matches make of a draft. */
export function neighbourMapFrom(
  { affine, support }: Draft,
  target: SearchSpace,
  near: readonly WeighedPair[],
): NeighbourMap {
  const pairs = reweighted(affine, near);
  const inView = pairs.filter(({ from }) => !isBeside(target, applyTo(affine, from)));
  const agreement = inView.reduce((sum, { weight }) => sum + weight, 0) / Math.max(inView.length, 1);
  const back = pairs.map(({ from, to, weight }) => ({ from: to, to: from, weight }));
  return {
    affine,
    support,
    agreement,
    nodes: packedPairs(affine, pairs),
    back: packedPairs(invert(affine), back),
  };
}

/** Whether a place (LPS, mm) lies to the left, right, front or back of what was embedded of a series. */
function isBeside({ maps: [{ map, lattice }] }: SearchSpace, lps: LpsPoint): boolean {
  const index = toVoxel(lattice.lpsToVoxel, lps);
  return ([0, 1] as const).some((axis) => index[axis] < -0.5 || index[axis] > map.grid.dims[axis] - 0.5);
}

/** Whether a place (LPS, mm) lies within what was embedded of a series, in its middle half where that is thin. */
function isWithin({ maps: [{ map, lattice }] }: SearchSpace, lps: LpsPoint): boolean {
  const index = toVoxel(lattice.lpsToVoxel, lps);
  return ([0, 1, 2] as const).every((axis) => {
    const dims = map.grid.dims[axis];
    const inset = Math.min(INSET_VOXELS, dims / 4 - 0.5);
    return index[axis] >= inset && index[axis] <= dims - 1 - inset;
  });
}

/** Lowers the weights of pairs that their neighbours contradict. */
function reweighted(affine: Affine, pairs: readonly WeighedPair[]): readonly WeighedPair[] {
  let current = pairs;
  for (let round = 0; round < ROUNDS; round++) {
    const field = new SmoothField(affine, packedPairs(affine, current), OUTLIER_SIGMA_MM, OUTLIER_REACH);
    current = pairs.map((pair) => ({ ...pair, weight: pair.weight * agreement(field, pair) }));
  }
  return current;
}

function agreement(field: SmoothField, { from, to }: WeighedPair): number {
  const lps = field.placeOf(from, from);
  const squared = (lps[0] - to[0]) ** 2 + (lps[1] - to[1]) ** 2 + (lps[2] - to[2]) ** 2;
  return 1 / (1 + squared / (OUTLIER_MM * OUTLIER_MM)) ** 2;
}

/** A neighbour map, or its draft, as a smooth field. */
export function fieldOf({ affine, nodes }: Draft): SmoothField {
  return new SmoothField(affine, nodes, FIELD_SIGMA_MM);
}

/** The inverse map, from the same matches. */
export function inverseFieldOf({ affine, back }: NeighbourMap): SmoothField {
  return new SmoothField(invert(affine), back, FIELD_SIGMA_MM);
}
