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
/** A folded node is smoothed with the nodes that are this many steps away or nearer. */
const REACH = 2;

/** Determinant of the Jacobian at each node, by central differences: 1 where volumes stay, not positive where the field folds. */
export function jacobiansOf({ grid, affine, residuals }: DisplacementField): ScalarField {
  const { dims, voxelToLps } = grid;
  const spacing = spacingOf(voxelToLps);
  const strides = [1, dims[0], dims[0] * dims[1]] as const;
  const values = new Float32Array(residuals.length / 3);
  // Row r, column c: how the r-th coordinate of the place changes along axis c.
  const j = new Float64Array(9);
  for (let node = 0; node < values.length; node++) {
    for (const axis of AXES) {
      const along = Math.floor(node / strides[axis]) % dims[axis];
      const before = along > 0 ? node - strides[axis] : node;
      const after = along < dims[axis] - 1 ? node + strides[axis] : node;
      const mm = (spacing[axis] * (after - before)) / strides[axis];
      for (let r = 0; r < 3; r++)
        j[3 * r + axis] =
          (affine[4 * r + axis] ?? NaN) +
          (mm === 0 ? 0 : ((residuals[3 * after + r] ?? NaN) - (residuals[3 * before + r] ?? NaN)) / mm);
    }
    values[node] = determinantOf(j);
  }
  return { grid, values };
}

function determinantOf(j: Float64Array): number {
  const [a = NaN, b = NaN, c = NaN, d = NaN, e = NaN, f = NaN, g = NaN, h = NaN, i = NaN] = j;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/**
 * The field, smoothed where it folds or nearly does, and only there.
 * @returns how many nodes were changed
 */
export function unfolded(field: DisplacementField): {
  readonly field: DisplacementField;
  readonly changed: number;
} {
  let current = field;
  const changed = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const { values } = jacobiansOf(current);
    const folded = [...values.keys()].filter((node) => (values[node] ?? NaN) < LEAST_VOLUME);
    if (folded.length === 0) break;
    const around = neighbourhoodOf(field.grid.dims, folded);
    for (const node of around) changed.add(node);
    current = { ...current, residuals: smoothedAt(current, around) };
  }
  return { field: current, changed: changed.size };
}

function neighbourhoodOf([ni, nj, nk]: DisplacementField['grid']['dims'], nodes: readonly number[]): number[] {
  const around = new Set<number>();
  for (const node of nodes) {
    const [i, j, k] = [node % ni, Math.floor(node / ni) % nj, Math.floor(node / (ni * nj))];
    for (let z = Math.max(k - REACH, 0); z <= Math.min(k + REACH, nk - 1); z++)
      for (let y = Math.max(j - REACH, 0); y <= Math.min(j + REACH, nj - 1); y++)
        for (let x = Math.max(i - REACH, 0); x <= Math.min(i + REACH, ni - 1); x++)
          around.add((z * nj + y) * ni + x);
  }
  return [...around];
}

/** Each of the nodes becomes the mean of itself and of its neighbours along the axes. */
function smoothedAt({ grid: { dims }, residuals }: DisplacementField, nodes: readonly number[]): Float32Array {
  const strides = [1, dims[0], dims[0] * dims[1]] as const;
  const result = residuals.slice();
  for (const node of nodes)
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (const axis of AXES) {
        const along = Math.floor(node / strides[axis]) % dims[axis];
        const before = along > 0 ? node - strides[axis] : node;
        const after = along < dims[axis] - 1 ? node + strides[axis] : node;
        sum += (residuals[3 * before + c] ?? NaN) + (residuals[3 * after + c] ?? NaN);
      }
      result[3 * node + c] = sum / 6;
    }
  return result;
}
