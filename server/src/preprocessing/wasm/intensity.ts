/**
 * Conversions of voxel values, in AssemblyScript (WASM SIMD), a block at a time: three times as fast as the loops in JavaScript, and
 * as fast from the first volume on. server/src/preprocessing/intensityKernel.ts copies blocks in and out. The arithmetic is in float64.
 * @module
 */
import { bytes, floatsOf, shorts, upper } from '../../wasm/assembly/lanes';
import { BLOCK_VALUES } from '../intensityLayout';

/** The values of a block, floats. */
export const VALUES = memory.data(4 * BLOCK_VALUES, 16);
/** What they become: floats, or int16. */
export const CONVERTED = memory.data(4 * BLOCK_VALUES, 16);

/** Four values in whole steps, halves upwards, as int32; 0 for what is no number. */
function stepsOf(at: i32, step: v128): v128 {
  const half = f64x2.splat(0.5);
  const fours = v128.load(VALUES + bytes(at));
  const low = f64x2.floor(f64x2.add(f64x2.div(f64x2.promote_low_f32x4(fours), step), half));
  const high = f64x2.floor(f64x2.add(f64x2.div(upper(fours), step), half));
  return v128.shuffle<i32>(i32x4.trunc_sat_f64x2_s_zero(low), i32x4.trunc_sat_f64x2_s_zero(high), 0, 1, 4, 5);
}

/** The whole block in steps, clipped to int16. */
export function round(step: f64): void {
  const steps = f64x2.splat(step);
  for (let n = 0; n < BLOCK_VALUES; n += 8)
    v128.store(CONVERTED + shorts(n), i16x8.narrow_i32x4_s(stepsOf(n, steps), stepsOf(n + 4, steps)));
}

/** Two values from `low` on, at most `width` above it; 0 for what is no number. */
function above(pair: v128, low: v128, width: v128): v128 {
  return v128.and(f64x2.min(f64x2.sub(pair, low), width), f64x2.gt(pair, low));
}

/** The whole block clipped to `width` from `low` on, times `scale`, plus `offset`. */
export function mapWindow(low: f64, width: f64, scale: f64, offset: f64): void {
  const lows = f64x2.splat(low);
  const widths = f64x2.splat(width);
  const scales = f64x2.splat(scale);
  const offsets = f64x2.splat(offset);
  for (let n = 0; n < BLOCK_VALUES; n += 4) {
    const fours = v128.load(VALUES + bytes(n));
    const first = f64x2.add(f64x2.mul(above(f64x2.promote_low_f32x4(fours), lows, widths), scales), offsets);
    const second = f64x2.add(f64x2.mul(above(upper(fours), lows, widths), scales), offsets);
    v128.store(CONVERTED + bytes(n), floatsOf(first, second));
  }
}
