/**
 * The search through an embedding, in AssemblyScript (WASM SIMD): similarity of up to four queries with every candidate
 * voxel of a box of rows, and per row the best one. server/src/search/kernel.ts loads it, searchIndex.ts and slots.ts say what the words
 * of `space` and `slot` mean; this file only computes. All pointers are byte addresses in the shared memory of the
 * embedding, all words are 4 bytes.
 * @module
 */
import { between4, bytes, lerp4, sumOf } from '../../wasm/assembly/lanes';
import {
  BASE,
  BLOCKS,
  CHANNELS,
  DIRECT,
  DIRECT_COUNT,
  DIRECT_WORDS,
  dot,
  FRACTION,
  INTERPOLATED,
  INTERPOLATED_COUNT,
  INTERPOLATED_WORDS,
  INVERSE_LENGTHS,
  INVERSE_NORMS,
  madd,
  MAP_NI,
  MAP_NJ,
  MAP_NK,
  NI,
  NJ,
  NK,
  ROW_RUNS,
  RUN_BYTES,
  RUNS,
  VECTORS,
  word,
} from './space';

export { writeInverseLengths } from './inverseLengths';
export { sampleUnit } from './sampling';

/** Words of `slot`: the workplace of one search; four queries, up to four maps each. */
const QUERY = 0;
const SCALE = 16;
const COSINES = 32;
const BASE_LINE = 48;
const ROW_BEST = 52;
const ROW_VOXEL = 56;
const FLOOR = 80;
const DIRECT_LIMIT = 84;

/** `out[v]` = cosine of the query with voxel v of a map, for all its voxels. */
export function project(
  vectors: usize,
  inverseNorms: usize,
  voxels: i32,
  channels: i32,
  blocks: i32,
  query: usize,
  scale: f32,
  out: usize,
): void {
  for (let v = 0; v < voxels; v++) {
    const at = (<usize>v) << 2;
    const product = <f32>dot(vectors + <usize>v * channels, query, blocks);
    store<f32>(out + at, product * scale * load<f32>(inverseNorms + at));
  }
}

function lerp(a: f32, b: f32, fraction: f32): f32 {
  return a + fraction * (b - a);
}

/** The values at four columns of a row and those of their right neighbours, interpolated: the columns' bases and fractions. */
function widen4(row: usize, base: usize, fractions: usize): v128 {
  return between4(
    row + bytes(load<i32>(base)),
    row + bytes(load<i32>(base, 4)),
    row + bytes(load<i32>(base, 8)),
    row + bytes(load<i32>(base, 12)),
    v128.load(fractions),
  );
}

/** Interpolates rows of a coarse map's cosines to the fine grid's columns: `out` has NI values a row. */
export function widen(space: usize, map: i32, rows: i32, cosines: usize, out: usize): void {
  const words = space + ((<usize>(INTERPOLATED + map * INTERPOLATED_WORDS)) << 2);
  const ni = word(space, NI);
  const hasNeighbour = word(words, MAP_NI) > 1;
  const rowBytes = (<usize>word(words, MAP_NI)) << 2;
  const next: usize = hasNeighbour ? 4 : 0;
  const fours = hasNeighbour ? ni & ~3 : 0;
  const base = <usize>word(words, BASE);
  const fractions = <usize>word(words, FRACTION);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < fours; i += 4) {
      const at = (<usize>i) << 2;
      v128.store(out + at, widen4(cosines, base + at, fractions + at));
    }
    for (let i = fours; i < ni; i++) {
      const at = (<usize>i) << 2;
      const a = cosines + ((<usize>load<i32>(base + at)) << 2);
      store<f32>(out + at, lerp(load<f32>(a), load<f32>(a + next), load<f32>(fractions + at)));
    }
    cosines += rowBytes;
    out += (<usize>ni) << 2;
  }
}

