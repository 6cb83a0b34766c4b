/**
 * What the search needs of an embedding beyond the vectors, computed once: the voxels that may be an answer, and for
 * every map on a grid of its own (the coarse one) where the fine grid's columns, rows and slices lie on it and how long
 * the interpolated vector is at each of those voxels. With q·interp(C) = interp(q·C) this makes the interpolated term
 * exact without storing an interpolated copy of the map:
 *
 *     cos(q, interp(C)) = interp(q·C) / |interp(C)|
 *
 * Everything lies in the embedding's shared memory, in the words that server/src/search/wasm reads; layout.ts names them.
 * @module
 */
import type { Embedding, EmbeddingMap } from '../embedding/types.ts';
import { SamepointError } from '../errors/index.ts';
import { compose, invert } from '../geometry/index.ts';
import type { Arena } from '../wasm/index.ts';
import { bytesOf } from '../wasm/index.ts';
import { candidatesOf, countCandidates } from './candidates.ts';
import { openSearch } from './generated/searchModule.ts';
import type { SearchExports } from './generated/searchModule.ts';
import {
  BASE,
  COSINE_LINES,
  COSINE_STEPS,
  DIRECT,
  DIRECT_COUNT,
  DIRECT_WORDS,
  INTERPOLATED,
  INTERPOLATED_COUNT,
  INTERPOLATED_WORDS,
  NI,
  NJ,
  NK,
  ROW_RUNS,
  RUN_WORDS,
  RUNS,
  SPACE_WORDS,
} from './layout.ts';
import { blocksOf, queryLength, slotBytes, slotCount, writeSlot } from './slots.ts';
import { splitMaps } from './splitMaps.ts';
import type { Grid } from './sampling.ts';

/** The search index of an embedding: views of its shared memory. */
export interface SearchIndex {
  /** Words of the embedding for the search module. */
  readonly space: Int32Array;
  /** Flat indices, ascending, of the fine voxels that may be an answer: in the body and with a vector. */
  readonly candidates: Int32Array;
  /** Byte addresses of the places where searches work (slots.ts), each for one thread at a time. */
  readonly slots: readonly number[];
  /** Per slot 1 while a thread uses it. */
  readonly inUse: Int32Array;
}

/** Off-diagonal parts of a map between grids that are aligned with each other, in voxels per voxel: rounding. */
const ALIGNED = 1e-6;

/**
 * What the index needs in an arena, bytes.
 * @throws SamepointError matching/no-fine-map, matching/no-body
 */
export function indexBytes(embedding: Embedding): number {
  const maps = splitMaps(embedding);
  const { candidates, runs } = countCandidates(maps.fine, embedding.bodyMask);
  if (candidates === 0) throw new SamepointError('matching/no-body', {});
  const [ni, nj, nk] = maps.fine.grid.dims;
  const words = (count: number): number => bytesOf({ byteLength: 4 * count });
  const perInterpolated = 2 * (words(ni) + words(nj) + words(nk)) + words(candidates);
  const scratch = maps.interpolated.map(
    (map) => words(scratchWords(map)) + bytesOf({ byteLength: 2 * queryLength(map) }),
  );
  return (
    words(SPACE_WORDS) +
    words(nj * nk + 1) +
    words(RUN_WORDS * runs) +
    words(candidates) +
    words(slotCount()) +
    slotCount() * slotBytes(maps) +
    maps.interpolated.length * perInterpolated +
    scratch.reduce((sum, bytes) => sum + bytes, 0)
  );
}

