/**
 * Workplaces of the search in the shared memory: queries, the cosines of the coarse map, and the best candidate of
 * every row, for up to four queries at a time.
 * @module
 */
import { availableParallelism } from 'node:os';
import type { EmbeddingMap } from '../embedding/types.ts';
import type { Arena } from '../wasm/index.ts';
import { bytesOf } from '../wasm/index.ts';
import {
  BALL,
  BALL_NUMBERS,
  BASE_LINE,
  BOX_I,
  BOX_WORDS,
  CELL,
  CELL_WORDS,
  CHANNELS_PER_BLOCK,
  COSINES,
  DIRECT_LIMIT,
  FLOOR,
  FRACTIONS,
  MAPS,
  PROJECT,
  QUERIES_PER_PASS,
  QUERY,
  ROW_BEST,
  ROW_VOXEL,
  SCALE,
  SCRATCH,
  SLOT_WORDS,
  UNIT,
} from './layout.ts';
import type { SplitMaps } from './splitMaps.ts';

/** One workplace: views of the shared memory. */
export interface Slot {
  /** Its words for the search module. */
  readonly words: Int32Array;
  /** Address of scratch for the cosines of any one coarse map. */
  readonly scratch: number;
  /** Scratch for a vector of any map. */
  readonly unit: Float64Array;
  /** Per direct map and query the factor from the integer product to the weighted term: `scales[QUERIES_PER_PASS * d + q]`. */
  readonly scales: Float32Array;
  /** Per query: candidates that cannot reach this similarity are omitted. */
  readonly floors: Float32Array;
  /** Per direct map: what its term and those of the later ones can add at most. */
  readonly directLimits: Float32Array;
  /** First and last column, row and slice of what is scanned, and the step. */
  readonly box: Int32Array;
  /** Centre (continuous fine voxel index), spacing and radius (mm) of what is scanned. */
  readonly ball: Float64Array;
  /** What is sampled: the voxel of a cell's first corner, the steps to the next one along i, j, k, */
  readonly cell: Int32Array;
  /** and the place in the cell, 0 to 1. */
  readonly fractions: Float64Array;
  /** {@link QUERIES_PER_PASS} of them. */
  readonly queries: readonly [SlotQuery, SlotQuery, SlotQuery, SlotQuery];
}

/** What belongs to one query of a slot. */
export interface SlotQuery {
  /** Quantised directions, one per map on the fine grid. */
  readonly direct: readonly [Int16Array, ...Int16Array[]];
  /** The same for the others. */
  readonly interpolated: readonly Int16Array[];
  /** Per interpolated map the address of the query's cosines with its rows, interpolated to the fine columns. */
  readonly cosines: readonly number[];
  /** Per row the best similarity and its voxel, -1 where the row has no candidate. */
  readonly rowBest: Float32Array;
  readonly rowVoxel: Int32Array;
}

/** Slots of an embedding: enough for every thread of two pools. */
export function slotCount(): number {
  return 2 * availableParallelism() + 2;
}

/** What one slot needs in an arena, bytes. */
export function slotBytes({ fine, direct, interpolated }: SplitMaps): number {
  const [ni, nj, nk] = fine.grid.dims;
  const words = (count: number): number => bytesOf({ byteLength: 4 * count });
  const perQuery =
    [...direct, ...interpolated].reduce(
      (sum, map) => sum + bytesOf({ byteLength: 2 * queryLength(map) }),
      0,
    ) +
    interpolated.reduce((sum, map) => sum + words(widenedLength(map, fine)), 0) +
    words(ni) +
    2 * words(nj * nk);
  const unit = words(2 * mostChannels([...direct, ...interpolated]));
  return words(SLOT_WORDS) + words(mostVoxels(interpolated)) + unit + QUERIES_PER_PASS * perQuery;
}

