/**
 * What a search needs of an embedding beyond the vectors, computed once: the voxels that may be an answer, and for
 * every map on a grid of its own (the coarse one) where each of those voxels lies on it and how long the
 * interpolated vector is there. With q·interp(C) = interp(q·C) this makes the interpolated term exact without
 * storing an interpolated copy of the map:
 *
 *     cos(q, interp(C)) = interp(q·C) / |interp(C)|
 * @module
 */
import type { Embedding, EmbeddingMap } from '../embedding/types.ts';
import { SamepointError } from '../errors/index.ts';
import { compose, voxelIndex } from '../geometry/index.ts';
import type { Affine, VoxelIndex } from '../geometry/index.ts';
import { cornerWeights, CORNERS, indexOf, latticeOf, locate } from './sampling.ts';
import type { CellPosition, Grid, Lattice, SampledMap } from './sampling.ts';

/** Pairs (a <= b) of a cell's corners. */
const CORNER_PAIRS = (CORNERS * (CORNERS + 1)) / 2;

/** Below this squared length an interpolated vector has no direction. */
const NO_DIRECTION_SQUARED = 1e-12;

/** Where each candidate lies on a map that has its own grid; all arrays are per candidate. */
export interface Interpolation {
  readonly cells: Int32Array;
  /** Fractions along i, j, k: 3 per candidate. */
  readonly fractions: Float32Array;
  /** 1 / |interpolated unit vectors|; 0 where there is no direction. */
  readonly inverseLengths: Float32Array;
}

/** One map of the search: on the fine grid itself, or interpolated to it. */
export interface SearchMap extends SampledMap {
  /** Share of the map's cosine in the similarity; the shares of a space sum to 1. */
  readonly weight: number;
  readonly interpolation: Interpolation | undefined;
}

/** An embedding ready to be searched. */
export interface SearchSpace {
  readonly embedding: Embedding;
  /** The fine map first, then the others in the embedding's order. */
  readonly maps: readonly [SearchMap, ...SearchMap[]];
  /** Flat indices, ascending, of the fine voxels that may be an answer: in the body and with a vector. */
  readonly candidates: Int32Array;
}

/** Embeddings are immutable, so a space lives as long as its embedding. */
const spaces = new WeakMap<Embedding, SearchSpace>();

/**
 * The search space of an embedding, computed on first use (about 50 ms for a chest).
 * @throws SamepointError matching/no-fine-map, matching/no-body
 */
export function searchSpaceOf(embedding: Embedding): SearchSpace {
  const known = spaces.get(embedding);
  if (known !== undefined) return known;
  const fine = embedding.maps.find(({ role }) => role === 'fine');
  if (fine === undefined) throw new SamepointError('matching/no-fine-map', { model: embedding.modelId });
  const candidates = candidatesOf(fine, embedding.bodyMask);
  if (candidates.length === 0) throw new SamepointError('matching/no-body', {});
  const maps: [SearchMap, ...SearchMap[]] = [
    { map: fine, lattice: latticeOf(fine.grid), weight: weightOf(fine, embedding), interpolation: undefined },
  ];
  for (const map of embedding.maps) {
    if (map === fine) continue;
    const lattice = latticeOf(map.grid);
    const interpolation = sameGrid(map.grid, fine.grid)
      ? undefined
      : interpolationOf({ map, lattice }, fine.grid, candidates);
    maps.push({ map, lattice, weight: weightOf(map, embedding), interpolation });
  }
  const space: SearchSpace = { embedding, maps, candidates };
  spaces.set(embedding, space);
  return space;
}

/** An embedding written before maps had weights: equal shares, as SAM and UAE average. */
function weightOf(map: EmbeddingMap, { maps }: Embedding): number {
  return (map as { readonly weight?: number }).weight ?? 1 / maps.length;
}

function candidatesOf(fine: EmbeddingMap, bodyMask: Uint8Array): Int32Array {
  const found = new Int32Array(bodyMask.length);
  let count = 0;
  for (let voxel = 0; voxel < bodyMask.length; voxel++)
    if (bodyMask[voxel] !== 0 && fine.inverseNorms[voxel] !== 0) found[count++] = voxel;
  return found.slice(0, count);
}

