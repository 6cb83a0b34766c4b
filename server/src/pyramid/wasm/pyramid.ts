/**
 * The images of a series for registration, slice by slice, in AssemblyScript (WASM SIMD).
 * server/src/pyramid/pyramidKernel.ts lays the memory out; this file only computes. All pointers are byte addresses.
 * @module
 */
import { bytes, shorts } from '../../wasm/assembly/lanes';
import { NOT_ACQUIRED, ROW_SLACK } from '../layout';

/** Numbers of int16 below 0: where the table's entry of 0 lies. */
const ZERO: i32 = 32768;

/** plane[n] = what a table of all int16, from the least on, says of values[n]. */
export function lookUp(values: usize, count: i32, table: usize, plane: usize): void {
  for (let n = 0; n < count; n++)
    store<f32>(plane + bytes(n), load<f32>(table + bytes(<i32>load<i16>(values + shorts(n)) + ZERO)));
}

/**
 * Means of blocks of 2 x 2 x 2 int16 of two slices of ni x nj, or of as many as there are along an axis of one; times `unit`.
 * A last column or row that has no partner is omitted. A block with a voxel that is not acquired becomes `missing`.
 */
export function halve(
  near: usize,
  far: usize,
  ni: i32,
  nj: i32,
  unit: f32,
  missing: f32,
  plane: usize,
): void {
  const stepI = min(ni, 2);
  const stepJ = min(nj, 2);
  const right = shorts(stepI - 1);
  const below = shorts((stepJ - 1) * ni);
  for (let j = 0; j + stepJ <= nj; j += stepJ) {
    for (let i = 0; i + stepI <= ni; i += stepI) {
      const at = shorts(j * ni + i);
      const sum = blockSum(near + at, right, below) + blockSum(far + at, right, below);
      const least = min(blockLeast(near + at, right, below), blockLeast(far + at, right, below));
      store<f32>(plane, least == NOT_ACQUIRED ? missing : <f32>sum * 0.125 * unit);
      plane += 4;
    }
  }
}

function blockSum(at: usize, right: usize, below: usize): i32 {
  return (
    <i32>load<i16>(at) +
    <i32>load<i16>(at + right) +
    <i32>load<i16>(at + below) +
    <i32>load<i16>(at + below + right)
  );
}

function blockLeast(at: usize, right: usize, below: usize): i32 {
  return min(
    min(<i32>load<i16>(at), <i32>load<i16>(at + right)),
    min(<i32>load<i16>(at + below), <i32>load<i16>(at + below + right)),
  );
}

/** (a + 2 b + c) / 4 */
function binomial(a: v128, b: v128, c: v128): v128 {
  const quarter = f32x4.splat(0.25);
  return f32x4.add(f32x4.add(f32x4.mul(quarter, a), f32x4.mul(f32x4.splat(0.5), b)), f32x4.mul(quarter, c));
}

/**
 * Low pass [1 2 1] / 4 of a plane along i and j, in place; the edge value continues.
 * @param scratch two rows, each ROW_SLACK floats longer than the plane's
 */
export function filterPlane(plane: usize, ni: i32, nj: i32, scratch: usize): void {
  for (let j = 0; j < nj; j++) filterRow(plane + bytes(j * ni), ni, scratch);
  const rowBytes = bytes(ni);
  let before = scratch;
  let own = scratch + bytes(ni + ROW_SLACK);
  memory.copy(before, plane, rowBytes);
  for (let j = 0; j < nj; j++) {
    const row = plane + bytes(j * ni);
    const next = j + 1 < nj ? row + rowBytes : row;
    memory.copy(own, row, rowBytes);
    mixRow(row, before, own, next, ni);
    const free = before;
    before = own;
    own = free;
  }
}

function filterRow(row: usize, ni: i32, scratch: usize): void {
  memory.copy(scratch + 4, row, bytes(ni));
  store<f32>(scratch, load<f32>(row));
  store<f32>(scratch + bytes(ni + 1), load<f32>(row + bytes(ni - 1)));
  mixRow(row, scratch, scratch + 4, scratch + 8, ni);
}

/** row = (a + 2 b + c) / 4 */
function mixRow(row: usize, a: usize, b: usize, c: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = bytes(i);
    v128.store(row + at, binomial(v128.load(a + at), v128.load(b + at), v128.load(c + at)));
  }
  for (; i < count; i++) {
    const at = bytes(i);
    const sides = <f32>0.25 * load<f32>(a + at) + <f32>0.5 * load<f32>(b + at);
    store<f32>(row + at, sides + <f32>0.25 * load<f32>(c + at));
  }
}

/** Low pass across three planes, in steps of 1 / `perUnit`, as int16; writes up to 7 more. */
export function mixPlanes(a: usize, b: usize, c: usize, count: i32, perUnit: f32, out: usize): void {
  const factor = f32x4.splat(perUnit);
  for (let n = 0; n < count; n += 8) {
    const at = bytes(n);
    const low = binomial(v128.load(a + at), v128.load(b + at), v128.load(c + at));
    const high = binomial(v128.load(a + at, 16), v128.load(b + at, 16), v128.load(c + at, 16));
    v128.store(out + shorts(n), i16x8.narrow_i32x4_s(rounded(low, factor), rounded(high, factor)));
  }
}

function rounded(values: v128, factor: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(values, factor)));
}
