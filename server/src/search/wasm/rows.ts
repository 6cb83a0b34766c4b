/**
 * One row of the fine grid: the best candidate of one query or of four.
 * @module
 */
import { bytes, word } from '../../wasm/assembly/lanes';
import {
  BASE_LINE,
  BLOCKS,
  CHANNELS,
  DIRECT_COUNT,
  DIRECT_LIMIT,
  FLOOR,
  INVERSE_NORMS,
  MAPS,
  NI,
  QUERIES_PER_PASS,
  QUERY,
  ROW_BEST,
  ROW_RUNS,
  ROW_VOXEL,
  RUN_FIRST,
  RUN_LAST,
  SCALE,
  VECTORS,
} from '../layout';
import { baseLine } from './interpolation';
import { directMap, dot, madd, runAt } from './space';

function keep(slot: usize, query: i32, row: i32, best: f32, voxel: i32): void {
  store<f32>(<usize>word(slot, ROW_BEST + query) + bytes(row), best);
  store<i32>(<usize>word(slot, ROW_VOXEL + query) + bytes(row), voxel);
}

function floorOf(slot: usize, query: i32): f32 {
  return load<f32>(slot + bytes(FLOOR + query));
}

/** What direct maps `map` and later ones can add at most. */
function limitOf(slot: usize, map: i32): f32 {
  return load<f32>(slot + bytes(DIRECT_LIMIT + map));
}

/** The best similarity of a query's row becomes its floor where that is lower. */
export function raiseFloor(slot: usize, query: i32, row: i32): void {
  const best = load<f32>(<usize>word(slot, ROW_BEST + query) + bytes(row));
  if (best > floorOf(slot, query)) store<f32>(slot + bytes(FLOOR + query), best);
}

/** First multiple of a step from a column on. */
function alignedTo(step: i32, column: i32): i32 {
  return ((column + step - 1) / step) * step;
}

/**
 * Similarity of the slot's first query with a candidate; -Infinity where it cannot reach the floor.
 * @param known the interpolated terms
 */
function similarity1(space: usize, slot: usize, voxel: i32, known: f32, floor: f32): f32 {
  const count = word(space, DIRECT_COUNT);
  let sum = known;
  for (let d = 0; d < count; d++) {
    if (sum < floor - limitOf(slot, d)) return -Infinity;
    const map = directMap(space, d);
    const vector = <usize>word(map, VECTORS) + <usize>voxel * word(map, CHANNELS);
    const product = dot(vector, <usize>word(slot, QUERY + d), word(map, BLOCKS));
    const norm = load<f32>(<usize>word(map, INVERSE_NORMS) + bytes(voxel));
    sum += <f32>product * (load<f32>(slot + bytes(SCALE + d * QUERIES_PER_PASS)) * norm);
  }
  return sum;
}

/** The slot's first query, the row's columns from..to that are multiples of the step. */
export function scanRow1(space: usize, slot: usize, row: i32, from: i32, to: i32, step: i32): void {
  baseLine(space, slot, 0, row, from, to);
  const floor = floorOf(slot, 0);
  const base = <usize>word(slot, BASE_LINE);
  const last = word(<usize>word(space, ROW_RUNS), row + 1);
  const rowStart = row * word(space, NI);
  let best: f32 = -f32.MAX_VALUE;
  let bestVoxel = -1;
  for (let r = word(<usize>word(space, ROW_RUNS), row); r < last; r++) {
    const run = runAt(space, r);
    const end = min(word(run, RUN_LAST), to);
    for (let i = alignedTo(step, max(word(run, RUN_FIRST), from)); i <= end; i += step) {
      const sum = similarity1(space, slot, rowStart + i, load<f32>(base + bytes(i)), floor);
      if (sum > best) {
        best = sum;
        bestVoxel = rowStart + i;
      }
    }
  }
  keep(slot, 0, row, best, bestVoxel);
}

