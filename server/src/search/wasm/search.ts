/**
 * The search through an embedding, in AssemblyScript (WASM SIMD): similarity of up to four queries with every candidate
 * voxel of a box of rows, and per row the best one. server/src/search/kernel.ts loads it, ../layout.ts says what the words
 * of `space` and `slot` mean; the module only computes. All pointers are byte addresses in the shared memory of the
 * embedding, all words are 4 bytes.
 * @module
 */
import { bytes, doubles, word } from '../../wasm/assembly/lanes';
import { BALL, BOX_I, BOX_J, BOX_K, BOX_STEP, NI, NJ, NK, ROW_BEST, ROW_VOXEL } from '../layout';
import { raiseFloor, scanRow1, scanRow4 } from './rows';

export { project, widen } from './interpolation';
export { writeInverseLengths } from './inverseLengths';
export { sampleUnit } from './sampling';

/**
 * For every row (j, k) of the slot's box, every `step`-th along each axis: the best candidate of its columns, the first among
 * equals, into the slot's ROW_BEST and ROW_VOXEL (-1 where the row has none). Rows and slices are counted from where the box
 * begins, columns from 0.
 *
 * Candidates that cannot reach the slot's FLOOR are omitted: no cosine exceeds 1, so the terms that are known, first the
 * interpolated ones, which cost next to nothing, decide whether the next vector is looked at.
 * @param queries 1 (the slot's first query) or 4
 * @param isRaising the floor rises to the best similarity met: then only the best row is exact
 */
export function scan(space: usize, slot: usize, queries: i32, isRaising: bool): void {
  const nj = word(space, NJ);
  const step = word(slot, BOX_STEP);
  const from = word(slot, BOX_I);
  const to = word(slot, BOX_I + 1);
  for (let k = word(slot, BOX_K); k <= word(slot, BOX_K + 1); k += step) {
    for (let j = word(slot, BOX_J); j <= word(slot, BOX_J + 1); j += step) {
      const row = k * nj + j;
      if (queries == 1) scanRow1(space, slot, row, from, to, step);
      else scanRow4(space, slot, row, from, to, step);
      if (!isRaising) continue;
      for (let q = 0; q < queries; q++) raiseFloor(slot, q, row);
    }
  }
}

/** Number `index` of the slot's ball. */
function ballNumber(slot: usize, index: i32): f64 {
  return load<f64>(slot + bytes(BALL) + doubles(index));
}

/**
 * The slot's first query among the candidates within the slot's ball: the voxel of the best one, the first among equals, or -1
 * where there is none. Its row's ROW_BEST is its similarity. The slot's FLOOR rises to the best similarity met.
 */
export function scanBall(space: usize, slot: usize): i32 {
  const nj = word(space, NJ);
  const nk = word(space, NK);
  const cj = ballNumber(slot, 1);
  const ck = ballNumber(slot, 2);
  const mmJ = ballNumber(slot, 4);
  const mmK = ballNumber(slot, 5);
  const radiusMm = ballNumber(slot, 6);
  const lastK = lastWithin(ck, radiusMm / mmK, nk);
  const lastJ = lastWithin(cj, radiusMm / mmJ, nj);
  let best: f32 = -f32.MAX_VALUE;
  let bestVoxel = -1;
  for (let k = firstWithin(ck, radiusMm / mmK, nk); k <= lastK; k++) {
    for (let j = firstWithin(cj, radiusMm / mmJ, nj); j <= lastJ; j++) {
      const y = (<f64>j - cj) * mmJ;
      const z = (<f64>k - ck) * mmK;
      const squared = radiusMm * radiusMm - y * y - z * z;
      const row = k * nj + j;
      if (squared < 0 || !scanChord(space, slot, row, Math.sqrt(squared))) continue;
      const similarity = load<f32>(<usize>word(slot, ROW_BEST) + bytes(row));
      if (similarity <= best) continue;
      best = similarity;
      bestVoxel = load<i32>(<usize>word(slot, ROW_VOXEL) + bytes(row));
      raiseFloor(slot, 0, row);
    }
  }
  return bestVoxel;
}

/** Scans the columns of a row within `halfMm` of the ball's centre; false where there are none. */
function scanChord(space: usize, slot: usize, row: i32, halfMm: f64): bool {
  const ni = word(space, NI);
  const ci = ballNumber(slot, 0);
  const reach = halfMm / ballNumber(slot, 3);
  const first = firstWithin(ci, reach, ni);
  const last = lastWithin(ci, reach, ni);
  if (first > last) return false;
  scanRow1(space, slot, row, first, last, 1);
  return true;
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
