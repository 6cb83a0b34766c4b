/**
 * The loops of separable resampling, in AssemblyScript (WASM SIMD): products and sums in float64, kept as float32.
 * server/src/resampling/resamplingKernel.ts lays the memory out, and server/src/resampling/layout.ts says what the words
 * of `plan` mean; this file only computes. All pointers are byte addresses.
 * @module
 */
import { bytes, doubles, floatsOf, shorts, upper, word } from '../../wasm/assembly/lanes';
import {
  AXIS_U,
  AXIS_V,
  COLUMNS,
  END,
  FIRST,
  FROM,
  IS_FLOAT,
  PLANE,
  ROW,
  SAMPLES,
  SLICE,
  STRIDE,
  TAPS,
  WEIGHTS,
} from '../layout';

/** The lower or the upper two of four integers as float64. */
function pairOf(fours: v128, isUpper: bool): v128 {
  const two = isUpper ? v128.shuffle<i32>(fours, fours, 2, 3, 2, 3) : fours;
  return f64x2.convert_low_i32x4_s(two);
}

/** Four voxels from a row of int16 or of floats: the lower, or the upper two as float64. */
function voxelsOf(row: usize, i: i32, isFloat: bool, isUpper: bool): v128 {
  if (!isFloat) return pairOf(i32x4.extend_low_i16x8_s(v128.load_zero<i64>(row + shorts(i))), isUpper);
  const fours = v128.load(row + bytes(i));
  return isUpper ? upper(fours) : f64x2.promote_low_f32x4(fours);
}

/** row = a times a row of voxels + b times another; writes up to three more. */
function mixRows(row: usize, first: usize, second: usize, isFloat: bool, columns: i32, a: f64, b: f64): void {
  const weightA = f64x2.splat(a);
  const weightB = f64x2.splat(b);
  for (let i = 0; i < columns; i += 4) {
    const low = f64x2.add(
      f64x2.mul(weightA, voxelsOf(first, i, isFloat, false)),
      f64x2.mul(weightB, voxelsOf(second, i, isFloat, false)),
    );
    const high = f64x2.add(
      f64x2.mul(weightA, voxelsOf(first, i, isFloat, true)),
      f64x2.mul(weightB, voxelsOf(second, i, isFloat, true)),
    );
    v128.store(row + bytes(i), floatsOf(low, high));
  }
}

/** row += weight times a row of voxels; writes nothing beyond. */
function addRow(row: usize, voxels: usize, isFloat: bool, columns: i32, weight: f64): void {
  const weights = f64x2.splat(weight);
  let i = 0;
  for (; i + 4 <= columns; i += 4) {
    const before = v128.load(row + bytes(i));
    const low = f64x2.add(
      f64x2.promote_low_f32x4(before),
      f64x2.mul(weights, voxelsOf(voxels, i, isFloat, false)),
    );
    const high = f64x2.add(upper(before), f64x2.mul(weights, voxelsOf(voxels, i, isFloat, true)));
    v128.store(row + bytes(i), floatsOf(low, high));
  }
  for (; i < columns; i++) {
    const voxel = isFloat ? <f64>load<f32>(voxels + bytes(i)) : <f64>load<i16>(voxels + shorts(i));
    addTo(row + bytes(i), weight * voxel);
  }
}

function addTo(sample: usize, value: f64): void {
  store<f32>(sample, <f32>(<f64>load<f32>(sample) + value));
}

/** row = weighted sum of neighbouring rows; one whose weight is 0 is not read. */
function combineRows(
  row: usize,
  rows: usize,
  isFloat: bool,
  columns: i32,
  weights: usize,
  taps: i32,
  rowSlack: i32,
): void {
  const rowBytes = (<usize>columns) << (isFloat ? 2 : 1);
  const second = load<f64>(weights, 8);
  const next = second == 0 ? rows : rows + rowBytes;
  mixRows(row, rows, next, isFloat, columns, load<f64>(weights), second);
  for (let tap = 2; tap < taps; tap++) {
    const weight = load<f64>(weights + doubles(tap));
    if (weight != 0) addRow(row, rows + <usize>tap * rowBytes, isFloat, columns, weight);
  }
  // Weights beyond the last column are 0, and so has to be what they are multiplied with.
  memory.fill(row + bytes(columns), 0, bytes(rowSlack));
}

/** A row on the samples of an axis within its range. */
function reduceRow(row: usize, axis: usize, into: usize): void {
  const first = <usize>word(axis, FIRST);
  const weights = <usize>word(axis, WEIGHTS);
  const taps = word(axis, TAPS);
  const end = word(axis, END);
  for (let u = word(axis, FROM); u < end; u++) {
    const at = row + bytes(load<i32>(first + bytes(u)));
    const weight = weights + doubles(u * taps);
    let sum = load<f64>(weight) * <f64>load<f32>(at) + load<f64>(weight, 8) * <f64>load<f32>(at, 4);
    for (let tap = 2; tap < taps; tap++)
      sum += load<f64>(weight + doubles(tap)) * <f64>load<f32>(at + bytes(tap));
    store<f32>(into + bytes(u), <f32>sum);
  }
}

/** The plan's slice on the samples of its axes u and v, within both ranges, into the plan's plane. */
export function reducePlane(plan: usize): void {
  const u = plan + bytes(AXIS_U);
  const v = plan + bytes(AXIS_V);
  const slice = <usize>word(plan, SLICE);
  const isFloat = word(plan, IS_FLOAT) != 0;
  const columns = word(plan, COLUMNS);
  const row = <usize>word(plan, ROW);
  const rowBytes = (<usize>columns) << (isFloat ? 2 : 1);
  const first = <usize>word(v, FIRST);
  const weights = <usize>word(v, WEIGHTS);
  const taps = word(v, TAPS);
  const end = word(v, END);
  for (let sample = word(v, FROM); sample < end; sample++) {
    const rows = slice + <usize>load<i32>(first + bytes(sample)) * rowBytes;
    combineRows(row, rows, isFloat, columns, weights + doubles(sample * taps), taps, word(u, TAPS));
    reduceRow(row, u, <usize>word(plan, PLANE) + bytes(sample * word(u, SAMPLES)));
  }
}

/** Adds weight times the plane to the output: `output` is the address of its sample 0, 0 of this plane. */
export function addPlane(plan: usize, output: usize, weight: f64): void {
  const u = plan + bytes(AXIS_U);
  const v = plan + bytes(AXIS_V);
  const plane = <usize>word(plan, PLANE);
  const samples = word(u, SAMPLES);
  const from = word(u, FROM);
  const end = word(u, END);
  const stride = word(u, STRIDE);
  const strideV = word(v, STRIDE);
  const endV = word(v, END);
  for (let sample = word(v, FROM); sample < endV; sample++) {
    const row = plane + bytes(sample * samples);
    const into = output + bytes(sample * strideV);
    if (stride == 1) addRow(into + bytes(from), row + bytes(from), true, end - from, weight);
    else
      for (let n = from; n < end; n++)
        addTo(into + bytes(n * stride), weight * <f64>load<f32>(row + bytes(n)));
  }
}
