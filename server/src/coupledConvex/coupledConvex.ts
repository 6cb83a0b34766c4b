/**
 * A dense displacement from the embedding only: for every node of a lattice the cost of each displacement in a window, then
 * coupled convex optimisation (Heinrich, Papież, Schnabel & Handels, MICCAI 2014; SAMConvex, Li et al. 2023): in turn the best
 * displacement of each node near the smooth field, and the smooth field of these, more and more strongly coupled.
 * @module
 */
import { AXES, lpsPoint, perAxis, spacingOf, toLps, toVoxel, voxelIndex } from '../geometry/index.ts';
import type { LpsPoint, VoxelIndex } from '../geometry/index.ts';
import { directionsAt } from '../search/index.ts';
import type { SearchSpace } from '../search/index.ts';

/** Displacements on a lattice of the query, to be added to a first guess; plain data in shared memory. */
export interface Displacements {
  readonly dims: Three;
  /** Place of the first node, LPS mm, and the distance of neighbours along x, y, z, mm. */
  readonly origin: Three;
  readonly step: Three;
  /** Three per node, LPS mm; i fastest. */
  readonly values: Float32Array;
}

export type Three = readonly [number, number, number];

/** A dense map of one series to the other; plain data. */
export interface DenseMap {
  readonly displacements: Displacements;
  /** 1 where the node is in the body and its guess in the target; the displacements of the others are their neighbours'. */
  readonly isActive: Uint8Array;
  /** What the displacement of an active node is added to, LPS mm; three per node. */
  readonly guesses: Float32Array;
}

/** How densely and how far is searched. */
export interface ConvexSettings {
  /** Distance of the nodes, mm. */
  readonly latticeStepMm: number;
  /** The window reaches this many steps each way. */
  readonly reach: number;
  readonly windowStepMm: number;
  /** Cost of a displacement one window step away from the smooth field, in units of 1 - cosine, from turn to turn. */
  readonly couplings: readonly number[];
  /** Rounds of [1 2 1] / 4 along each axis between the turns. */
  readonly smoothings: number;
}

/**
 * Nodes three voxels of the embedding apart, which resolves no more; a window of what the smooth field of a strongly moved pair errs by,
 * 16 mm; Heinrich's couplings, tenfold from turn to turn.
 */
export const OF_FIELD: ConvexSettings = {
  latticeStepMm: 12,
  reach: 4,
  windowStepMm: 4,
  couplings: [0.003, 0.01, 0.03, 0.1, 0.3, 1],
  smoothings: 2,
};
/** What a voxel costs that has no vector or is not there: as unlike as chance. */
const UNKNOWN_COST = 1;

/** Costs of the windows of all nodes that participate. */
interface CostVolume {
  readonly dims: Three;
  readonly settings: ConvexSettings;
  /** Displacements of a window: those of a node lie together. */
  readonly window: number;
  readonly costs: Float32Array;
  /** 1 where the node is in the body and its guess in the target. */
  readonly isActive: Uint8Array;
  readonly guesses: Float32Array;
  /** From the guess to the centre of the window, a voxel of the target: three per node, mm. */
  readonly offsets: Float32Array;
  /** Distance of neighbouring displacements, mm. */
  readonly stepMm: Three;
}

/** @param guess where points of the query are expected in the target (LPS, mm) */
export function coupledConvex(
  query: SearchSpace,
  target: SearchSpace,
  guess: (lps: LpsPoint) => LpsPoint,
  settings = OF_FIELD,
): DenseMap {
  const { grid } = query.maps[0].map;
  const spacing = spacingOf(grid.voxelToLps);
  const every = perAxis((axis) => Math.max(Math.round(settings.latticeStepMm / spacing[axis]), 1));
  const dims = perAxis((axis) => Math.floor((grid.dims[axis] - 1) / every[axis]) + 1);
  const volume = costVolume(query, target, guess, { dims, every, settings });
  const chosen = new Float32Array(volume.offsets.length);
  const values = new Float32Array(new SharedArrayBuffer(chosen.byteLength));
  for (const coupling of settings.couplings) {
    choose(volume, coupling, values, chosen);
    smooth(volume, chosen, values, settings.smoothings);
  }
  const first = toLps(grid.voxelToLps, voxelIndex(0, 0, 0));
  const displacements = {
    dims,
    origin: perAxis((axis) => first[axis]),
    step: perAxis((axis) => every[axis] * spacing[axis]),
    values,
  };
  return { displacements, isActive: volume.isActive, guesses: volume.guesses };
}