/** Writes the index of an embedding whose arrays lie in the arena already. */
export function writeIndex(embedding: Embedding, arena: Arena): SearchIndex {
  const maps = splitMaps(embedding);
  const [ni, nj, nk] = maps.fine.grid.dims;
  const space = arena.int32(SPACE_WORDS);
  const found = candidatesOf(maps.fine, embedding.bodyMask, arena);
  space[NI] = ni;
  space[NJ] = nj;
  space[NK] = nk;
  space[ROW_RUNS] = found.rowRuns.byteOffset;
  space[RUNS] = found.runs.byteOffset;
  space[DIRECT_COUNT] = maps.direct.length;
  space[INTERPOLATED_COUNT] = maps.interpolated.length;
  maps.direct.forEach((map, d) => {
    space.set(directWords(map), DIRECT + d * DIRECT_WORDS);
  });
  const search = openSearch({ env: { memory: arena.memory } });
  maps.interpolated.forEach((map, m) => {
    const words = interpolatedWords(map, maps.fine.grid, found.candidates.length, arena);
    space.set(words, INTERPOLATED + m * INTERPOLATED_WORDS);
    writeInverseLengths(search, space, m, map, arena);
  });
  return {
    space,
    candidates: found.candidates,
    inUse: arena.int32(slotCount()),
    slots: Array.from({ length: slotCount() }, () => writeSlot(maps, arena)),
  };
}

/**
 * The rows (axis 1) or slices (axis 2) of interpolated map `m` that rows or slices first..last of the fine grid lie between,
 * both inclusive.
 */
export function cornersOf(
  { space }: SearchIndex,
  m: number,
  axis: 1 | 2,
  [first, last]: readonly [number, number],
): readonly [number, number] {
  const words = INTERPOLATED + m * INTERPOLATED_WORDS;
  const base = new Int32Array(space.buffer, space[words + BASE + axis], last + 1);
  const size = space[words + axis] ?? NaN;
  return [base[first] ?? NaN, Math.min((base[last] ?? NaN) + 1, size - 1)];
}

function directWords(map: EmbeddingMap): readonly number[] {
  return [map.vectors.byteOffset, map.inverseNorms.byteOffset, map.channels, blocksOf(map)];
}

function interpolatedWords(
  map: EmbeddingMap,
  fine: Grid,
  candidates: number,
  arena: Arena,
): readonly number[] {
  const tables = axisTables(map.grid, fine, arena);
  return [
    ...map.grid.dims,
    ...tables.map(({ base }) => base.byteOffset),
    ...tables.map(({ fraction }) => fraction.byteOffset),
    arena.float32(candidates).byteOffset,
  ];
}

/** Fills the inverse lengths of interpolated map `m`, whose words are written. */
function writeInverseLengths(
  search: SearchExports,
  space: Int32Array,
  m: number,
  map: EmbeddingMap,
  arena: Arena,
): void {
  const { vectors, inverseNorms, channels } = map;
  const [query, scratch] = [arena.int16(queryLength(map)), arena.float32(scratchWords(map))];
  search.writeInverseLengths(
    space.byteOffset,
    m,
    vectors.byteOffset,
    inverseNorms.byteOffset,
    channels,
    query.byteOffset,
    scratch.byteOffset,
  );
}

function scratchWords({ grid, inverseNorms }: EmbeddingMap): number {
  return 2 * (COSINE_STEPS * inverseNorms.length + COSINE_LINES * grid.dims[0]);
}

/** Where the fine grid's columns (rows, slices) lie on a map: first corner and fraction along one axis. */
interface AxisTable {
  readonly base: Int32Array;
  readonly fraction: Float32Array;
}

/** Per axis, where each fine column, row or slice lies on the map: first corner and fraction; the edge value continues. */
function axisTables(map: Grid, fine: Grid, arena: Arena): readonly [AxisTable, AxisTable, AxisTable] {
  const m = compose(invert(map.voxelToLps), fine.voxelToLps);
  const offDiagonal = [m[1], m[2], m[4], m[6], m[8], m[9]];
  if (offDiagonal.some((value) => Math.abs(value) > ALIGNED))
    throw new RangeError('the grids of an embedding are not aligned with each other');
  const table = (axis: 0 | 1 | 2, scale: number, shift: number): AxisTable => {
    const [from, to] = [fine.dims[axis], map.dims[axis]];
    const base = arena.int32(from);
    const fraction = arena.float32(from);
    for (let x = 0; x < from; x++) {
      const at = Math.min(Math.max(scale * x + shift, 0), to - 1);
      base[x] = Math.min(Math.floor(at), Math.max(to - 2, 0));
      fraction[x] = at - (base[x] ?? NaN);
    }
    return { base, fraction };
  };
  return [table(0, m[0], m[3]), table(1, m[5], m[7]), table(2, m[10], m[11])];
}
