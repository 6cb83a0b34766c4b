/**
 * The SAM / UAE similarity of one query direction per map with every candidate voxel, and its arg-max.
 * @module
 */
import { spacingOf, toLps, toVoxel } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { alignedTo } from './kernel.ts';
import type { RowBox, ScanBox, Scanner } from './kernel.ts';
import { indexOf } from './sampling.ts';
import type { SearchSpace } from './space.ts';
import { QUERIES_PER_PASS } from './layout.ts';
import type { SlotQuery } from './slots.ts';

/** One direction per map of the search space, in its order. */
export type QueryDirections = readonly Float64Array[];

/** The best candidate voxel of the fine grid. */
export interface Hit {
  /** Flat index into the fine grid. */
  readonly voxel: number;
  /** Weighted mean cosine over the maps, -1 to 1. */
  readonly similarity: number;
}

/** The best candidate and the best one beyond its neighbourhood. */
export interface TopCandidates {
  readonly best: Hit;
  /** The best candidate farther than {@link RUNNER_UP_MM} from the best; absent where no candidate is that far. */
  readonly runnerUp: Hit | undefined;
}

/** Beyond this distance from the best candidate another one is another place, not a neighbour on the same peak. */
export const RUNNER_UP_MM = 20;

/** A first pass over every 64th candidate finds a lower bound that spares the second pass most vectors. */
const FLOOR_STRIDE = 4;
/** The floor lies this far below what was met: rounding. */
const FLOOR_MARGIN = 1e-5;

/** The directions of an embedding at a world point; a map that has none there gives the zero vector. */
export function directionsAt(space: SearchSpace, lps: LpsPoint): QueryDirections {
  return space.maps.map((map) => space.kernel.unitAt(map, lps));
}

/** World point of a fine voxel's centre. */
export function pointOfVoxel({ maps }: SearchSpace, voxel: number): LpsPoint {
  const { grid } = maps[0].map;
  return toLps(grid.voxelToLps, indexOf(grid.dims, voxel));
}

/**
 * Similarity as a function of a continuous world point: weighted mean over the maps of the cosine between the query's
 * direction and the map's direction there. At voxel centres of the fine grid this is the sum that SAM and UAE use.
 */
export function similarityAt(space: SearchSpace, query: QueryDirections, lps: LpsPoint): number {
  let sum = 0;
  for (const [m, map] of space.maps.entries())
    sum += map.weight * space.kernel.cosineAt(map, lps, directionOf(query, m));
  return sum;
}

/**
 * The candidate of highest similarity; among equals the first in scan order (k slowest, i fastest), so that the
 * answer depends on nothing but the data.
 */
export function bestCandidate(space: SearchSpace, query: QueryDirections): Hit {
  const [hit] = bestCandidates(space, [query]);
  if (hit === undefined) throw new RangeError('the space has no candidate');
  return hit;
}

/**
 * {@link bestCandidate} for many queries, four in one pass over the vectors, optionally among every `stride`-th voxel of
 * each axis only; one hit per query, in order. Undefined where no candidate has such an index.
 */
export function bestCandidates(
  space: SearchSpace,
  queries: readonly QueryDirections[],
  stride = 1,
): readonly (Hit | undefined)[] {
  const hits: (Hit | undefined)[] = [];
  for (let first = 0; first < queries.length; first += QUERIES_PER_PASS) {
    const group = queries.slice(first, first + QUERIES_PER_PASS);
    const box = wholeGrid(space, stride);
    const found = search(space, group, ({ scan, queries: rows }) => {
      const bestOf = (scanned: ScanBox): readonly (Hit | undefined)[] =>
        rows.slice(0, group.length).map((row) => bestRow(space, row, scanned));
      const coarse = { ...box, step: stride * FLOOR_STRIDE };
      scan(coarse, true);
      // The peaks are near the best of these: their height as the floor spares the last look most vectors.
      for (const hit of bestOf(coarse))
        if (hit) scan({ ...boxAround(space, hit, coarse.step), step: stride }, true);
      scan(box, true);
      return bestOf(box);
    });
    hits.push(...found);
  }
  return hits;
}

/** The best candidate within a sphere, mm; undefined where none lies in it. */
export function bestWithin(
  space: SearchSpace,
  query: QueryDirections,
  centre: LpsPoint,
  radiusMm: number,
): Hit | undefined {
  const { j, k } = ballBox(space, centre, radiusMm);
  if (j[0] > j[1] || k[0] > k[1]) return undefined;
  return search(space, [query], (scanner) => bestInBall(space, scanner, centre, radiusMm), { j, k });
}

function bestInBall(
  { maps }: SearchSpace,
  { scanBall, queries: [rows] }: Scanner,
  lps: LpsPoint,
  radiusMm: number,
): Hit | undefined {
  const { map, lattice } = maps[0];
  const { dims, voxelToLps } = map.grid;
  const centre = toVoxel(lattice.lpsToVoxel, lps);
  const voxel = scanBall({ centre, spacing: spacingOf(voxelToLps), radiusMm });
  return voxel < 0 ? undefined : better(undefined, rows, Math.floor(voxel / dims[0]));
}

