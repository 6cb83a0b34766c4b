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

/** A place of a grid, LPS mm. */
export function placeOf({ origin, alongRow, alongColumn }: PlaneGrid, column: number, row: number): Lps {
  return [
    origin[0] + column * alongRow[0] + row * alongColumn[0],
    origin[1] + column * alongRow[1] + row * alongColumn[1],
    origin[2] + column * alongRow[2] + row * alongColumn[2],
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

/** A displacement along an axis at a place of the grid, mm. */
function moved(
  { stride, columns: width, values }: CoarseMap,
  column: number,
  row: number,
  axis: number,
): number {
  const [u, v] = [(column % stride) / stride, (row % stride) / stride];
  const cell = 3 * (Math.floor(row / stride) * width + Math.floor(column / stride)) + axis;
  const right = u > 0 ? 3 : 0;
  const below = v > 0 ? 3 * width : 0;
  const at = (offset: number): number => values[cell + offset] ?? NaN;
  return (1 - v) * ((1 - u) * at(0) + u * at(right)) + v * ((1 - u) * at(below) + u * at(below + right));
}

/**
 * Where the places of a grid lie in the other series: x, y and z per place, LPS mm; NaN where the map folds, is not known, or has an error
 * radius above the limit.
 */
export function mapPlane(lattice: Lattice, limitMm: number, grid: PlaneGrid): Float64Array {
  const map = coarseMap(lattice, limitMm, grid);
  const { columns, rows } = grid;
  const places = new Float64Array(3 * columns * rows);
  for (let index = 0; index < columns * rows; index += 1) {
    const row = Math.floor(index / columns);
    const column = index - row * columns;
    const [x, y, z] = placeOf(grid, column, row);
    places[3 * index] = x + moved(map, column, row, 0);
    places[3 * index + 1] = y + moved(map, column, row, 1);
    places[3 * index + 2] = z + moved(map, column, row, 2);
  }
  return places;
}
