/**
 * An embedding as the search module sees it: the words of `space`, which server/src/search/searchIndex.ts writes, and products
 * of its vectors. All pointers are byte addresses in the shared memory of the embedding, all words are 4 bytes.
 * @module
 */
import { sumOf } from '../../wasm/assembly/lanes';

/** Words of `space`: the searched embedding. */
export const NI = 0;
export const NJ = 1;
export const ROW_RUNS = 2;
export const RUNS = 3;
export const DIRECT_COUNT = 4;
export const INTERPOLATED_COUNT = 5;
export const NK = 6;
export const DIRECT = 8;
export const INTERPOLATED = 24;

/** Words of one direct map: on the fine grid itself. */
export const DIRECT_WORDS = 4;
export const VECTORS = 0;
export const INVERSE_NORMS = 1;
export const CHANNELS = 2;
export const BLOCKS = 3;

/** Words of one interpolated map: on a coarser grid of its own. */
export const INTERPOLATED_WORDS = 12;
export const MAP_NI = 0;
export const MAP_NJ = 1;
export const MAP_NK = 2;
export const BASE = 3;
export const FRACTION = 6;
export const INVERSE_LENGTHS = 9;

/** Words of one run of candidates in a row: columns first to last, and the number of the first candidate. */
export const RUN_BYTES = 12;

export function word(at: usize, index: i32): i32 {
  return load<i32>(at + ((<usize>index) << 2));
}

export function madd(sum: v128, low: v128, high: v128, query: usize): v128 {
  const first = i32x4.dot_i16x8_s(low, v128.load(query));
  const second = i32x4.dot_i16x8_s(high, v128.load(query, 16));
  return i32x4.add(sum, i32x4.add(first, second));
}

/** Dot product of an int8 vector with an int16 query, 16 channels a block; the query is zero beyond the channels. */
export function dot(vector: usize, query: usize, blocks: i32): i32 {
  let sum = i32x4.splat(0);
  for (let b = 0; b < blocks; b++) {
    const v = v128.load(vector);
    sum = madd(sum, i16x8.extend_low_i8x16_s(v), i16x8.extend_high_i8x16_s(v), query);
    vector += 16;
    query += 32;
  }
  return sumOf(sum);
}