/** Where {@link bestBeyond} looks. */
export interface BeyondOptions {
  /** Half the edge of the cube that is omitted, mm. */
  readonly reachMm: number;
  /** Of the voxels that are looked at, per axis. */
  readonly stride?: number;
  /** Around the best of these every voxel is looked at, also within the cube, mm. */
  readonly peakMm?: number;
}

/** The best candidate outside of a cube around a place, and the best one around that. */
export interface Beyond {
  readonly first: Hit;
  readonly peak: Hit;
}

/** The rival of an answer at a place: the best candidate outside of a cube around it. Undefined where none lies outside. */
export function bestBeyond(
  space: SearchSpace,
  query: QueryDirections,
  centre: LpsPoint,
  { reachMm, stride = 1, peakMm = 0 }: BeyondOptions,
): Beyond | undefined {
  return search(space, [query], (scanner) => {
    const [rows] = scanner.queries;
    const boxes = boxesBeyond(space, centre, reachMm);
    let first: Hit | undefined;
    // The lower bound of the first pass spares the others most vectors.
    for (const step of [stride * FLOOR_STRIDE, stride])
      for (const box of boxes) {
        scanner.scan({ ...box, step }, true);
        first = bestOfBox(space, rows, { ...box, step }, first);
      }
    if (first === undefined) return undefined;
    const peak =
      peakMm > 0 ? bestInBall(space, scanner, pointOfVoxel(space, first.voxel), peakMm) : undefined;
    return { first, peak: peak ?? first };
  });
}

/** The grid without a cube: up to six boxes that do not overlap. */
function boxesBeyond(
  { maps }: SearchSpace,
  centre: LpsPoint,
  reachMm: number,
): readonly Omit<ScanBox, 'step'>[] {
  const { map, lattice } = maps[0];
  const { dims, voxelToLps } = map.grid;
  const at = toVoxel(lattice.lpsToVoxel, centre);
  const spacing = spacingOf(voxelToLps);
  // First and last index inside along an axis; the one after the other where the cube lies beyond the grid.
  const inside = (axis: 0 | 1 | 2): readonly [number, number] => [
    Math.min(Math.max(Math.ceil(at[axis] - reachMm / spacing[axis]), 0), dims[axis]),
    Math.max(Math.min(Math.floor(at[axis] + reachMm / spacing[axis]), dims[axis] - 1), -1),
  ];
  const [x, y, z] = [inside(0), inside(1), inside(2)];
  const [i, j] = [[0, dims[0] - 1] as const, [0, dims[1] - 1] as const];
  const boxes: Omit<ScanBox, 'step'>[] = [
    { i, j, k: [0, z[0] - 1] },
    { i, j, k: [z[1] + 1, dims[2] - 1] },
    { i, j: [0, y[0] - 1], k: z },
    { i, j: [y[1] + 1, dims[1] - 1], k: z },
    { i: [0, x[0] - 1], j: y, k: z },
    { i: [x[1] + 1, dims[0] - 1], j: y, k: z },
  ];
  return boxes.filter((box) => [box.i, box.j, box.k].every(([first, last]) => first <= last));
}

/** The best of the scanned rows of a box, or a better hit from before. */
function bestOfBox(
  { maps }: SearchSpace,
  rows: SlotQuery,
  { j, k, step }: ScanBox,
  before: Hit | undefined,
): Hit | undefined {
  const nj = maps[0].map.grid.dims[1];
  let best = before;
  for (let z = alignedTo(step, k[0]); z <= k[1]; z += step)
    for (let y = alignedTo(step, j[0]); y <= j[1]; y += step) best = better(best, rows, z * nj + y);
  return best;
}

/** The best candidate of all and the runner-up, in one pass. */
export function topCandidates(space: SearchSpace, query: QueryDirections): TopCandidates {
  return search(space, [query], ({ scan, queries: [rows], floors }) => {
    const box = wholeGrid(space, 1);
    const strided = wholeGrid(space, FLOOR_STRIDE);
    scan(strided);
    floors[0] = runnerUpFloor(space, rows, strided);
    scan(box);
    const best = bestRow(space, rows, box);
    if (best === undefined) throw new RangeError('the space has no candidate');
    const last = box.i[1];
    // Rows through the ball around the best one are searched again, left and right of it.
    const again = new Map<number, Hit | undefined>();
    forBallRows(space, pointOfVoxel(space, best.voxel), RUNNER_UP_MM, (row, [from, to], jk) => {
      let hit: Hit | undefined;
      for (const i of [[0, from - 1] as const, [to + 1, last] as const]) {
        if (i[0] > i[1]) continue;
        scan({ i, ...jk, step: 1 });
        hit = better(hit, rows, row);
      }
      again.set(row, hit);
    });
    return { best, runnerUp: runnerUpIn(space, rows, again) };
  });
}

/**
 * A similarity that the runner-up reaches, from a strided scan: the best one in rows that keep 2 x {@link RUNNER_UP_MM}
 * from the strided best. Wherever the true best is, one of the two is far enough from it to be the runner-up.
 */
