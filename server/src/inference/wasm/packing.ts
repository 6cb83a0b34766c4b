/**
 * Codes of an int8 graph to packed vectors, in AssemblyScript (WASM SIMD). server/src/inference/codeKernel.ts lays the memory out;
 * this file only computes. All pointers are byte addresses.
 * @module
 */
import { bytes, sumOf } from '../../wasm/assembly/lanes';

/** Code of 0, and the least number that is kept: -128 has no opposite. */
const ZERO_CODE: i32 = 128;
const LEAST: i32 = -127;
const LANES = 16;

/** Turns the codes of a vector to numbers, in place; gives the sum of their squares. */
function packVector(vector: usize, channels: i32): i32 {
  const zero = i8x16.splat(<i8>ZERO_CODE);
  const least = i8x16.splat(<i8>LEAST);
  let squares = i32x4.splat(0);
  let c = 0;
  for (; c + LANES <= channels; c += LANES) {
    // Less 128, as the flip of the highest bit.
    const numbers = i8x16.max_s(v128.xor(v128.load(vector + c), zero), least);
    v128.store(vector + c, numbers);
    const low = i16x8.extend_low_i8x16_s(numbers);
    const high = i16x8.extend_high_i8x16_s(numbers);
    squares = i32x4.add(squares, i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high)));
  }
  let sum = sumOf(squares);
  for (; c < channels; c++) {
    const number = max(<i32>load<u8>(vector + c) - ZERO_CODE, LEAST);
    store<i8>(vector + c, <i8>number);
    sum += number * number;
  }
  return sum;
}

/**
 * Packs the vectors of those voxels that are inside, in place; the codes of the others stay.
 * @param inside 1 byte a voxel, not 0 inside
 * @param inverseNorms a float a voxel; 0 of a vector that is 0
 */
export function packCodes(
  codes: usize,
  inside: usize,
  voxels: i32,
  channels: i32,
  inverseNorms: usize,
): void {
  for (let voxel = 0; voxel < voxels; voxel++) {
    if (load<u8>(inside + voxel) == 0) continue;
    const squares = packVector(codes + <usize>voxel * channels, channels);
    store<f32>(inverseNorms + bytes(voxel), squares > 0 ? <f32>(1 / Math.sqrt(<f64>squares)) : 0);
  }
}