/** Writes a slot into the arena and gives its address. */
export function writeSlot({ fine, direct, interpolated }: SplitMaps, arena: Arena): number {
  const [ni, nj, nk] = fine.grid.dims;
  const words = arena.int32(SLOT_WORDS);
  words[SCRATCH] = arena.float32(mostVoxels(interpolated)).byteOffset;
  words[UNIT] = arena.float32(2 * mostChannels([...direct, ...interpolated])).byteOffset;
  for (let q = 0; q < QUERIES_PER_PASS; q++) {
    for (const [d, map] of direct.entries())
      words[QUERY + MAPS * q + d] = arena.int16(queryLength(map)).byteOffset;
    for (const [m, map] of interpolated.entries()) {
      words[PROJECT + MAPS * q + m] = arena.int16(queryLength(map)).byteOffset;
      words[COSINES + MAPS * q + m] = arena.float32(widenedLength(map, fine)).byteOffset;
    }
    words[BASE_LINE + q] = arena.float32(ni).byteOffset;
    words[ROW_BEST + q] = arena.float32(nj * nk).byteOffset;
    words[ROW_VOXEL + q] = arena.int32(nj * nk).byteOffset;
  }
  return words.byteOffset;
}

/** The slot at an address, as views. */
export function slotAt(
  buffer: ArrayBufferLike,
  address: number,
  { fine, direct, interpolated }: SplitMaps,
): Slot {
  const words = new Int32Array(buffer, address, SLOT_WORDS);
  const rows = fine.grid.dims[1] * fine.grid.dims[2];
  const query = (map: EmbeddingMap, word: number): Int16Array =>
    new Int16Array(buffer, words[word], queryLength(map));
  const queryAt = (q: number): SlotQuery => ({
    direct: [
      query(fine, QUERY + MAPS * q),
      ...direct.slice(1).map((map, n) => query(map, QUERY + MAPS * q + n + 1)),
    ],
    interpolated: interpolated.map((map, m) => query(map, PROJECT + MAPS * q + m)),
    cosines: interpolated.map((_map, m) => words[COSINES + MAPS * q + m] ?? NaN),
    rowBest: new Float32Array(buffer, words[ROW_BEST + q], rows),
    rowVoxel: new Int32Array(buffer, words[ROW_VOXEL + q], rows),
  });
  return {
    words,
    scratch: words[SCRATCH] ?? NaN,
    unit: new Float64Array(buffer, words[UNIT], mostChannels([...direct, ...interpolated])),
    scales: new Float32Array(buffer, address + 4 * SCALE, QUERIES_PER_PASS * MAPS),
    floors: new Float32Array(buffer, address + 4 * FLOOR, QUERIES_PER_PASS),
    directLimits: new Float32Array(buffer, address + 4 * DIRECT_LIMIT, MAPS),
    box: words.subarray(BOX_I, BOX_I + BOX_WORDS),
    ball: new Float64Array(buffer, address + 4 * BALL, BALL_NUMBERS),
    cell: words.subarray(CELL, CELL + CELL_WORDS),
    fractions: new Float64Array(buffer, address + 4 * FRACTIONS, 3),
    queries: [queryAt(0), queryAt(1), queryAt(2), queryAt(3)],
  };
}

/** Blocks of 16 channels in a vector. */
export function blocksOf({ channels }: Pick<EmbeddingMap, 'channels'>): number {
  return Math.ceil(channels / CHANNELS_PER_BLOCK);
}

/** Components of a quantised direction: the channels, in whole blocks. */
export function queryLength(map: Pick<EmbeddingMap, 'channels'>): number {
  return blocksOf(map) * CHANNELS_PER_BLOCK;
}

function mostVoxels(interpolated: SplitMaps['interpolated']): number {
  return Math.max(1, ...interpolated.map(({ inverseNorms }) => inverseNorms.length));
}

function mostChannels(maps: readonly EmbeddingMap[]): number {
  return Math.max(...maps.map(({ channels }) => channels));
}

/** Rows of the map, each with a value per fine column. */
function widenedLength({ grid: { dims } }: EmbeddingMap, fine: EmbeddingMap): number {
  return fine.grid.dims[0] * dims[1] * dims[2];
}