/** Integers of four queries, four parts each, summed up to one lane a query. */
function sums4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** Dot products of an int8 vector with four int16 queries; `queries` has the address of the first one, every MAPS-th word one more. */
function dot4(vector: usize, queries: usize, blocks: i32): v128 {
  let query0 = <usize>word(queries, 0);
  let query1 = <usize>word(queries, MAPS);
  let query2 = <usize>word(queries, 2 * MAPS);
  let query3 = <usize>word(queries, 3 * MAPS);
  let a0 = i32x4.splat(0);
  let a1 = i32x4.splat(0);
  let a2 = i32x4.splat(0);
  let a3 = i32x4.splat(0);
  for (let b = blocks; b > 0; b--) {
    const v = v128.load(vector);
    const low = i16x8.extend_low_i8x16_s(v);
    const high = i16x8.extend_high_i8x16_s(v);
    a0 = madd(a0, low, high, query0);
    a1 = madd(a1, low, high, query1);
    a2 = madd(a2, low, high, query2);
    a3 = madd(a3, low, high, query3);
    vector += 16;
    query0 += 32;
    query1 += 32;
    query2 += 32;
    query3 += 32;
  }
  return sums4(a0, a1, a2, a3);
}

/** Whether none of four sums, with what direct maps `map` and later ones can add, reaches its floor. */
function isBelow4(slot: usize, sums: v128, floors: v128, map: i32): bool {
  const least = f32x4.sub(floors, v128.load_splat<f32>(slot + bytes(DIRECT_LIMIT + map)));
  return i32x4.bitmask(f32x4.lt(sums, least)) == 15;
}

/** {@link similarity1} of four queries, one a lane; -Infinity in all where, after the first direct map, none can reach its floor. */
function similarity4(space: usize, slot: usize, voxel: i32, known: v128, floors: v128): v128 {
  const count = word(space, DIRECT_COUNT);
  let sums = known;
  for (let d = 0; d < count; d++) {
    if (d > 0 && isBelow4(slot, sums, floors, d)) return f32x4.splat(-Infinity);
    const map = directMap(space, d);
    const vector = <usize>word(map, VECTORS) + <usize>voxel * word(map, CHANNELS);
    const products = f32x4.convert_i32x4_s(dot4(vector, slot + bytes(QUERY + d), word(map, BLOCKS)));
    const norm = v128.load_splat<f32>(<usize>word(map, INVERSE_NORMS) + bytes(voxel));
    const scales = v128.load(slot + bytes(SCALE + d * QUERIES_PER_PASS));
    sums = f32x4.add(sums, f32x4.mul(products, f32x4.mul(scales, norm)));
  }
  return sums;
}

/** The interpolated terms of four queries at a column, one a lane. */
function known4(slot: usize, at: usize): v128 {
  let known = v128.load_zero<f32>(<usize>word(slot, BASE_LINE) + at);
  known = v128.load_lane<f32>(<usize>word(slot, BASE_LINE + 1) + at, known, 1);
  known = v128.load_lane<f32>(<usize>word(slot, BASE_LINE + 2) + at, known, 2);
  return v128.load_lane<f32>(<usize>word(slot, BASE_LINE + 3) + at, known, 3);
}

/** Four queries, as {@link scanRow1}: every vector is read once. */
export function scanRow4(space: usize, slot: usize, row: i32, from: i32, to: i32, step: i32): void {
  for (let q = 0; q < QUERIES_PER_PASS; q++) baseLine(space, slot, q, row, from, to);
  const floors = v128.load(slot + bytes(FLOOR));
  const last = word(<usize>word(space, ROW_RUNS), row + 1);
  const rowStart = row * word(space, NI);
  let best = f32x4.splat(-f32.MAX_VALUE);
  let voxels = i32x4.splat(-1);
  for (let r = word(<usize>word(space, ROW_RUNS), row); r < last; r++) {
    const run = runAt(space, r);
    const end = min(word(run, RUN_LAST), to);
    for (let i = alignedTo(step, max(word(run, RUN_FIRST), from)); i <= end; i += step) {
      const known = known4(slot, bytes(i));
      if (isBelow4(slot, known, floors, 0)) continue;
      const sums = similarity4(space, slot, rowStart + i, known, floors);
      const isBetter = f32x4.gt(sums, best);
      best = v128.bitselect(sums, best, isBetter);
      voxels = v128.bitselect(i32x4.splat(rowStart + i), voxels, isBetter);
    }
  }
  keep(slot, 0, row, f32x4.extract_lane(best, 0), i32x4.extract_lane(voxels, 0));
  keep(slot, 1, row, f32x4.extract_lane(best, 1), i32x4.extract_lane(voxels, 1));
  keep(slot, 2, row, f32x4.extract_lane(best, 2), i32x4.extract_lane(voxels, 2));
  keep(slot, 3, row, f32x4.extract_lane(best, 3), i32x4.extract_lane(voxels, 3));
}
