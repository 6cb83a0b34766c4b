/**
 * Where a field folds: the determinant of its Jacobian, and smoothing where it is not positive.
 * @module
 */
import { AXES, spacingOf } from '../../geometry/index.ts';
import type { DisplacementField, ScalarField } from '../types.ts';

/** Volumes that shrink to less than this are smoothed: between nodes the determinant may be less than at them. */
const LEAST_VOLUME = 0.1;
/** Rounds of smoothing; each spreads the change by one node. */
const ROUNDS = 60;
/** A folded node is smoothed with the nodes that are this many steps away or nearer, along each axis. */
const REACH = 2;

/** Determinant of the Jacobian at each node, by central differences: 1 where volumes stay, not positive where the field folds. */
export function jacobiansOf(field: DisplacementField): ScalarField {
  const determinantAt = determinants(field);
  const values = Float32Array.from({ length: field.residuals.length / 3 }, (_, node) => determinantAt(node));
  return { grid: field.grid, values };
}

/** The determinant of a field at a node. */
function determinants({ grid, affine, residuals }: DisplacementField): (node: number) => number {
  const { dims, voxelToLps } = grid;
  const spacing = spacingOf(voxelToLps);
  // Row r, column c: how the r-th coordinate of the place changes along axis c.
  const j = new Float64Array(9);
  return (node) => {
    for (const axis of AXES) {
      const [before, after, steps] = besides(dims, node, axis);
      const mm = spacing[axis] * steps;
      for (let r = 0; r < 3; r++) {
        const change = (residuals[3 * after + r] ?? NaN) - (residuals[3 * before + r] ?? NaN);
        j[3 * r + axis] = (affine[4 * r + axis] ?? NaN) + (steps === 0 ? 0 : change / mm);
      }
    }
    return determinantOf(j);
  };
}

/** The neighbours of a node along an axis, itself at a face, and how many steps they are apart. */
function besides(
  dims: DisplacementField['grid']['dims'],
  node: number,
  axis: 0 | 1 | 2,
): readonly [before: number, after: number, steps: number] {
  const stride = axis === 0 ? 1 : axis === 1 ? dims[0] : dims[0] * dims[1];
  const along = Math.floor(node / stride) % dims[axis];
  const before = along > 0 ? 1 : 0;
  const after = along < dims[axis] - 1 ? 1 : 0;
  return [node - before * stride, node + after * stride, before + after];
}

function determinantOf(j: Float64Array): number {
  const [a = NaN, b = NaN, c = NaN, d = NaN, e = NaN, f = NaN, g = NaN, h = NaN, i = NaN] = j;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/** The field, smoothed where it folds or nearly does, and only there; and the nodes that were changed. */
export function unfolded(field: DisplacementField): {
  readonly field: DisplacementField;
  readonly changed: ReadonlySet<number>;
} {
  const changed = new Set<number>();
  const current = { ...field, residuals: field.residuals.slice() };
  let suspects: Iterable<number> = current.residuals.subarray(0, current.residuals.length / 3).keys();
  for (let round = 0; round < ROUNDS; round++) {
    const determinantAt = determinants(current);
    const folded = [...suspects].filter((node) => determinantAt(node) < LEAST_VOLUME);
    if (folded.length === 0) break;
    const around = neighbourhoodOf(field.grid.dims, folded, REACH);
    for (const node of around) changed.add(node);
    smoothAt(current, around);
    suspects = neighbourhoodOf(field.grid.dims, folded, REACH + 1);
  }
  return { field: current, changed };
}

function neighbourhoodOf(
  [ni, nj, nk]: DisplacementField['grid']['dims'],
  nodes: readonly number[],
  reach: number,
): ReadonlySet<number> {
  const around = new Set<number>();
  for (const node of nodes) {
    const [i, j, k] = [node % ni, Math.floor(node / ni) % nj, Math.floor(node / (ni * nj))];
    for (let z = Math.max(k - reach, 0); z <= Math.min(k + reach, nk - 1); z++)
      for (let y = Math.max(j - reach, 0); y <= Math.min(j + reach, nj - 1); y++)
        for (let x = Math.max(i - reach, 0); x <= Math.min(i + reach, ni - 1); x++)
          around.add((z * nj + y) * ni + x);
  }
  return around;
}

/** Each of the nodes becomes the mean of its neighbours along the axes. */
function smoothAt({ grid: { dims }, residuals }: DisplacementField, nodes: ReadonlySet<number>): void {
  const before = residuals.slice();
  for (const node of nodes)
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (const axis of AXES) {
        const [low, high] = besides(dims, node, axis);
        sum += (before[3 * low + c] ?? NaN) + (before[3 * high + c] ?? NaN);
      }
      residuals[3 * node + c] = sum / 6;
    }
}
