/**
 * Where a point lies between the voxels of an embedding map. What is read there: unit vectors, interpolated and then normalised,
 * then their dot product, in this order (as Kernel.unitAt does).
 * @module
 */
import type { EmbeddingMap } from '../embedding/types.ts';
import { invert, voxelIndex } from '../geometry/index.ts';
import type { Affine, VoxelIndex } from '../geometry/index.ts';

/** A map's grid: dims and voxel index to LPS mm. */
export type Grid = EmbeddingMap['grid'];

/** Corners of a cell; corner c lies at bit 0 of c along i, bit 1 along j, bit 2 along k. */
export const CORNERS = 8;

/** How to interpolate on a grid: its inverse map and the flat distances of a cell's corners from its first one. */
export interface Lattice {
  readonly dims: readonly [number, number, number];
  readonly lpsToVoxel: Affine;
  /** Flat index distance of corner c from corner 0; an axis of one voxel has distance 0. */
  readonly cornerOffsets: Int32Array;
}

/** A map together with its lattice. */
export interface SampledMap {
  readonly map: EmbeddingMap;
  readonly lattice: Lattice;
}

/** Cell and fractions of a point; the cell is the flat index of its first corner, fractions lie in [0, 1]. */
export interface CellPosition {
  cell: number;
  fi: number;
  fj: number;
  fk: number;
}

/** The strides and the inverse affine map of a grid, for interpolation. */
export function latticeOf(grid: Grid): Lattice {
  const [ni, nj, nk] = grid.dims;
  const steps = [ni > 1 ? 1 : 0, nj > 1 ? ni : 0, nk > 1 ? ni * nj : 0] as const;
  const cornerOffsets = Int32Array.from(
    { length: CORNERS },
    (_, corner) => (corner & 1) * steps[0] + ((corner >> 1) & 1) * steps[1] + (corner >> 2) * steps[2],
  );
  return { dims: grid.dims, lpsToVoxel: invert(grid.voxelToLps), cornerOffsets };
}

/** The voxel index of a flat index (i fastest, then j, then k). */
export function indexOf([ni, nj]: Grid['dims'], flat: number): VoxelIndex {
  return voxelIndex(flat % ni, Math.floor(flat / ni) % nj, Math.floor(flat / (ni * nj)));
}

/** First corner and fraction along one axis; beyond the outer voxel centres the edge value continues. */
function alongAxis(index: number, count: number): readonly [number, number] {
  const clamped = Math.min(Math.max(index, 0), count - 1);
  const base = Math.min(Math.floor(clamped), Math.max(count - 2, 0));
  return [base, clamped - base];
}

/** Locates a continuous voxel index of the lattice in its cell, writing into `into`. */
export function locate(lattice: Lattice, index: readonly [number, number, number], into: CellPosition): void {
  const [ni, nj, nk] = lattice.dims;
  const [i, fi] = alongAxis(index[0], ni);
  const [j, fj] = alongAxis(index[1], nj);
  const [k, fk] = alongAxis(index[2], nk);
  into.cell = (k * nj + j) * ni + i;
  into.fi = fi;
  into.fj = fj;
  into.fk = fk;
}

/** Dot product of two directions. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let x = 0; x < a.length; x++) sum += (a[x] ?? NaN) * (b[x] ?? NaN);
  return sum;
}