/** Adds an interpolated map's term to the candidates of a row: interp(q·C) / |interp(C)|. */
function addInterpolated(
  space: usize,
  map: usize,
  widened: usize,
  out: usize,
  row: i32,
  from: i32,
  to: i32,
): void {
  const j = row % word(space, NJ);
  const k = row / word(space, NJ);
  const nj = word(map, MAP_NJ);
  const rowBytes = (<usize>word(space, NI)) << 2;
  const fj = load<f32>(<usize>word(map, FRACTION + 1) + ((<usize>j) << 2));
  const fk = load<f32>(<usize>word(map, FRACTION + 2) + ((<usize>k) << 2));
  const fj4 = f32x4.splat(fj);
  const fk4 = f32x4.splat(fk);
  const first = word(<usize>word(map, BASE + 2), k) * nj + word(<usize>word(map, BASE + 1), j);
  const toJ: usize = nj > 1 ? rowBytes : 0;
  const toK: usize = word(map, MAP_NK) > 1 ? <usize>nj * rowBytes : 0;
  const line = widened + <usize>first * rowBytes;
  const inverseLengths = <usize>word(map, INVERSE_LENGTHS);
  const runs = <usize>word(space, RUNS);
  const last = word(<usize>word(space, ROW_RUNS), row + 1);
  for (let r = word(<usize>word(space, ROW_RUNS), row); r < last; r++) {
    const run = runs + <usize>r * RUN_BYTES;
    const start = max(word(run, 0), from);
    const end = min(word(run, 1), to);
    let lengths = inverseLengths + ((<usize>(word(run, 2) + start - word(run, 0))) << 2);
    let at = line + ((<usize>start) << 2);
    let sum = out + ((<usize>start) << 2);
    let i = start;
    for (; i + 3 <= end; i += 4) {
      const near = lerp4(v128.load(at), v128.load(at + toJ), fj4);
      const far = lerp4(v128.load(at + toK), v128.load(at + toK + toJ), fj4);
      const term = f32x4.mul(lerp4(near, far, fk4), v128.load(lengths));
      v128.store(sum, f32x4.add(v128.load(sum), term));
      at += 16;
      lengths += 16;
      sum += 16;
    }
    for (; i <= end; i++) {
      const near = lerp(load<f32>(at), load<f32>(at + toJ), fj);
      const far = lerp(load<f32>(at + toK), load<f32>(at + toK + toJ), fj);
      store<f32>(sum, load<f32>(sum) + lerp(near, far, fk) * load<f32>(lengths));
      at += 4;
      lengths += 4;
      sum += 4;
    }
  }
}

/** The interpolated terms of one query for the row's columns from..to. */
function baseLine(space: usize, slot: usize, query: i32, row: i32, from: i32, to: i32): void {
  const out = <usize>word(slot, BASE_LINE + query);
  memory.fill(out + ((<usize>from) << 2), 0, (<usize>(to - from + 1)) << 2);
  const count = word(space, INTERPOLATED_COUNT);
  for (let m = 0; m < count; m++) {
    const map = space + ((<usize>(INTERPOLATED + m * INTERPOLATED_WORDS)) << 2);
    addInterpolated(space, map, <usize>word(slot, COSINES + query * 4 + m), out, row, from, to);
  }
}

function scaleOf(slot: usize, query: i32, map: i32): f32 {
  return load<f32>(slot + ((<usize>(SCALE + query * 4 + map)) << 2));
}

function keep(slot: usize, query: i32, row: i32, best: f32, voxel: i32): void {
  const at = (<usize>row) << 2;
  store<f32>(<usize>word(slot, ROW_BEST + query) + at, best);
  store<i32>(<usize>word(slot, ROW_VOXEL + query) + at, voxel);
}

function floorOf(slot: usize, query: i32): f32 {
  return load<f32>(slot + ((<usize>(FLOOR + query)) << 2));
}

/** What direct maps `map` and later ones can add at most. */
function limitOf(slot: usize, map: i32): f32 {
  return load<f32>(slot + ((<usize>(DIRECT_LIMIT + map)) << 2));
}

function raiseFloor(slot: usize, query: i32, best: f32): void {
  if (best > floorOf(slot, query)) store<f32>(slot + ((<usize>(FLOOR + query)) << 2), best);
}

