/**
 * What the files of the search module share: places in the memory and products of vectors. All pointers are byte addresses in the
 * shared memory of the embedding; ../layout.ts says what the words of `space` and `slot` mean.
 * @module
 */
import { bytes, sumOf, word } from '../../wasm/assembly/lanes';
import {
  CHANNELS_PER_BLOCK,
  DIRECT,
  DIRECT_WORDS,
  INTERPOLATED,
  INTERPOLATED_WORDS,
  RUN_WORDS,
  RUNS,
} from '../layout';

/** Words of direct map `d`. */
export function directMap(space: usize, d: i32): usize {
  return space + bytes(DIRECT + d * DIRECT_WORDS);
}

/** Words of interpolated map `m`. */
export function interpolatedMap(space: usize, m: i32): usize {
  return space + bytes(INTERPOLATED + m * INTERPOLATED_WORDS);
}

/** Words of run `r`. */
export function runAt(space: usize, r: i32): usize {
  return <usize>word(space, RUNS) + <usize>r * bytes(RUN_WORDS);
}

/** Blocks of a vector. */
export function blocksOf(channels: i32): i32 {
  return (channels + CHANNELS_PER_BLOCK - 1) / CHANNELS_PER_BLOCK;
}

/** `sum` plus the products of 16 channels, widened to int16, with a query's. */
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
