/**
 * The loops of local registration over the voxels of a window, in AssemblyScript (WASM SIMD, four voxels at a time).
 * server/src/registration/local/patch.ts says what they are for; the module only computes. The memory is one thread's own; memory.ts
 * says what lies in it.
 * @module
 */
import { between4, bytes, lerp4, upper } from '../../wasm/assembly/lanes';
import { BOX_LIMITS, LEVEL_LIMITS, TERMS } from '../layout';
import { LEAST_UNITS } from '../../pyramid/layout';
import { BOUNDS, LIMITS, MOVED, POLYNOMIALS, SEEN_WEIGHT, SUMS, VALUE, WEIGHT, X, Y, Z } from './memory';

export {
  BOUNDS,
  FACTORS,
  FIRST_BOX,
  KEPT,
  LIMITS,
  POLYNOMIALS,
  RATIO,
  REGION_WEIGHT,
  SCALES,
  SECOND_BOX,
  SEEN_REGIONS,
  STAGED,
  SUMS,
  TABLES,
  WINDOW,
} from './memory';
export { fillBox } from './box';
export { curvature, pull } from './normalEquations';
export { judgeRegions, keptWithin, lowerWeights, medianRatio, openRegions } from './regions';
export { extract } from './window';

function coefficient(axis: i32, term: i32): v128 {
  return v128.load_splat<f32>(POLYNOMIALS + bytes(axis * TERMS + term));
}

/** Where the map puts four offsets along one axis of the target's level. */
function mapped(axis: i32, isAffine: bool, x: v128, y: v128, z: v128): v128 {
  let atX = coefficient(axis, 1);
  let atY = coefficient(axis, 2);
  let atZ = coefficient(axis, 3);
  if (!isAffine) {
    atX = f32x4.add(atX, f32x4.mul(x, coefficient(axis, 4)));
    atX = f32x4.add(atX, f32x4.mul(y, coefficient(axis, 7)));
    atX = f32x4.add(atX, f32x4.mul(z, coefficient(axis, 8)));
    atY = f32x4.add(atY, f32x4.mul(y, coefficient(axis, 5)));
    atY = f32x4.add(atY, f32x4.mul(z, coefficient(axis, 9)));
    atZ = f32x4.add(atZ, f32x4.mul(z, coefficient(axis, 6)));
  }
  const xy = f32x4.add(f32x4.mul(x, atX), f32x4.mul(y, atY));
  return f32x4.add(coefficient(axis, 0), f32x4.add(xy, f32x4.mul(z, atZ)));
}

/** BOUNDS: where the map puts the window. */
export function bounds(count: i32, isAffine: bool): void {
  for (let axis = 0; axis < 3; axis++) {
    let least = f32x4.splat(f32.MAX_VALUE);
    let largest = f32x4.splat(-f32.MAX_VALUE);
    for (let n: usize = 0; n < bytes(count); n += 16) {
      const at = mapped(axis, isAffine, v128.load(X + n), v128.load(Y + n), v128.load(Z + n));
      least = f32x4.min(least, at);
      largest = f32x4.max(largest, at);
    }
    const low = min(
      min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)),
      min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)),
    );
    const high = max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    );
    store<f32>(BOUNDS + bytes(axis), low);
    store<f32>(BOUNDS + bytes(3 + axis), high);
  }
}

/** Lanes that lie in a range along an axis: LIMITS from `limit` on are first i, j, k and end i, j, k. */
function within(at: v128, axis: i32, limit: i32): v128 {
  const first = v128.load_splat<f32>(LIMITS + bytes(limit + axis));
  const end = v128.load_splat<f32>(LIMITS + bytes(limit + 3 + axis));
  return v128.and(f32x4.ge(at, first), f32x4.lt(at, end));
}

/** Lanes that lie in the level or in the box, whose LIMITS begin at `limit`. */
function inside(i: v128, j: v128, k: v128, limit: i32): v128 {
  return v128.and(v128.and(within(i, 0, limit), within(j, 1, limit)), within(k, 2, limit));
}

/** Four places of a row, each between its value and the next one. */
function alongRow(a: usize, b: usize, c: usize, d: usize, offset: usize, fraction: v128): v128 {
  return between4(a + offset, b + offset, c + offset, d + offset, fraction);
}

/**
 * MOVED, SEEN_WEIGHT: the target (trilinear) where the map puts the window's voxels. What was not acquired there is out of view.
 * All is computed in indices of the level, so that the result does not depend on the box.
 * @param box address of the target's box
 * @param first index that the box's first voxel would have in a level of the box's size along i and j
 * @returns how many voxels are in view but not in the box; they count as out of view
 */