/** One query, one row. */
function scanRow1(space: usize, slot: usize, query: i32, row: i32, from: i32, to: i32, step: i32): void {
  baseLine(space, slot, query, row, from, to);
  const floor = floorOf(slot, query);
  const base = <usize>word(slot, BASE_LINE + query);
  const runs = <usize>word(space, RUNS);
  const last = word(<usize>word(space, ROW_RUNS), row + 1);
  const count = word(space, DIRECT_COUNT);
  const rowStart = row * word(space, NI);
  let best: f32 = -f32.MAX_VALUE;
  let bestVoxel = -1;
  for (let r = word(<usize>word(space, ROW_RUNS), row); r < last; r++) {
    const run = runs + <usize>r * RUN_BYTES;
    const start = max(word(run, 0), from);
    const end = min(word(run, 1), to);
    for (let i = ((start + step - 1) / step) * step; i <= end; i += step) {
      const voxel = rowStart + i;
      let sum = load<f32>(base + ((<usize>i) << 2));
      let d = 0;
      for (; d < count; d++) {
        if (sum < floor - limitOf(slot, d)) break;
        const map = space + ((<usize>(DIRECT + d * DIRECT_WORDS)) << 2);
        const vector = <usize>word(map, VECTORS) + <usize>voxel * word(map, CHANNELS);
        const product = dot(vector, <usize>word(slot, QUERY + query * 4 + d), word(map, BLOCKS));
        const norm = load<f32>(<usize>word(map, INVERSE_NORMS) + ((<usize>voxel) << 2));
        sum += <f32>product * (scaleOf(slot, query, d) * norm);
      }
      if (d < count) continue;
      if (sum > best) {
        best = sum;
        bestVoxel = voxel;
      }
    }
  }
  keep(slot, query, row, best, bestVoxel);
}

