/**
 * Fills a box with rows of a level.
 * @module
 */
import { bytes, shorts } from '../../wasm/assembly/lanes';
import { NOT_ACQUIRED, STEPS_PER_UNIT } from '../../pyramid/layout';
import { STAGED } from './memory';

/** What a box has where nothing was acquired: each interpolation that reads it ends below LEAST_UNITS. */
const NOTHING: f32 = -1e30;

/** Four int32 steps as units; what was not acquired as NOTHING. */
function unitsOf(steps: v128): v128 {
  const units = f32x4.mul(f32x4.convert_i32x4_s(steps), f32x4.splat(<f32>1 / <f32>STEPS_PER_UNIT));
  return v128.bitselect(f32x4.splat(NOTHING), units, i32x4.eq(steps, i32x4.splat(NOT_ACQUIRED)));
}

/**
 * Writes `width` voxels of each of STAGED's rows to an address of a box, one row behind the other. The last row writes up to BOX_SLACK
 * numbers more.
 * @param length voxels of a row of STAGED
 * @param first voxel of each row that is written
 */
export function fillBox(rows: i32, length: i32, first: i32, width: i32, into: usize): void {
  for (let row = 0; row < rows; row++) {
    const from = STAGED + shorts(row * length + first);
    const to = into + bytes(row * width);
    for (let n = 0; n < width; n += 8) {
      const steps = v128.load(from + shorts(n));
      v128.store(to + bytes(n), unitsOf(i32x4.extend_low_i16x8_s(steps)));
      v128.store(to + bytes(n), unitsOf(i32x4.extend_high_i16x8_s(steps)), 16);
    }
  }
}