/** The displacement at a point of the query (LPS, mm), interpolated trilinearly. */
export function displacementAt(displacements: Displacements, lps: LpsPoint): Three {
  const { values } = displacements;
  const sum: [number, number, number] = [0, 0, 0];
  for (const [node, weight] of cornersAt(displacements, lps))
    for (const axis of AXES) sum[axis] += weight * (values[3 * node + axis] ?? NaN);
  return sum;
}

/** The nodes around a point (LPS, mm) with their trilinear weights; beyond the lattice, those of its edge. */
export function cornersAt(
  { dims, origin, step }: Pick<Displacements, 'dims' | 'origin' | 'step'>,
  lps: LpsPoint,
): readonly (readonly [node: number, weight: number])[] {
  const index = perAxis((axis) =>
    Math.min(Math.max((lps[axis] - origin[axis]) / step[axis], 0), dims[axis] - 1),
  );
  const base = perAxis((axis) => Math.min(Math.floor(index[axis]), Math.max(dims[axis] - 2, 0)));
  const corners: [number, number][] = [];
  for (let corner = 0; corner < 8; corner++) {
    const bits = [corner & 1, (corner >> 1) & 1, corner >> 2] as const;
    const share = perAxis((axis) => {
      const fraction = index[axis] - base[axis];
      return bits[axis] === 1 ? fraction : 1 - fraction;
    });
    const weight = share[0] * share[1] * share[2];
    if (weight === 0) continue;
    const [i, j, k] = perAxis((axis) => base[axis] + bits[axis]);
    corners.push([(k * dims[1] + j) * dims[0] + i, weight]);
  }
  return corners;
}

function costVolume(
  query: SearchSpace,
  target: SearchSpace,
  guess: (lps: LpsPoint) => LpsPoint,
  {
    dims,
    every,
    settings,
  }: { readonly dims: Three; readonly every: Three; readonly settings: ConvexSettings },
): CostVolume {
  const { grid } = query.maps[0].map;
  const to = target.maps[0];
  const toSpacing = spacingOf(to.map.grid.voxelToLps);
  const stride = perAxis((axis) => Math.max(Math.round(settings.windowStepMm / toSpacing[axis]), 1));
  const nodes = dims[0] * dims[1] * dims[2];
  const { reach } = settings;
  const window = (2 * reach + 1) ** 3;
  const costs = new Float32Array(nodes * window).fill(UNKNOWN_COST);
  const isActive = new Uint8Array(nodes);
  const [guesses, offsets] = [new Float32Array(3 * nodes), new Float32Array(3 * nodes)];
  for (let node = 0; node < nodes; node++) {
    const at = voxelOf(node, dims, every);
    const flat = (at[2] * grid.dims[1] + at[1]) * grid.dims[0] + at[0];
    if (query.embedding.bodyMask[flat] === 0) continue;
    const place = toLps(grid.voxelToLps, at);
    const expected = guess(place);
    const [x, y, z] = toVoxel(to.lattice.lpsToVoxel, expected);
    const centre: Three = [Math.round(x), Math.round(y), Math.round(z)];
    if (AXES.some((axis) => centre[axis] < 0 || centre[axis] >= to.map.grid.dims[axis])) continue;
    const [direction] = directionsAt(query, place);
    if (direction === undefined) continue;
    writeCosts(
      target,
      direction,
      { centre, stride, reach },
      costs.subarray(node * window, (node + 1) * window),
    );
    isActive[node] = 1;
    const there = toLps(to.map.grid.voxelToLps, voxelIndex(centre[0], centre[1], centre[2]));
    guesses.set(expected, 3 * node);
    for (const axis of AXES) offsets[3 * node + axis] = there[axis] - expected[axis];
  }
  const stepMm = perAxis((axis) => stride[axis] * toSpacing[axis]);
  return { dims, settings, window, costs, isActive, guesses, offsets, stepMm };
}

/** The voxel of a node. */
function voxelOf(node: number, [ni, nj]: Three, every: Three): VoxelIndex {
  const [i, j, k] = [node % ni, Math.floor(node / ni) % nj, Math.floor(node / (ni * nj))];
  return voxelIndex(i * every[0], j * every[1], k * every[2]);
}

/** Cosines of a box; grows where a window does. */
let cosines = new Float32Array(0);