/** Four queries, one row: every vector is read once. */
function scanRow4(space: usize, slot: usize, row: i32, from: i32, to: i32, step: i32): void {
  for (let q = 0; q < 4; q++) baseLine(space, slot, q, row, from, to);
  const runs = <usize>word(space, RUNS);
  const last = word(<usize>word(space, ROW_RUNS), row + 1);
  const count = word(space, DIRECT_COUNT);
  const rowStart = row * word(space, NI);
  const floor0 = floorOf(slot, 0);
  const floor1 = floorOf(slot, 1);
  const floor2 = floorOf(slot, 2);
  const floor3 = floorOf(slot, 3);
  let best0: f32 = -f32.MAX_VALUE;
  let best1: f32 = -f32.MAX_VALUE;
  let best2: f32 = -f32.MAX_VALUE;
  let best3: f32 = -f32.MAX_VALUE;
  let voxel0 = -1;
  let voxel1 = -1;
  let voxel2 = -1;
  let voxel3 = -1;
  for (let r = word(<usize>word(space, ROW_RUNS), row); r < last; r++) {
    const run = runs + <usize>r * RUN_BYTES;
    const start = max(word(run, 0), from);
    const end = min(word(run, 1), to);
    for (let i = ((start + step - 1) / step) * step; i <= end; i += step) {
      const voxel = rowStart + i;
      const at = (<usize>i) << 2;
      let sum0 = load<f32>(<usize>word(slot, BASE_LINE) + at);
      let sum1 = load<f32>(<usize>word(slot, BASE_LINE + 1) + at);
      let sum2 = load<f32>(<usize>word(slot, BASE_LINE + 2) + at);
      let sum3 = load<f32>(<usize>word(slot, BASE_LINE + 3) + at);
      let d = 0;
      for (; d < count; d++) {
        const limit = limitOf(slot, d);
        if (sum0 < floor0 - limit && sum1 < floor1 - limit && sum2 < floor2 - limit && sum3 < floor3 - limit)
          break;
        const map = space + ((<usize>(DIRECT + d * DIRECT_WORDS)) << 2);
        const norm = load<f32>(<usize>word(map, INVERSE_NORMS) + ((<usize>voxel) << 2));
        let vector = <usize>word(map, VECTORS) + <usize>voxel * word(map, CHANNELS);
        let query0 = <usize>word(slot, QUERY + d);
        let query1 = <usize>word(slot, QUERY + 4 + d);
        let query2 = <usize>word(slot, QUERY + 8 + d);
        let query3 = <usize>word(slot, QUERY + 12 + d);
        let a0 = i32x4.splat(0);
        let a1 = i32x4.splat(0);
        let a2 = i32x4.splat(0);
        let a3 = i32x4.splat(0);
        for (let b = word(map, BLOCKS); b > 0; b--) {
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
        sum0 += <f32>sumOf(a0) * (scaleOf(slot, 0, d) * norm);
        sum1 += <f32>sumOf(a1) * (scaleOf(slot, 1, d) * norm);
        sum2 += <f32>sumOf(a2) * (scaleOf(slot, 2, d) * norm);
        sum3 += <f32>sumOf(a3) * (scaleOf(slot, 3, d) * norm);
      }
      if (d < count) continue;
      if (sum0 > best0) {
        best0 = sum0;
        voxel0 = voxel;
      }
      if (sum1 > best1) {
        best1 = sum1;
        voxel1 = voxel;
      }
      if (sum2 > best2) {
        best2 = sum2;
        voxel2 = voxel;
      }
      if (sum3 > best3) {
        best3 = sum3;
        voxel3 = voxel;
      }
    }
  }
  keep(slot, 0, row, best0, voxel0);
  keep(slot, 1, row, best1, voxel1);
  keep(slot, 2, row, best2, voxel2);
  keep(slot, 3, row, best3, voxel3);
}

/**
 * For every row (j, k) of a box, every `step`-th along each axis: the best candidate of its columns from..to, the first
 * among equals, into the slot's ROW_BEST and ROW_VOXEL (-1 where the row has none).
 *
 * Candidates that cannot reach the slot's FLOOR are left out: no cosine exceeds 1, so the terms that are known, first the
 * interpolated ones, which cost next to nothing, decide whether the next vector is looked at.
 * @param queries 1 (the slot's first query) or 4
 * @param raise 1: the floor rises to the best similarity met, which leaves the best row exact and the others not
 */
export function scan(
  space: usize,
  slot: usize,
  queries: i32,
  from: i32,
  to: i32,
  fromJ: i32,
  toJ: i32,
  fromK: i32,
  toK: i32,
  step: i32,
  raise: i32,
): void {
  const nj = word(space, NJ);
  for (let k = fromK; k <= toK; k += step) {
    for (let j = fromJ; j <= toJ; j += step) {
      const row = k * nj + j;
      if (queries == 1) scanRow1(space, slot, 0, row, from, to, step);
      else scanRow4(space, slot, row, from, to, step);
      if (raise == 0) continue;
      for (let q = 0; q < queries; q++)
        raiseFloor(slot, q, load<f32>(<usize>word(slot, ROW_BEST + q) + ((<usize>row) << 2)));
    }
  }
}

/**
 * One query among the candidates within a ball: the voxel of the best one, the first among equals, or -1 where there is none. Its row's
 * ROW_BEST is its similarity. The slot's FLOOR rises to the best similarity met.
 * @param ci centre, continuous voxel index
 * @param mmI spacing
 */
export function scanBall(
  space: usize,
  slot: usize,
  ci: f64,
  cj: f64,
  ck: f64,
  mmI: f64,
  mmJ: f64,
  mmK: f64,
  radiusMm: f64,
): i32 {
  const nj = word(space, NJ);
  const ni = word(space, NI);
  const nk = word(space, NK);
  const lastK = lastWithin(ck, radiusMm / mmK, nk);
  const lastJ = lastWithin(cj, radiusMm / mmJ, nj);
  let best: f32 = -f32.MAX_VALUE;
  let bestVoxel = -1;
  for (let k = firstWithin(ck, radiusMm / mmK, nk); k <= lastK; k++) {
    for (let j = firstWithin(cj, radiusMm / mmJ, nj); j <= lastJ; j++) {
      const y = (<f64>j - cj) * mmJ;
      const z = (<f64>k - ck) * mmK;
      const left = radiusMm * radiusMm - y * y - z * z;
      if (left < 0) continue;
      const reach = Math.sqrt(left) / mmI;
      const first = firstWithin(ci, reach, ni);
      const last = lastWithin(ci, reach, ni);
      if (first > last) continue;
      const row = k * nj + j;
      scanRow1(space, slot, 0, row, first, last, 1);
      const similarity = load<f32>(<usize>word(slot, ROW_BEST) + bytes(row));
      if (similarity <= best) continue;
      best = similarity;
      bestVoxel = load<i32>(<usize>word(slot, ROW_VOXEL) + bytes(row));
      raiseFloor(slot, 0, best);
    }
  }
  return bestVoxel;
}

/** First and last of `size` indices within `reach` of a place; first > last where there is none, or no such place. */
function firstWithin(place: f64, reach: f64, size: i32): i32 {
  const first = Math.ceil(place - reach);
  return first > 0 ? (first < <f64>size ? <i32>first : size) : 0;
}

function lastWithin(place: f64, reach: f64, size: i32): i32 {
  const last = Math.floor(place + reach);
  return last >= 0 ? (last < <f64>size ? <i32>last : size - 1) : -1;
}
