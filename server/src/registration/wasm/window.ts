/**
 * Extracts the voxels of a window from the query's box.
 * @module
 */
import { bytes, word } from '../../wasm/assembly/lanes';
import {
  BOX,
  BOX_EDGE,
  COUNT,
  FIRST,
  GAUSS,
  INNER_END,
  INNER_FROM,
  PARITY,
  PER_MM,
  REACH,
  STEP,
  TO_J,
  TO_K,
  WINDOW_CAPACITY,
} from '../layout';
import { LEAST_UNITS } from '../../pyramid/layout';
import { GX, GY, GZ, SCALES, SUMS, TABLES, VALUE, WEIGHT, WINDOW, X, Y, Z } from './memory';

/** Voxels extracted so far, and the weight of all that are in reach. */
let extracted = 0;
let fullWeight: f64 = 0;

function put(at: usize, n: i32, value: f32): void {
  store<f32>(at + bytes(n), value);
}

function scale(index: i32): f32 {
  return load<f32>(SCALES + bytes(index));
}

/** Offset of entry `n` of an axis's table, sigmas; and its weight. */
function offsetAt(axis: i32, n: i32): f32 {
  return load<f32>(TABLES + bytes(axis * BOX_EDGE + n));
}

function weightAt(axis: i32, n: i32): f32 {
  return load<f32>(TABLES + bytes(GAUSS + axis * BOX_EDGE + n));
}

/** Whether the voxels of an entry have neighbours in the level on both sides. */
function isInner(axis: i32, n: i32): bool {
  return n >= word(WINDOW, INNER_FROM + axis) && n < word(WINDOW, INNER_END + axis);
}

/** Whether the voxel at an address of the box and its six neighbours were acquired. */
function isAcquired(at: usize, toJ: usize, toK: usize): bool {
  const alongI = min(load<f32>(at, 4), load<f32>(at - 4));
  const alongJ = min(load<f32>(at + toJ), load<f32>(at - toJ));
  const alongK = min(load<f32>(at + toK), load<f32>(at - toK));
  return min(min(load<f32>(at), alongI), min(alongJ, alongK)) > <f32>LEAST_UNITS;
}

/** Extracts the voxel at an address of the box; nothing where it, or a neighbour that its gradient needs, was not acquired. */
function extractVoxel(at: usize, x: f32, y: f32, z: f32, weight: f32): void {
  const n = extracted;
  const toJ = bytes(word(WINDOW, TO_J));
  const toK = bytes(word(WINDOW, TO_K));
  if (!isAcquired(at, toJ, toK)) return;
  put(X, n, x);
  put(Y, n, y);
  put(Z, n, z);
  put(WEIGHT, n, weight);
  put(VALUE, n, load<f32>(at));
  put(GX, n, scale(PER_MM) * (load<f32>(at, 4) - load<f32>(at - 4)));
  put(GY, n, scale(PER_MM + 1) * (load<f32>(at + toJ) - load<f32>(at - toJ)));
  put(GZ, n, scale(PER_MM + 2) * (load<f32>(at + toK) - load<f32>(at - toK)));
  extracted = n + 1;
}

/** Four numbers, `step` (1 or 2) numbers apart. */
function four(at: usize, step: i32): v128 {
  const near = v128.load(at);
  return step == 1 ? near : v128.shuffle<f32>(near, v128.load(at, 16), 0, 2, 4, 6);
}

/** Gradient along an axis from the voxels on both sides. */
function gradient(axis: i32, before: v128, after: v128): v128 {
  return f32x4.mul(f32x4.splat(scale(PER_MM + axis)), f32x4.sub(after, before));
}

/**
 * Extracts four voxels of a row at once; what is written of those beyond `wanted` is overwritten later.
 * @param at address of the first one in the box
 * @param wanted bits of the lanes that count
 * @returns false, and nothing is extracted, where one of them or of their neighbours was not acquired
 */