function runnerUpFloor(space: SearchSpace, rows: SlotQuery, box: ScanBox): number {
  const strided = bestRow(space, rows, box);
  if (strided === undefined) return -Infinity;
  const near = new Set<number>();
  forBallRows(space, pointOfVoxel(space, strided.voxel), 2 * RUNNER_UP_MM, (row) => near.add(row));
  const far = bestRow(space, rows, box, near);
  return far === undefined ? -Infinity : far.similarity - FLOOR_MARGIN;
}

function runnerUpIn(
  { maps }: SearchSpace,
  rows: SlotQuery,
  again: ReadonlyMap<number, Hit | undefined>,
): Hit | undefined {
  const [, nj, nk] = maps[0].map.grid.dims;
  let best: Hit | undefined;
  for (let row = 0; row < nj * nk; row++) {
    if (!again.has(row)) {
      best = better(best, rows, row);
      continue;
    }
    const hit = again.get(row);
    if (hit !== undefined && (best === undefined || hit.similarity > best.similarity)) best = hit;
  }
  return best;
}

/** The direction of map `m`. */
function directionOf(query: QueryDirections, m: number): Float64Array {
  const direction = query[m];
  if (direction === undefined) throw new RangeError(`the query has no direction of map ${m}`);
  return direction;
}

function search<T>(
  { kernel, maps }: SearchSpace,
  queries: readonly QueryDirections[],
  run: (scanner: Scanner) => T,
  part?: RowBox,
): T {
  const weighted = queries.map((query) =>
    maps.map(({ weight }, m) => ({ weight, direction: directionOf(query, m) })),
  );
  return kernel.search(weighted, run, part);
}

function wholeGrid({ maps }: SearchSpace, step: number): ScanBox {
  const [ni, nj, nk] = maps[0].map.grid.dims;
  return { i: [0, ni - 1], j: [0, nj - 1], k: [0, nk - 1], step };
}

/** The voxels of the grid within `reach` indices of a hit along each axis. */
function boxAround({ maps }: SearchSpace, { voxel }: Hit, reach: number): Omit<ScanBox, 'step'> {
  const { dims } = maps[0].map.grid;
  const [i, j, k] = indexOf(dims, voxel);
  return { i: within(dims[0], i, reach), j: within(dims[1], j, reach), k: within(dims[2], k, reach) };
}

/** The best of the scanned rows but some, in scan order. */
function bestRow(
  { maps }: SearchSpace,
  rows: SlotQuery,
  { step }: ScanBox,
  but?: ReadonlySet<number>,
): Hit | undefined {
  const [, nj, nk] = maps[0].map.grid.dims;
  let best: Hit | undefined;
  for (let k = 0; k < nk; k += step)
    for (let j = 0; j < nj; j += step)
      if (but?.has(k * nj + j) !== true) best = better(best, rows, k * nj + j);
  return best;
}

/** The hit, or the row's when that is better. */
function better(hit: Hit | undefined, { rowBest, rowVoxel }: SlotQuery, row: number): Hit | undefined {
  const voxel = rowVoxel[row] ?? NaN;
  const similarity = rowBest[row] ?? NaN;
  return voxel >= 0 && (hit === undefined || similarity > hit.similarity) ? { voxel, similarity } : hit;
}

/** First and last of `size` indices within `reach` of a place; empty (first > last) where it is beside them. */
function within(size: number, place: number, reach: number): readonly [number, number] {
  return [Math.max(Math.ceil(place - reach), 0), Math.min(Math.floor(place + reach), size - 1)];
}

/** The rows and slices of the fine grid that a ball reaches. */
function ballBox({ maps }: SearchSpace, centre: LpsPoint, radiusMm: number): RowBox {
  const { map, lattice } = maps[0];
  const { dims, voxelToLps } = map.grid;
  const at = toVoxel(lattice.lpsToVoxel, centre);
  const spacing = spacingOf(voxelToLps);
  return {
    j: within(dims[1], at[1], radiusMm / spacing[1]),
    k: within(dims[2], at[2], radiusMm / spacing[2]),
  };
}

/** Visits the rows of the fine grid that cross a ball, ascending, with the columns inside it. */
function forBallRows(
  space: SearchSpace,
  centre: LpsPoint,
  radiusMm: number,
  visit: (row: number, i: readonly [number, number], jk: RowBox) => void,
): void {
  const { map, lattice } = space.maps[0];
  const { dims, voxelToLps } = map.grid;
  const at = toVoxel(lattice.lpsToVoxel, centre);
  const spacing = spacingOf(voxelToLps);
  const box = ballBox(space, centre, radiusMm);
  for (let k = box.k[0]; k <= box.k[1]; k++) {
    for (let j = box.j[0]; j <= box.j[1]; j++) {
      const [y, z] = [(j - at[1]) * spacing[1], (k - at[2]) * spacing[2]];
      const squared = radiusMm * radiusMm - y * y - z * z;
      if (squared < 0) continue;
      const i = within(dims[0], at[0], Math.sqrt(squared) / spacing[0]);
      if (i[0] <= i[1]) visit(k * dims[1] + j, i, { j: [j, j], k: [k, k] });
    }
  }
}