function sameGrid(a: Grid, b: Grid): boolean {
  return (
    a.dims.every((n, axis) => n === b.dims[axis]) &&
    a.voxelToLps.every((value, x) => value === b.voxelToLps[x])
  );
}

function interpolationOf(sampled: SampledMap, fine: Grid, candidates: Int32Array): Interpolation {
  const { lattice } = sampled;
  const gram = cellGram(sampled);
  const cells = new Int32Array(candidates.length);
  const fractions = new Float32Array(candidates.length * 3);
  const inverseLengths = new Float32Array(candidates.length);
  const weights = new Float64Array(CORNERS);
  const at: CellPosition = { cell: 0, fi: 0, fj: 0, fk: 0 };
  const toMap = compose(lattice.lpsToVoxel, fine.voxelToLps);
  for (let n = 0; n < candidates.length; n++) {
    locate(lattice, mapIndex(toMap, indexOf(fine.dims, candidates[n] as number)), at);
    cornerWeights(at.fi, at.fj, at.fk, weights);
    const squared = squaredLength(gram, at.cell, weights);
    cells[n] = at.cell;
    fractions[3 * n] = at.fi;
    fractions[3 * n + 1] = at.fj;
    fractions[3 * n + 2] = at.fk;
    inverseLengths[n] = squared > NO_DIRECTION_SQUARED ? 1 / Math.sqrt(squared) : 0;
  }
  return { cells, fractions, inverseLengths };
}

/** Index of the fine grid to index of the map's grid. */
function mapIndex(m: Affine, [i, j, k]: VoxelIndex): VoxelIndex {
  return voxelIndex(
    m[0] * i + m[1] * j + m[2] * k + m[3],
    m[4] * i + m[5] * j + m[6] * k + m[7],
    m[8] * i + m[9] * j + m[10] * k + m[11],
  );
}

/** |Σ w_a c_a|² from the cell's Gram matrix. */
function squaredLength(gram: Float64Array, cell: number, weights: Float64Array): number {
  let sum = 0;
  let entry = cell * CORNER_PAIRS;
  for (let a = 0; a < CORNERS; a++) {
    const wa = weights[a] as number;
    sum += wa * wa * (gram[entry++] as number);
    for (let b = a + 1; b < CORNERS; b++) sum += 2 * wa * (weights[b] as number) * (gram[entry++] as number);
  }
  return sum;
}

/** Cosines between the corners of every cell: 36 per voxel (a <= b), indexed by the cell's first corner. */
function cellGram({ map, lattice }: SampledMap): Float64Array {
  const [ni, nj, nk] = lattice.dims;
  const voxels = ni * nj * nk;
  const gram = new Float64Array(voxels * CORNER_PAIRS);
  for (let cell = 0; cell < voxels; cell++) {
    if (!isCell(cell, lattice)) continue;
    let entry = cell * CORNER_PAIRS;
    for (let a = 0; a < CORNERS; a++)
      for (let b = a; b < CORNERS; b++)
        gram[entry++] = cosineStored(
          map,
          cell + (lattice.cornerOffsets[a] as number),
          cell + (lattice.cornerOffsets[b] as number),
        );
  }
  return gram;
}

/** True when the voxel is the first corner of a cell, i.e. not the last one of an axis with several voxels. */
function isCell(voxel: number, { dims }: Lattice): boolean {
  const [ni, nj, nk] = dims;
  const [i, j, k] = indexOf(dims, voxel);
  return i <= Math.max(ni - 2, 0) && j <= Math.max(nj - 2, 0) && k <= Math.max(nk - 2, 0);
}

/** Cosine of two stored vectors. */
function cosineStored(map: EmbeddingMap, a: number, b: number): number {
  const scale = (map.inverseNorms[a] as number) * (map.inverseNorms[b] as number);
  if (scale === 0) return 0;
  let sum = 0;
  for (let c = 0; c < map.channels; c++)
    sum += (map.vectors[a * map.channels + c] as number) * (map.vectors[b * map.channels + c] as number);
  return sum * scale;
}
