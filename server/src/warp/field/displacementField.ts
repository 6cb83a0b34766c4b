/**
 * Displacement fields: made of a point map, evaluated anywhere.
 * @module
 */
import { AXES, compose, invert, lpsPoint, perAxis, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import type { Grid } from '../../volume/types.ts';
import type { DisplacementField } from '../types.ts';
import { filledUp } from './fill.ts';

/** Writes where a point goes into three numbers; LPS, mm. */
export type PlaceInto = (x: number, y: number, z: number, into: Float64Array) => void;

/** A lattice along the axes of the patient that covers a volume to its outer faces, nodes at most `stepMm` apart. */
export function latticeAround({ dims, voxelToLps }: Grid, stepMm: number): Grid {
  const corners = Array.from({ length: 8 }, (_, n) =>
    toLps(voxelToLps, voxelIndex(...perAxis((axis) => (((n >> axis) & 1) === 1 ? dims[axis] - 0.5 : -0.5)))),
  );
  const low = perAxis((axis) => Math.min(...corners.map((corner) => corner[axis])));
  const high = perAxis((axis) => Math.max(...corners.map((corner) => corner[axis])));
  const cells = perAxis((axis) => Math.max(Math.ceil((high[axis] - low[axis]) / stepMm), 1));
  const step = perAxis((axis) => (high[axis] - low[axis]) / cells[axis]);
  return {
    dims: perAxis((axis) => cells[axis] + 1),
    voxelToLps: [step[0], 0, 0, low[0], 0, step[1], 0, low[1], 0, 0, step[2], low[2]],
  };
}

/** World point of a node. */
export function placeOfNode({ dims: [ni, nj], voxelToLps }: Grid, node: number): LpsPoint {
  return toLps(voxelToLps, voxelIndex(node % ni, Math.floor(node / ni) % nj, Math.floor(node / (ni * nj))));
}

/** Nodes of a lattice. */
export function sizeOf({ dims: [ni, nj, nk] }: Grid): number {
  return ni * nj * nk;
}

/**
 * The field of a map that is known at some points: where it is not, what the nearest known nodes add to the affine map.
 * @param map undefined: an affine field
 */
export function fieldOfMap(
  grid: Grid,
  affine: Affine,
  map: ((lps: LpsPoint) => LpsPoint | undefined) | undefined,
): DisplacementField {
  const residuals = new Float32Array(3 * sizeOf(grid));
  if (map === undefined) return { grid, affine, residuals };
  const isKnown = new Uint8Array(sizeOf(grid));
  for (let node = 0; node < isKnown.length; node++) {
    const from = placeOfNode(grid, node);
    const to = map(from);
    if (to === undefined) continue;
    isKnown[node] = 1;
    const plain = applyTo(affine, from);
    for (const axis of AXES) residuals[3 * node + axis] = to[axis] - plain[axis];
  }
  filledUp(grid.dims, residuals, isKnown);
  return { grid, affine, residuals };
}

/** Fast evaluation: no object is made per point. */
export function placing({ grid, affine: m, residuals }: DisplacementField): PlaceInto {
  const [ni, nj, nk] = grid.dims;
  const n = invert(grid.voxelToLps);
  const [stepI, stepJ, stepK] = [ni > 1 ? 3 : 0, nj > 1 ? 3 * ni : 0, nk > 1 ? 3 * ni * nj : 0];
  return (x, y, z, into) => {
    const i = clamped(n[0] * x + n[1] * y + n[2] * z + n[3], ni);
    const j = clamped(n[4] * x + n[5] * y + n[6] * z + n[7], nj);
    const k = clamped(n[8] * x + n[9] * y + n[10] * z + n[11], nk);
    const [bi, bj, bk] = [cell(i, ni), cell(j, nj), cell(k, nk)];
    const [fi, fj, fk] = [i - bi, j - bj, k - bk];
    const at = 3 * ((bk * nj + bj) * ni + bi);
    for (let axis = 0; axis < 3; axis++) {
      const a = at + axis;
      const near = plane(residuals, a, stepI, stepJ, fi, fj);
      const far = plane(residuals, a + stepK, stepI, stepJ, fi, fj);
      const row = 4 * axis;
      into[axis] =
        (m[row] ?? NaN) * x +
        (m[row + 1] ?? NaN) * y +
        (m[row + 2] ?? NaN) * z +
        (m[row + 3] ?? NaN) +
        near +
        fk * (far - near);
    }
  };
}

function clamped(index: number, count: number): number {
  return index < 0 ? 0 : index > count - 1 ? count - 1 : index;
}

function cell(index: number, count: number): number {
  const base = Math.floor(index);
  return base > count - 2 ? (count > 1 ? count - 2 : 0) : base;
}

function plane(
  values: Float32Array,
  at: number,
  stepI: number,
  stepJ: number,
  fi: number,
  fj: number,
): number {
  const a = values[at] ?? NaN;
  const b = values[at + stepI] ?? NaN;
  const c = values[at + stepJ] ?? NaN;
  const d = values[at + stepI + stepJ] ?? NaN;
  const low = a + fi * (b - a);
  return low + fj * (c + fi * (d - c) - low);
}

/** Where a field puts a point; LPS, mm. */
export function placeIn(field: DisplacementField): (lps: LpsPoint) => LpsPoint {
  const place = placing(field);
  const into = new Float64Array(3);
  return ([x, y, z]) => {
    place(x, y, z, into);
    return lpsPoint(into[0] ?? NaN, into[1] ?? NaN, into[2] ?? NaN);
  };
}

/** Displacements of all nodes, the affine part included: three per node, LPS mm, i fastest. */
export function displacementsOf({ grid, affine, residuals }: DisplacementField): Float32Array {
  const values = new Float32Array(residuals.length);
  for (let node = 0; node < values.length / 3; node++) {
    const from = placeOfNode(grid, node);
    const plain = applyTo(affine, from);
    for (const axis of AXES)
      values[3 * node + axis] = plain[axis] - from[axis] + (residuals[3 * node + axis] ?? NaN);
  }
  return values;
}

/** The same map, its results mapped further by an affine one (LPS to LPS). */
export function mappedOn({ grid, affine, residuals }: DisplacementField, then: Affine): DisplacementField {
  const turned = new Float32Array(residuals.length);
  for (let at = 0; at < turned.length; at += 3)
    for (const axis of AXES) {
      const row = 4 * axis;
      turned[at + axis] =
        (then[row] ?? NaN) * (residuals[at] ?? NaN) +
        (then[row + 1] ?? NaN) * (residuals[at + 1] ?? NaN) +
        (then[row + 2] ?? NaN) * (residuals[at + 2] ?? NaN);
    }
  return { grid, affine: compose(then, affine), residuals: turned };
}
