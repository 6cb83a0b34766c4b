/**
 * Reading an embedding map between its voxels: trilinear interpolation of unit vectors, renormalised.
 * The order matters (sam-uae trap 6): interpolate, then normalise, then dot.
 * @module
 */
import type { EmbeddingMap } from '../embedding/types.ts';
import { invert, toVoxel, voxelIndex } from '../geometry/index.ts';
import type { Affine, LpsPoint, VoxelIndex } from '../geometry/index.ts';

/** A map's grid: dims and voxel index to LPS mm. */
export type Grid = EmbeddingMap['grid'];

/** Corners of a cell; corner c lies at bit 0 of c along i, bit 1 along j, bit 2 along k. */
export const CORNERS = 8;

/** Below this length an interpolated vector has no direction: opposite unit vectors cancelled. */
const NO_DIRECTION = 1e-6;

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

/** Prepares a grid for interpolation. */
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

/** Trilinear weights of the 8 corners, writing into `into`; they sum to 1. */
export function cornerWeights(fi: number, fj: number, fk: number, into: Float64Array): void {
  for (let corner = 0; corner < CORNERS; corner++) {
    const wi = corner & 1 ? fi : 1 - fi;
    const wj = (corner >> 1) & 1 ? fj : 1 - fj;
    const wk = corner >> 2 ? fk : 1 - fk;
    into[corner] = wi * wj * wk;
  }
}

/**
 * The map's direction at a world point: its unit vectors interpolated trilinearly, then normalised to length 1.
 * Voxels without a vector do not contribute; where none of the surrounding voxels has one, the result is the zero
 * vector, whose cosine with everything counts as 0.
 */
export function sampleUnit({ map, lattice }: SampledMap, lps: LpsPoint): Float64Array {
  const position: CellPosition = { cell: 0, fi: 0, fj: 0, fk: 0 };
  const weights = new Float64Array(CORNERS);
  locate(lattice, toVoxel(lattice.lpsToVoxel, lps), position);
  cornerWeights(position.fi, position.fj, position.fk, weights);
  const sum = new Float64Array(map.channels);
  for (let corner = 0; corner < CORNERS; corner++) {
    const voxel = position.cell + (lattice.cornerOffsets[corner] as number);
    const scale = (weights[corner] as number) * (map.inverseNorms[voxel] as number);
    if (scale === 0) continue;
    const offset = voxel * map.channels;
    for (let c = 0; c < sum.length; c++)
      sum[c] = (sum[c] as number) + scale * (map.vectors[offset + c] as number);
  }
  // Not Math.hypot: it guards against overflow, which components up to 1 cannot cause, and is many times slower.
  const length = Math.sqrt(dot(sum, sum));
  if (!(length > NO_DIRECTION)) return sum.fill(0);
  for (let c = 0; c < sum.length; c++) sum[c] = (sum[c] as number) / length;
  return sum;
}

/** Dot product of a query direction with the stored int8 vector of a voxel; times its inverse norm it is the cosine. */
export function dotStored(query: Float64Array, vectors: Int8Array, voxel: number): number {
  const n = query.length;
  const offset = voxel * n;
  const blocked = n - (n % 4);
  // Four independent sums, so that the additions do not wait for one another.
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let x = 0; x < blocked; x += 4) {
    a += (query[x] as number) * (vectors[offset + x] as number);
    b += (query[x + 1] as number) * (vectors[offset + x + 1] as number);
    c += (query[x + 2] as number) * (vectors[offset + x + 2] as number);
    d += (query[x + 3] as number) * (vectors[offset + x + 3] as number);
  }
  for (let x = blocked; x < n; x++) a += (query[x] as number) * (vectors[offset + x] as number);
  return a + b + (c + d);
}

/** Dot product of two directions. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let x = 0; x < a.length; x++) sum += (a[x] as number) * (b[x] as number);
  return sum;
}