function extractFour(at: usize, step: i32, x: v128, y: f32, z: f32, weight: v128, wanted: i32): bool {
  const toJ = bytes(word(WINDOW, TO_J));
  const toK = bytes(word(WINDOW, TO_K));
  const own = four(at, step);
  const beforeI = four(at - 4, step);
  const afterI = four(at + 4, step);
  const beforeJ = four(at - toJ, step);
  const afterJ = four(at + toJ, step);
  const beforeK = four(at - toK, step);
  const afterK = four(at + toK, step);
  const alongJ = f32x4.pmin(beforeJ, afterJ);
  const alongK = f32x4.pmin(beforeK, afterK);
  const least = f32x4.pmin(f32x4.pmin(own, f32x4.pmin(beforeI, afterI)), f32x4.pmin(alongJ, alongK));
  const acquired = i32x4.bitmask(f32x4.gt(least, f32x4.splat(<f32>LEAST_UNITS)));
  if ((acquired & wanted) != wanted) return false;
  const n = bytes(extracted);
  v128.store(X + n, x);
  v128.store(Y + n, f32x4.splat(y));
  v128.store(Z + n, f32x4.splat(z));
  v128.store(WEIGHT + n, weight);
  v128.store(VALUE + n, own);
  v128.store(GX + n, gradient(0, beforeI, afterI));
  v128.store(GY + n, gradient(1, beforeJ, afterJ));
  v128.store(GZ + n, gradient(2, beforeK, afterK));
  return true;
}

/** Extracts the voxels of a row's entries from one up to another, which have neighbours in the level on both sides. */
function extractEntries(j: i32, k: i32, from: i32, end: i32, step: i32): void {
  const y = offsetAt(1, j);
  const z = offsetAt(2, k);
  const weightJK = weightAt(2, k) * weightAt(1, j);
  const box = <usize>word(WINDOW, BOX);
  const row = word(WINDOW, FIRST) + k * word(WINDOW, TO_K) + j * word(WINDOW, TO_J);
  for (let i = from; i < end; i += 4 * step) {
    const voxels = min((end - i + step - 1) / step, 4);
    const at = box + bytes(row + i);
    const x = four(TABLES + bytes(i), step);
    const weight = f32x4.mul(f32x4.splat(weightJK), four(TABLES + bytes(GAUSS + i), step));
    const hasSpace = extracted + 4 <= WINDOW_CAPACITY;
    if (hasSpace && extractFour(at, step, x, y, z, weight, (1 << voxels) - 1)) {
      extracted += voxels;
      continue;
    }
    for (let n = i; n < min(i + 4 * step, end) && extracted < WINDOW_CAPACITY; n += step)
      extractVoxel(box + bytes(row + n), offsetAt(0, n), y, z, weightJK * weightAt(0, n));
  }
}

/** Extracts a row's voxels whose squared offset along x is no more than `limit`: they follow each other. */
function extractRow(j: i32, k: i32, limit: f32): void {
  const weightJK = weightAt(2, k) * weightAt(1, j);
  const step = word(WINDOW, STEP);
  const count = word(WINDOW, COUNT);
  let first = step == 2 ? (word(WINDOW, PARITY) + j + k) & 1 : 0;
  while (first < count && offsetAt(0, first) * offsetAt(0, first) > limit) first += step;
  let end = first;
  let all = fullWeight;
  for (; end < count && offsetAt(0, end) * offsetAt(0, end) <= limit; end += step)
    all += <f64>(weightJK * weightAt(0, end));
  fullWeight = all;
  if (!isInner(1, j) || !isInner(2, k)) return;
  while (first < word(WINDOW, INNER_FROM)) first += step;
  extractEntries(j, k, first, min(end, word(WINDOW, INNER_END)), step);
}

/** Extracts the voxels of WINDOW from the query's box; gives their number. SUMS[0]: the weight of all that are in reach. */
export function extract(): i32 {
  const reach = scale(REACH);
  extracted = 0;
  fullWeight = 0;
  for (let k = 0; k < word(WINDOW, COUNT + 2); k++) {
    const z = offsetAt(2, k);
    for (let j = 0; j < word(WINDOW, COUNT + 1); j++) {
      const y = offsetAt(1, j);
      const limit = reach * reach - y * y - z * z;
      if (limit >= 0) extractRow(j, k, limit);
    }
  }
  for (let n = extracted; (n & 3) != 0; n++) {
    put(X, n, 0);
    put(Y, n, 0);
    put(Z, n, 0);
    put(WEIGHT, n, 0);
    put(VALUE, n, 0);
    put(GX, n, 0);
    put(GY, n, 0);
    put(GZ, n, 0);
  }
  store<f64>(SUMS, fullWeight);
  return extracted;
}
