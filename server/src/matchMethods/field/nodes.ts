/**
 * The dense correspondence of a pair: local maps on a grid of nodes, each registered with the images, blended smoothly.
 * @module
 */
import {
  AXES,
  invert,
  lpsPoint,
  perAxis,
  spacingOf,
  toLps,
  toVoxel,
  voxelIndex,
} from '../../geometry/index.ts';
import type { Affine, LpsPoint, VoxelIndex } from '../../geometry/index.ts';
import { rescaled, TERMS } from '../../registration/index.ts';
import type { Registered } from '../../registration/index.ts';
import type { Prediction } from '../../neighbourMap/index.ts';

/** Words of a node: whether it is there; place (3); map of offsets (3 x TERMS, per mm and mm2); deviation; correlation; cycle error. */
const NODE_WORDS = 4 + 3 * TERMS + 3;
const [PLACE, MAP, DEVIATION, CORRELATION, CYCLE] = [
  1,
  4,
  4 + 3 * TERMS,
  5 + 3 * TERMS,
  6 + 3 * TERMS,
] as const;
/** Nothing is known of a place better than this, mm: keeps one node from silencing its neighbours. */
const LEAST_DEVIATION_MM = 0.5;

/** Nodes on a lattice of the query; plain data, the nodes in shared memory. */
export interface NodeGrid {
  readonly dims: readonly [number, number, number];
  readonly nodeToLps: Affine;
  /** {@link NODE_WORDS} per node, i fastest. */
  readonly nodes: Float32Array;
}

/** What the field says of a point. */
export interface FieldPoint {
  /** LPS, mm. */
  readonly lps: LpsPoint;
  /** Weighted mean of the nodes' own deviations, mm. */
  readonly sdMm: number;
  /** Disagreement of the nodes around the point (root mean square distance), mm. */
  readonly spreadMm: number;
  readonly correlation: number;
  /** Of the nodes: cycle (forward-backward) error of their answers, mm. */
  readonly cycleErrorMm: number;
}

/** An empty lattice over a grid: nodes about `stepMm` apart, the first one half a step inside. */
export function emptyGrid(
  grid: { readonly dims: readonly [number, number, number]; readonly voxelToLps: Affine },
  stepMm: number,
): NodeGrid {
  const spacing = spacingOf(grid.voxelToLps);
  const extent = perAxis((axis) => grid.dims[axis] * spacing[axis]);
  const dims = perAxis((axis) => Math.max(Math.round(extent[axis] / stepMm), 2));
  const step = perAxis((axis) => extent[axis] / dims[axis]);
  const half = perAxis((axis) => (step[axis] / spacing[axis] - 1) / 2);
  const o = toLps(grid.voxelToLps, voxelIndex(...half));
  const nodes = new Float32Array(new SharedArrayBuffer(4 * NODE_WORDS * dims[0] * dims[1] * dims[2]));
  return { dims, nodeToLps: [step[0], 0, 0, o[0], 0, step[1], 0, o[1], 0, 0, step[2], o[2]], nodes };
}

/** Place of a node in the query, LPS mm. */
export function placeOf({ dims, nodeToLps }: NodeGrid, node: number): LpsPoint {
  const [ni, nj] = dims;
  return toLps(nodeToLps, voxelIndex(node % ni, Math.floor(node / ni) % nj, Math.floor(node / (ni * nj))));
}

/** Writes a node from its registration: target = lps + linear · (offset + displacement(offset) - displacement(0)). */
export function writeRegistered(
  { nodes }: NodeGrid,
  node: number,
  found: Registered,
  linear: Float64Array,
  cycleErrorMm: number,
): void {
  const own = rescaled(found.coefficients, found.sigma, 1);
  for (let c = 0; c < 3; c++) {
    own[c * TERMS] = 0;
    own[c * TERMS + 1 + c] = (own[c * TERMS + 1 + c] ?? NaN) + 1;
  }
  const map = new Float64Array(3 * TERMS);
  for (let r = 0; r < 3; r++)
    for (let c = 0; c < 3; c++)
      for (let t = 0; t < TERMS; t++)
        map[r * TERMS + t] =
          (map[r * TERMS + t] ?? NaN) + (linear[3 * r + c] ?? NaN) * (own[c * TERMS + t] ?? NaN);
  write(nodes, node, found.lps, map, [found.sdMm, found.ncc, cycleErrorMm]);
}

/** Writes a node that could not be registered: what its neighbours' matches predict. */
export function writePredicted(
  { nodes }: NodeGrid,
  node: number,
  { lps, linear, spreadMm }: Prediction,
): void {
  const map = new Float64Array(3 * TERMS);
  for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) map[r * TERMS + 1 + c] = linear[3 * r + c] ?? NaN;
  // No cycle error is known here: the neighbours' disagreement stands for it.
  write(nodes, node, lps, map, [spreadMm, 0, spreadMm]);
}

