/**
 * Extracts the voxels of a window from the query's box.
 * @module
 */
import { bytes, word } from '../../wasm/assembly/lanes';
import {
  BOX_EDGE,
  COUNT,
  FIRST,
  GAUSS,
  INNER_END,
  INNER_FROM,
  LEAST_UNITS,
  PARITY,
  PER_MM,
  REACH,
  STEP,
  TO_J,
  TO_K,
  WINDOW_CAPACITY,
} from '../layout';
import { GX, GY, GZ, QUERY_BOX, SCALES, SUMS, TABLES, VALUE, WEIGHT, WINDOW, X, Y, Z } from './memory';

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

/** Extracts a row's voxels whose squared offset along x is no more than `limit`. */
function extractRow(j: i32, k: i32, limit: f32): void {
  const y = offsetAt(1, j);
  const z = offsetAt(2, k);
  const weightJK = weightAt(2, k) * weightAt(1, j);
  const row = word(WINDOW, FIRST) + k * word(WINDOW, TO_K) + j * word(WINDOW, TO_J);
  const step = word(WINDOW, STEP);
  const count = word(WINDOW, COUNT);
  const fromI = isInner(1, j) && isInner(2, k) ? word(WINDOW, INNER_FROM) : count;
  const endI = word(WINDOW, INNER_END);
  let all = fullWeight;
  for (let i = step == 2 ? (word(WINDOW, PARITY) + j + k) & 1 : 0; i < count; i += step) {
    const x = offsetAt(0, i);
    if (x * x > limit) continue;
    const weight = weightJK * weightAt(0, i);
    all += <f64>weight;
    if (i >= fromI && i < endI && extracted < WINDOW_CAPACITY)
      extractVoxel(QUERY_BOX + bytes(row + i), x, y, z, weight);
  }
  fullWeight = all;
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