export function sample(count: i32, isAffine: bool, box: usize, boxI: i32, boxJ: i32, first: i32): i32 {
  const toJ = bytes(boxI);
  const toK = bytes(boxI * boxJ);
  const stepJ = i32x4.splat(boxI);
  const stepK = i32x4.splat(boxI * boxJ);
  let missed = 0;
  for (let n: usize = 0; n < bytes(count); n += 16) {
    const x = v128.load(X + n);
    const y = v128.load(Y + n);
    const z = v128.load(Z + n);
    const i = mapped(0, isAffine, x, y, z);
    const j = mapped(1, isAffine, x, y, z);
    const k = mapped(2, isAffine, x, y, z);
    const inView = inside(i, j, k, LEVEL_LIMITS);
    const inBox = inside(i, j, k, BOX_LIMITS);
    missed += popcnt<i32>(i32x4.bitmask(v128.andnot(inView, inBox)));
    const seen = v128.and(inView, inBox);
    // The others read the first voxel.
    const seenI = v128.and(i, seen);
    const seenJ = v128.and(j, seen);
    const seenK = v128.and(k, seen);
    const voxelI = i32x4.trunc_sat_f32x4_s(seenI);
    const voxelJ = i32x4.trunc_sat_f32x4_s(seenJ);
    const voxelK = i32x4.trunc_sat_f32x4_s(seenK);
    const fractionI = f32x4.sub(seenI, f32x4.convert_i32x4_s(voxelI));
    const fractionJ = f32x4.sub(seenJ, f32x4.convert_i32x4_s(voxelJ));
    const fractionK = f32x4.sub(seenK, f32x4.convert_i32x4_s(voxelK));
    const across = i32x4.add(i32x4.mul(voxelJ, stepJ), i32x4.mul(voxelK, stepK));
    const voxel = v128.and(i32x4.sub(i32x4.add(voxelI, across), i32x4.splat(first)), seen);
    const a = box + bytes(i32x4.extract_lane(voxel, 0));
    const b = box + bytes(i32x4.extract_lane(voxel, 1));
    const c = box + bytes(i32x4.extract_lane(voxel, 2));
    const d = box + bytes(i32x4.extract_lane(voxel, 3));
    const near = lerp4(alongRow(a, b, c, d, 0, fractionI), alongRow(a, b, c, d, toJ, fractionI), fractionJ);
    const far = lerp4(
      alongRow(a, b, c, d, toK, fractionI),
      alongRow(a, b, c, d, toK + toJ, fractionI),
      fractionJ,
    );
    const moved = lerp4(near, far, fractionK);
    const acquired = v128.and(seen, f32x4.gt(moved, f32x4.splat(<f32>LEAST_UNITS)));
    v128.store(SEEN_WEIGHT + n, v128.and(v128.load(WEIGHT + n), acquired));
    v128.store(MOVED + n, v128.and(moved, acquired));
  }
  return missed;
}

/** Adds the products of four numbers with four others, in twice the precision. */
function addProducts(sum: v128, a: v128, b: v128): v128 {
  const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  return f64x2.add(sum, f64x2.add(low, f64x2.mul(upper(a), upper(b))));
}

function putSum(n: usize, sum: v128): void {
  store<f64>(SUMS + (n << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/** SUMS: of w, w q, w t, w q q, w t t, w q t over the voxels in view; q the query's value, t the target's. */
export function moments(count: i32): void {
  const one = f32x4.splat(1);
  let sw = f64x2.splat(0);
  let sq = f64x2.splat(0);
  let st = f64x2.splat(0);
  let sqq = f64x2.splat(0);
  let stt = f64x2.splat(0);
  let sqt = f64x2.splat(0);
  for (let n: usize = 0; n < bytes(count); n += 16) {
    const w = v128.load(SEEN_WEIGHT + n);
    const q = v128.load(VALUE + n);
    const t = v128.load(MOVED + n);
    const wq = f32x4.mul(w, q);
    const wt = f32x4.mul(w, t);
    sw = addProducts(sw, w, one);
    sq = addProducts(sq, w, q);
    st = addProducts(st, w, t);
    sqq = addProducts(sqq, wq, q);
    stt = addProducts(stt, wt, t);
    sqt = addProducts(sqt, wq, t);
  }
  putSum(0, sw);
  putSum(1, sq);
  putSum(2, st);
  putSum(3, sqq);
  putSum(4, stt);
  putSum(5, sqt);
}

/** MOVED: query - (gain target + offset). Gives the weighted sum of the absolute values. */
export function residuals(count: i32, gain: f32, offset: f32): f64 {
  const gains = f32x4.splat(gain);
  const offsets = f32x4.splat(offset);
  let sum = f64x2.splat(0);
  for (let n: usize = 0; n < bytes(count); n += 16) {
    const fitted = f32x4.add(f32x4.mul(gains, v128.load(MOVED + n)), offsets);
    const residual = f32x4.sub(v128.load(VALUE + n), fitted);
    v128.store(MOVED + n, residual);
    sum = addProducts(sum, v128.load(SEEN_WEIGHT + n), f32x4.abs(residual));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