function write(
  nodes: Float32Array,
  node: number,
  place: LpsPoint,
  map: Float64Array,
  quality: readonly [deviation: number, correlation: number, cycle: number],
): void {
  const at = node * NODE_WORDS;
  nodes[at] = 1;
  nodes.set(place, at + PLACE);
  nodes.set(map, at + MAP);
  nodes.set(quality, at + DEVIATION);
}

/**
 * The field at a point of the query (LPS, mm): the maps of the 8 nodes around it, weighted by a smooth step of the
 * distance and by their precision.
 * @returns undefined where none of them is there
 */
export function fieldAt(grid: NodeGrid, lps: LpsPoint): FieldPoint | undefined {
  const index = toVoxel(invert(grid.nodeToLps), lps);
  const around = nodesAround(grid, index);
  const places: { readonly weight: number; readonly lps: LpsPoint; readonly at: number }[] = [];
  let total = 0;
  for (const { node, weight } of around) {
    const at = node * NODE_WORDS;
    if (grid.nodes[at] === 0) continue;
    const precision = weight / Math.max(grid.nodes[at + DEVIATION] ?? NaN, LEAST_DEVIATION_MM) ** 2;
    places.push({ weight: precision, lps: mapped(grid, node, lps), at });
    total += precision;
  }
  if (!(total > 0)) return undefined;
  const mean = perAxis(() => 0);
  let [sdMm, correlation, cycleErrorMm] = [0, 0, 0];
  for (const { weight, lps: p, at } of places) {
    const w = weight / total;
    for (const axis of AXES) mean[axis] += w * p[axis];
    sdMm += w * (grid.nodes[at + DEVIATION] ?? NaN);
    correlation += w * (grid.nodes[at + CORRELATION] ?? NaN);
    cycleErrorMm += w * (grid.nodes[at + CYCLE] ?? NaN);
  }
  const [x, y, z] = mean;
  const squared = places.reduce(
    (all, { weight, lps: p }) =>
      all + (weight / total) * ((p[0] - x) ** 2 + (p[1] - y) ** 2 + (p[2] - z) ** 2),
    0,
  );
  return { lps: lpsPoint(x, y, z), sdMm, spreadMm: Math.sqrt(squared), correlation, cycleErrorMm };
}

/** Nodes that were registered with the images (they have a correlation), and all that are there. */
export function countNodes({ nodes }: NodeGrid): { readonly registered: number; readonly all: number } {
  let [registered, all] = [0, 0];
  for (let at = 0; at < nodes.length; at += NODE_WORDS) {
    if (nodes[at] === 0) continue;
    all++;
    if ((nodes[at + CORRELATION] ?? 0) > 0) registered++;
  }
  return { registered, all };
}

function nodesAround(
  { dims }: NodeGrid,
  index: VoxelIndex,
): { readonly node: number; readonly weight: number }[] {
  const [i, j, k] = perAxis((axis) => {
    const clamped = Math.min(Math.max(index[axis], 0), dims[axis] - 1);
    const base = Math.min(Math.floor(clamped), dims[axis] - 2);
    const f = clamped - base;
    // Smooth at the nodes: a node's map is best at the node itself, and the interpolation has no kink there.
    const w = f * f * (3 - 2 * f);
    return { base, weights: [1 - w, w] as const };
  });
  return CORNERS.map(([a, b, c]) => ({
    node: ((k.base + c) * dims[1] + j.base + b) * dims[0] + i.base + a,
    weight: i.weights[a] * j.weights[b] * k.weights[c],
  }));
}

/** Those of a cell, i fastest. */
const CORNERS = [
  [0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1],
] as const; // prettier-ignore

/** Where one node's map puts a point. */
function mapped(grid: NodeGrid, node: number, lps: LpsPoint): LpsPoint {
  const [at, place] = [node * NODE_WORDS, placeOf(grid, node)];
  const [x, y, z] = [lps[0] - place[0], lps[1] - place[1], lps[2] - place[2]];
  const terms = [0, x, y, z, x * x, y * y, z * z, x * y, x * z, y * z];
  const moved = perAxis((c) => {
    let sum = grid.nodes[at + PLACE + c] ?? NaN;
    for (let t = 1; t < TERMS; t++) sum += (grid.nodes[at + MAP + c * TERMS + t] ?? NaN) * (terms[t] ?? NaN);
    return sum;
  });
  return lpsPoint(...moved);
}