/** 1 - cosine for every displacement of a window. */
function writeCosts(
  { kernel, maps }: SearchSpace,
  direction: Float64Array,
  { centre, stride, reach }: { readonly centre: Three; readonly stride: Three; readonly reach: number },
  into: Float32Array,
): void {
  const { dims } = maps[0].map.grid;
  const rangeOf = (axis: 0 | 1 | 2): Range => [
    Math.max(centre[axis] - reach * stride[axis], 0),
    Math.min(centre[axis] + reach * stride[axis], dims[axis] - 1),
  ];
  const [i, j, k] = [rangeOf(0), rangeOf(1), rangeOf(2)];
  const [width, height, depth] = [i[1] - i[0] + 1, j[1] - j[0] + 1, k[1] - k[0] + 1];
  if (cosines.length < width * height * depth) cosines = new Float32Array(width * height * depth);
  kernel.cosines(direction, { i, j, k }, cosines);
  const side = 2 * reach + 1;
  for (let at = 0; at < into.length; at++) {
    const [x, y, z] = [
      centre[0] + ((at % side) - reach) * stride[0] - i[0],
      centre[1] + ((Math.floor(at / side) % side) - reach) * stride[1] - j[0],
      centre[2] + (Math.floor(at / (side * side)) - reach) * stride[2] - k[0],
    ];
    if (x < 0 || y < 0 || z < 0 || x >= width || y >= height || z >= depth) continue;
    into[at] = 1 - (cosines[(z * height + y) * width + x] ?? NaN);
  }
}

type Range = readonly [number, number];

/** The displacement of each node that costs least, the distance from the smooth field included. */
function choose(volume: CostVolume, coupling: number, smoothed: Float32Array, into: Float32Array): void {
  const { isActive } = volume;
  for (let node = 0; node < isActive.length; node++)
    if (isActive[node] !== 0) chooseAt(volume, node, coupling, smoothed, into);
}

function chooseAt(
  { costs, window, settings: { reach, windowStepMm }, offsets, stepMm }: CostVolume,
  node: number,
  coupling: number,
  smoothed: Float32Array,
  into: Float32Array,
): void {
  const [sx, sy, sz] = stepMm;
  const unit = coupling / (windowStepMm * windowStepMm);
  const n = 3 * node;
  const ox = offsets[n] ?? NaN;
  const oy = offsets[n + 1] ?? NaN;
  const oz = offsets[n + 2] ?? NaN;
  const ux = (smoothed[n] ?? NaN) - ox;
  const uy = (smoothed[n + 1] ?? NaN) - oy;
  const uz = (smoothed[n + 2] ?? NaN) - oz;
  let [best, bx, by, bz] = [Infinity, 0, 0, 0];
  let at = node * window;
  for (let z = -reach; z <= reach; z++) {
    for (let y = -reach; y <= reach; y++) {
      const across = (y * sy - uy) ** 2 + (z * sz - uz) ** 2;
      for (let x = -reach; x <= reach; x++, at++) {
        const cost = (costs[at] ?? NaN) + unit * ((x * sx - ux) ** 2 + across);
        if (cost < best) [best, bx, by, bz] = [cost, x, y, z];
      }
    }
  }
  into[n] = bx * sx + ox;
  into[n + 1] = by * sy + oy;
  into[n + 2] = bz * sz + oz;
}

/** Weighted binomial smoothing: other nodes get what their neighbours have. */
export function smooth(
  { dims, isActive }: Pick<CostVolume, 'dims' | 'isActive'>,
  chosen: Float32Array,
  into: Float32Array,
  rounds = OF_FIELD.smoothings,
): void {
  // Weight, and the three displacements times it.
  const active = Float64Array.from(isActive);
  const weights = smoothed(active, dims, rounds);
  for (const axis of AXES) {
    const moves = active.map((weight, node) => weight * (chosen[3 * node + axis] ?? NaN));
    const sums = smoothed(moves, dims, rounds);
    for (let node = 0; node < sums.length; node++) {
      const weight = weights[node] ?? NaN;
      into[3 * node + axis] = weight > 0 ? (sums[node] ?? NaN) / weight : 0;
    }
  }
}

function smoothed(values: Float64Array, dims: Three, rounds: number): Float64Array {
  let plane = values;
  for (let round = 0; round < rounds; round++) for (const axis of AXES) plane = binomial(plane, dims, axis);
  return plane;
}

function binomial(values: Float64Array, dims: Three, axis: 0 | 1 | 2): Float64Array {
  const step = ([1, dims[0], dims[0] * dims[1]] as const)[axis];
  return values.map((value, at) => {
    const along = Math.floor(at / step) % dims[axis];
    const before = along > 0 ? (values[at - step] ?? NaN) : 0;
    const after = along < dims[axis] - 1 ? (values[at + step] ?? NaN) : 0;
    return (before + 2 * value + after) / 4;
  });
}

/** A point moved by the displacement that the lattice has for another one (LPS, mm). */
export function moved(by: Displacements, from: LpsPoint, lps: LpsPoint): LpsPoint {
  const [x, y, z] = displacementAt(by, from);
  return lpsPoint(lps[0] + x, lps[1] + y, lps[2] + z);
}
