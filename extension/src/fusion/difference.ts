/**
 * Temporal subtraction in the plane of a pane, as `samepoint subtract` does it for a whole series (docs/registration.md): a value is
 * compared with the range of the prior's values within a tolerance of its place.
 * @module
 */
import type { Lattice } from '../linked/field.ts';
import { cross, unit } from '../viewer/vector.ts';
import type { PlaneGrid } from './grid.ts';
import { coordinateOf, mapPlane } from './planeMap.ts';
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

/** The range of the prior around each place. */
interface Range {
  /** Least value; Infinity where none is known. */
  readonly low: Float32Array;
  /** The largest value with the other sign, so that it is the least as well. */
  readonly minusHigh: Float32Array;
}

/** How the places of one direction lie in memory. */
interface Lines {
  readonly count: number;
  readonly stride: number;
  readonly lines: number;
  readonly lineStride: number;
}

/** The least of each place and its neighbours up to a distance, along lines. */
function leastAlong(values: Float32Array, reach: number, lines: Lines): Float32Array {
  const { count, stride, lineStride } = lines;
  const found = new Float32Array(values.length);
  for (let line = 0; line < lines.lines; line += 1) {
    const start = line * lineStride;
    for (let at = 0; at < count; at += 1) {
      let best = Infinity;
      const last = start + stride * Math.min(count - 1, at + reach);
      for (let near = start + stride * Math.max(0, at - reach); near <= last; near += stride) {
        const value = values[near] ?? Infinity;
        if (value < best) best = value;
      }
      found[start + at * stride] = best;
    }
  }
  return found;
}

/** The range within a square of places. */
function widened({ low, minusHigh }: Range, { columns, rows }: PlaneGrid, reach: number): Range {
  if (reach === 0) return { low, minusHigh };
  const across = { count: columns, stride: 1, lines: rows, lineStride: columns };
  const down = { count: rows, stride: columns, lines: columns, lineStride: 1 };
  return {
    low: leastAlong(leastAlong(low, reach, across), reach, down),
    minusHigh: leastAlong(leastAlong(minusHigh, reach, across), reach, down),
  };
}

/** The lesser one; what is not known is not less. */
function lesser(known: number, other: number): number {
  return other < known ? other : known;
}

/** The prior at the places of the grid, and the range of its values there, before and behind the plane. */
function warp(compared: Compared, grid: PlaneGrid): Range & { readonly middle: Float32Array } {
  const { prior, lattice, toleranceMm, limitMm } = compared;
  const places = mapPlane(lattice, limitMm, grid);
  const normal = unit(cross(grid.alongRow, grid.alongColumn));
  const [nx, ny, nz] = [normal[0] * toleranceMm, normal[1] * toleranceMm, normal[2] * toleranceMm];
  const make = (value: number): Float32Array => new Float32Array(grid.columns * grid.rows).fill(value);
  const [middle, low, minusHigh] = [make(NaN), make(Infinity), make(Infinity)];
  for (let index = 0; index < middle.length; index += 1) {
    const [x, y, z] = [places[3 * index] ?? NaN, places[3 * index + 1] ?? NaN, places[3 * index + 2] ?? NaN];
    const value = Number.isNaN(x) ? NaN : prior.at(x, y, z);
    if (Number.isNaN(value)) continue;
    middle[index] = value;
    const before = prior.at(x - nx, y - ny, z - nz);
    const behind = prior.at(x + nx, y + ny, z + nz);
    low[index] = lesser(lesser(value, before), behind);
    minusHigh[index] = lesser(lesser(-value, -before), -behind);
  }
  return { middle, low, minusHigh };
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
  const { low, minusHigh } = widened(range, grid, reach);
  const change = new Float32Array(middle.length).fill(NaN);
  for (let row = 0, index = 0; row < grid.rows; row += 1) {
    for (let column = 0; column < columns; column += 1, index += 1) {
      if (Number.isNaN(middle[index])) continue;
      const value = current.at(
        coordinateOf(grid, 0, column, row),
        coordinateOf(grid, 1, column, row),
        coordinateOf(grid, 2, column, row),
      );
      change[index] = beyond(value, low[index] ?? NaN, -(minusHigh[index] ?? NaN));
    }
  }
  return { warped: middle, change };
}
