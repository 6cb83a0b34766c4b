/**
 * Temporal subtraction in the plane of a pane, as `samepoint subtract` does it for a whole series (docs/registration.md): a value is
 * compared with the range of the prior's values within a tolerance of its place.
 * @module
 */
import type { Lattice } from '../linked/field.ts';
import { cross, unit } from '../viewer/vector.ts';
import type { PlaneGrid } from './grid.ts';
import { mapPlane, placeOf } from './planeMap.ts';
import type { Voxels } from './voxels.ts';

/** What a difference is made of. */
export interface Compared {
  readonly current: Voxels;
  readonly prior: Voxels;
  /** From points of the current series to points of the prior one. */
  readonly lattice: Lattice;
  /** The prior's values within this distance of a place count as the same, mm: so much the map may err without an edge being shown. */
  readonly toleranceMm: number;
  /** Nothing is said where the error radius of the map is larger, mm. */
  readonly limitMm: number;
}

/** Per place of the grid, row by row; NaN where nothing can be said. */
export interface Difference {
  /** The prior at the places of the current series. */
  readonly warped: Float32Array;
  /** How far the current value lies above (below 0: below) all values that the prior has there. */
  readonly change: Float32Array;
}

/** Least and largest value of the prior around each place. */
interface Range {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** How the places of one direction lie in memory. */
interface Lines {
  readonly count: number;
  readonly stride: number;
  readonly lines: number;
  readonly lineStride: number;
}

type Choose = (a: number, b: number) => number;

/** The one that is known, or the smaller one. */
const least: Choose = (a, b) => (b < a || Number.isNaN(a) ? b : a);
const largest: Choose = (a, b) => (b > a || Number.isNaN(a) ? b : a);

/** Chooses among each place and its neighbours up to a distance along lines; what is not known is not chosen. */
function along(values: Float32Array, choose: Choose, reach: number, lines: Lines): Float32Array {
  const { count, stride, lineStride } = lines;
  const found = new Float32Array(values.length);
  for (let line = 0; line < lines.lines; line += 1) {
    for (let at = 0; at < count; at += 1) {
      let best = NaN;
      const last = Math.min(count - 1, at + reach);
      for (let near = Math.max(0, at - reach); near <= last; near += 1)
        best = choose(best, values[line * lineStride + near * stride] ?? NaN);
      found[line * lineStride + at * stride] = best;
    }
  }
  return found;
}

/** The range within a square of places. */
function widened({ low, high }: Range, { columns, rows }: PlaneGrid, reach: number): Range {
  if (reach === 0) return { low, high };
  const across = { count: columns, stride: 1, lines: rows, lineStride: columns };
  const down = { count: rows, stride: columns, lines: columns, lineStride: 1 };
  return {
    low: along(along(low, least, reach, across), least, reach, down),
    high: along(along(high, largest, reach, across), largest, reach, down),
  };
}

/** The prior at the places of the grid, and the range of its values there, before and behind the plane. */
function warp(compared: Compared, grid: PlaneGrid): Range & { readonly middle: Float32Array } {
  const { prior, lattice, toleranceMm, limitMm } = compared;
  const places = mapPlane(lattice, limitMm, grid);
  const normal = unit(cross(grid.alongRow, grid.alongColumn));
  const [nx, ny, nz] = [normal[0] * toleranceMm, normal[1] * toleranceMm, normal[2] * toleranceMm];
  const make = (): Float32Array => new Float32Array(grid.columns * grid.rows).fill(NaN);
  const [middle, low, high] = [make(), make(), make()];
  for (let index = 0; index < middle.length; index += 1) {
    const [x, y, z] = [places[3 * index] ?? NaN, places[3 * index + 1] ?? NaN, places[3 * index + 2] ?? NaN];
    const value = Number.isNaN(x) ? NaN : prior.at(x, y, z);
    if (Number.isNaN(value)) continue;
    middle[index] = value;
    const before = toleranceMm > 0 ? prior.at(x - nx, y - ny, z - nz) : value;
    const behind = toleranceMm > 0 ? prior.at(x + nx, y + ny, z + nz) : value;
    low[index] = least(least(value, before), behind);
    high[index] = largest(largest(value, before), behind);
  }
  return { middle, low, high };
}

/** How far a value lies outside of a range. */
function beyond(value: number, low: number, high: number): number {
  if (value > high) return value - high;
  if (value < low) return value - low;
  return Number.isNaN(value) ? NaN : 0;
}

/** Compares two series in the plane of a grid. */
export function differenceIn(compared: Compared, grid: PlaneGrid): Difference {
  const { current, toleranceMm } = compared;
  const { columns, stepMm } = grid;
  const { middle, ...range } = warp(compared, grid);
  const reach = toleranceMm > 0 ? Math.max(1, Math.round(toleranceMm / stepMm)) : 0;
  const { low, high } = widened(range, grid, reach);
  const change = new Float32Array(middle.length).fill(NaN);
  for (let index = 0; index < change.length; index += 1) {
    if (Number.isNaN(middle[index])) continue;
    const row = Math.floor(index / columns);
    const value = current.at(...placeOf(grid, index - row * columns, row));
    change[index] = beyond(value, low[index] ?? NaN, high[index] ?? NaN);
  }
  return { warped: middle, change };
}
