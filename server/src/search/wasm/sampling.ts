/**
 * Reading a map between its voxels.
 * @module
 */
import { bytes, doubles, word } from '../../wasm/assembly/lanes';
import { CELL, CELL_STEPS, FRACTIONS, UNIT } from '../layout';

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

/** Number `axis` of the slot's FRACTIONS. */
function fractionOf(slot: usize, axis: i32): f64 {
  return load<f64>(slot + bytes(FRACTIONS) + doubles(axis));
}

/** Sum of the unit vectors at the corners of the slot's cell, each times its trilinear weight: adds `channels` float64 to `out`. */
function addCorners(vectors: usize, inverseNorms: usize, channels: i32, slot: usize, out: usize): void {
  const fi = fractionOf(slot, 0);
  const fj = fractionOf(slot, 1);
  const fk = fractionOf(slot, 2);
  const steps = slot + bytes(CELL_STEPS);
  for (let corner = 0; corner < 8; corner++) {
    const i = corner & 1;
    const j = (corner >> 1) & 1;
    const k = corner >> 2;
    const weight = (i != 0 ? fi : 1 - fi) * (j != 0 ? fj : 1 - fj) * (k != 0 ? fk : 1 - fk);
    const voxel = word(slot, CELL) + i * word(steps, 0) + j * word(steps, 1) + k * word(steps, 2);
    const scale = weight * <f64>load<f32>(inverseNorms + bytes(voxel));
    if (scale != 0) addVector(out, vectors + <usize>voxel * channels, channels, scale);
  }
}

/**
 * Unit vectors at the corners of the slot's cell, interpolated trilinearly and then normalised: `channels` float64 into the slot's
 * UNIT; zeros where no corner has a vector.
 */
export function sampleUnit(vectors: usize, inverseNorms: usize, channels: i32, slot: usize): void {
  const out = <usize>word(slot, UNIT);
  memory.fill(out, 0, doubles(channels));
  addCorners(vectors, inverseNorms, channels, slot, out);
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
