/**
 * Where the places of a pane's plane lie in another series.
 * @module
 */
import type { Lattice } from '../linked/field.ts';
import { mapPoint } from '../linked/mapPoint.ts';
import type { Lps } from '../wire.ts';
import type { PlaneGrid } from './grid.ts';

/** The map is looked up at places this far apart, mm: it bends over more. */
const MAP_STEP_MM = 4;

/** A coordinate of a place of a grid, LPS mm. */
export function coordinateOf(
  { origin, alongRow, alongColumn }: PlaneGrid,
  axis: 0 | 1 | 2,
  column: number,
  row: number,
): number {
  return origin[axis] + column * alongRow[axis] + row * alongColumn[axis];
}

/** A place of a grid, LPS mm. */
export function placeOf(grid: PlaneGrid, column: number, row: number): Lps {
  return [
    coordinateOf(grid, 0, column, row),
    coordinateOf(grid, 1, column, row),
    coordinateOf(grid, 2, column, row),
  ];
}

/** True where the map folds at one of the nodes around a point. */
function isFolded({ dims, origin, spacing, jacobian }: Lattice, lps: Lps): boolean {
  const nodes = ([0, 1, 2] as const).map((axis) => {
    const last = dims[axis] - 1;
    const low = Math.min(Math.max(Math.floor((lps[axis] - origin[axis]) / spacing[axis]), 0), last);
    return [low, Math.min(low + 1, last)] as const;
  });
  const [is = [], js = [], ks = []] = nodes;
  return ks.some((k) =>
    js.some((j) => is.some((i) => (jacobian.values[i + dims[0] * (j + dims[1] * k)] ?? 0) <= 0)),
  );
}

/** Displacements (x, y, z, mm) at every `stride`th place in both directions; NaN where the map is not to be relied on. */
interface CoarseMap {
  readonly stride: number;
  readonly columns: number;
  readonly values: Float64Array;
}

function coarseMap(lattice: Lattice, limitMm: number, grid: PlaneGrid): CoarseMap {
  const stride = Math.max(1, Math.floor(MAP_STEP_MM / grid.stepMm));
  const columns = Math.ceil((grid.columns - 1) / stride) + 1;
  const rows = Math.ceil((grid.rows - 1) / stride) + 1;
  const values = new Float64Array(3 * columns * rows).fill(NaN);
  for (let node = 0; node < columns * rows; node += 1) {
    const point = placeOf(grid, (node % columns) * stride, Math.floor(node / columns) * stride);
    const { lps, errorRadiusMm, isInside } = mapPoint(lattice, point);
    const isKnown = isInside && errorRadiusMm !== undefined && errorRadiusMm <= limitMm;
    if (!isKnown || isFolded(lattice, point)) continue;
    values.set([lps[0] - point[0], lps[1] - point[1], lps[2] - point[2]], 3 * node);
  }
  return { stride, columns, values };
}

/** A cell of the coarse map: the address of its first place, and how far the others lie behind it; 0 where they are not needed. */
interface Cell {
  readonly first: number;
  readonly right: number;
  readonly below: number;
  readonly u: number;
  readonly v: number;
}

/** A displacement along an axis in a cell, mm. */
function moved(values: Float64Array, { first, right, below, u, v }: Cell, axis: number): number {
  const at = first + axis;
  const upper = (1 - u) * (values[at] ?? NaN) + u * (values[at + right] ?? NaN);
  if (v === 0) return upper;
  const lower = (1 - u) * (values[at + below] ?? NaN) + u * (values[at + below + right] ?? NaN);
  return (1 - v) * upper + v * lower;
}

/**
 * Where the places of a grid lie in the other series: x, y and z per place, LPS mm; NaN where the map folds, is not known, or has an error
 * radius above the limit.
 */
export function mapPlane(lattice: Lattice, limitMm: number, grid: PlaneGrid): Float64Array {
  const { stride, columns: width, values } = coarseMap(lattice, limitMm, grid);
  const { columns, rows } = grid;
  const places = new Float64Array(3 * columns * rows);
  for (let row = 0, index = 0; row < rows; row += 1) {
    const v = (row % stride) / stride;
    const line = Math.floor(row / stride) * width;
    for (let column = 0; column < columns; column += 1, index += 3) {
      const u = (column % stride) / stride;
      const first = 3 * (line + Math.floor(column / stride));
      const cell = { first, right: u > 0 ? 3 : 0, below: 3 * width, u, v };
      places[index] = coordinateOf(grid, 0, column, row) + moved(values, cell, 0);
      places[index + 1] = coordinateOf(grid, 1, column, row) + moved(values, cell, 1);
      places[index + 2] = coordinateOf(grid, 2, column, row) + moved(values, cell, 2);
    }
  }
  return places;
}
