/**
 * Reading a map between its voxels.
 * @module
 */
import { bytes, doubles } from '../../wasm/assembly/lanes';

/** Below this length an interpolated vector has no direction: opposite unit vectors cancelled. */
const NO_DIRECTION: f64 = 1e-6;
const LANES = 8;

/** `sum` += scale times an int8 vector. */
function addVector(sum: usize, vector: usize, channels: i32, scale: f64): void {
  const scales = f64x2.splat(scale);
  let c = 0;
  for (; c + LANES <= channels; c += LANES) {
    const eight = i16x8.extend_low_i8x16_s(v128.load_zero<i64>(vector + c));
    const low = i32x4.extend_low_i16x8_s(eight);
    const high = i32x4.extend_high_i16x8_s(eight);
    const at = sum + doubles(c);
    addPair(at, low, scales);
    addPair(at + 16, v128.shuffle<i32>(low, low, 2, 3, 2, 3), scales);
    addPair(at + 32, high, scales);
    addPair(at + 48, v128.shuffle<i32>(high, high, 2, 3, 2, 3), scales);
  }
  for (; c < channels; c++) {
    const at = sum + doubles(c);
    store<f64>(at, load<f64>(at) + scale * <f64>load<i8>(vector + c));
  }
}

/** Two sums += scale times the lower two of four integers. */
function addPair(at: usize, integers: v128, scales: v128): void {
  const product = f64x2.mul(scales, f64x2.convert_low_i32x4_s(integers));
  v128.store(at, f64x2.add(v128.load(at), product));
}

/**
 * Unit vectors at the corners of a cell, interpolated trilinearly and then normalised: `channels` float64 into `out`; zeros where no
 * corner has a vector.
 * @param cell voxel of the first corner
 * @param stepI from it to the next one along i, 0 where there is none
 */
export function sampleUnit(
  vectors: usize,
  inverseNorms: usize,
  channels: i32,
  cell: i32,
  stepI: i32,
  stepJ: i32,
  stepK: i32,
  fi: f64,
  fj: f64,
  fk: f64,
  out: usize,
): void {
  memory.fill(out, 0, doubles(channels));
  for (let corner = 0; corner < 8; corner++) {
    const wi = (corner & 1) != 0 ? fi : 1 - fi;
    const wj = (corner & 2) != 0 ? fj : 1 - fj;
    const wk = (corner & 4) != 0 ? fk : 1 - fk;
    const voxel = cell + (corner & 1) * stepI + ((corner >> 1) & 1) * stepJ + (corner >> 2) * stepK;
    const scale = wi * wj * wk * <f64>load<f32>(inverseNorms + bytes(voxel));
    if (scale != 0) addVector(out, vectors + <usize>voxel * channels, channels, scale);
  }
  let squared: f64 = 0;
  for (let c = 0; c < channels; c++) {
    const value = load<f64>(out + doubles(c));
    squared += value * value;
  }
  const length = Math.sqrt(squared);
  if (!(length > NO_DIRECTION)) {
    memory.fill(out, 0, doubles(channels));
    return;
  }
  for (let c = 0; c < channels; c++) {
    const at = out + doubles(c);
    store<f64>(at, load<f64>(at) / length);
  }
}
