/**
 * General path: any affine, also sheared ones. Cubic convolution (Keys 1981, a = -1/2) at each sample: trilinear values of a turned grid are
 * blurred by how far each sample is from a voxel, which registration confuses with texture (docs/decisions/017-gross-pose.md). The outermost
 * voxels are interpolated trilinearly.
 * @module
 */
import type { Affine } from '../geometry/index.ts';
import type { Grid, Volume } from '../volume/types.ts';
import type { SliceLayout } from './resamplingKernel.ts';

/** As in axisWeights: a sample on the outer face of the volume is inside. */
const INDEX_TOLERANCE = 1e-6;

type Voxels = Pick<Volume, 'dims' | 'data'> & Partial<SliceLayout>;

/** A volume, its lowest and its highest value: beside an edge, cubic convolution goes beyond them, and no tissue has less than air. */
interface Source {
  readonly voxels: Voxels;
  readonly low: number;
  readonly high: number;
  /** Weights of four voxels along i, j, k: scratch. */
  readonly weights: Float64Array;
}

/** Voxels along an axis that a cubic sample reads. */
const TAPS = 4;

/** Resamples plane by plane; yields after each. `gridToVoxel` maps index to index. */
export function* resampleOblique(
  volume: Voxels,
  grid: Grid,
  gridToVoxel: Affine,
  outside: number,
): Generator<void, Float32Array> {
  const output = new Float32Array(grid.dims[0] * grid.dims[1] * grid.dims[2]).fill(outside);
  const source = { voxels: volume, ...rangeOf(volume), weights: new Float64Array(3 * TAPS) };
  for (let k = 0; k < grid.dims[2]; k += 1) {
    for (let j = 0; j < grid.dims[1]; j += 1) {
      const base = (k * grid.dims[1] + j) * grid.dims[0];
      sampleRow(source, gridToVoxel, j, k, output.subarray(base, base + grid.dims[0]));
    }
    yield;
  }
  return output;
}

function rangeOf({ data }: Voxels): Pick<Source, 'low' | 'high'> {
  let [low, high] = [Infinity, -Infinity];
  for (let voxel = 0; voxel < data.length; voxel += 1) {
    const value = data[voxel] ?? NaN;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

function sampleRow(source: Source, m: Affine, j: number, k: number, row: Float32Array): void {
  const [nx, ny, nz] = source.voxels.dims;
  const x0 = m[1] * j + m[2] * k + m[3];
  const y0 = m[5] * j + m[6] * k + m[7];
  const z0 = m[9] * j + m[10] * k + m[11];
  for (let i = 0; i < row.length; i += 1) {
    const x = x0 + m[0] * i;
    const y = y0 + m[4] * i;
    const z = z0 + m[8] * i;
    if (isInside(x, nx) && isInside(y, ny) && isInside(z, nz)) row[i] = valueAt(source, x, y, z);
  }
}

/** Value at a continuous index inside the outer faces. */
function valueAt({ voxels, low, high, weights }: Source, x: number, y: number, z: number): number {
  const [nx, ny, nz] = voxels.dims;
  const i = Math.floor(x) - 1;
  const j = Math.floor(y) - 1;
  const k = Math.floor(z) - 1;
  if (i < 0 || j < 0 || k < 0 || i + TAPS > nx || j + TAPS > ny || k + TAPS > nz)
    return trilinear(voxels, x, y, z);
  writeWeights(weights, 0, x - i - 1);
  writeWeights(weights, TAPS, y - j - 1);
  writeWeights(weights, 2 * TAPS, z - k - 1);
  const value = cubic(voxels, i, j, k, weights);
  return value < low ? low : value > high ? high : value;
}

/** Weights of the voxels at -1, 0, 1 and 2 for a place between 0 and 1. */
function writeWeights(weights: Float64Array, from: number, t: number): void {
  const [square, cube] = [t * t, t * t * t];
  weights[from] = square - (t + cube) / 2;
  weights[from + 1] = 1 - 2.5 * square + 1.5 * cube;
  weights[from + 2] = t / 2 + 2 * square - 1.5 * cube;
  weights[from + 3] = (cube - square) / 2;
}

/** Weighted sum of 4 x 4 x 4 voxels from i, j, k on. */
function cubic(
  { data, dims: [nx, ny], sliceStep = nx * ny }: Voxels,
  i: number,
  j: number,
  k: number,
  weights: Float64Array,
): number {
  let sum = 0;
  for (let slice = 0; slice < TAPS; slice += 1) {
    const base = (k + slice) * sliceStep + j * nx + i;
    let plane = 0;
    for (let row = 0; row < TAPS; row += 1)
      plane += (weights[TAPS + row] ?? NaN) * alongRow(data, base + row * nx, weights);
    sum += (weights[2 * TAPS + slice] ?? NaN) * plane;
  }
  return sum;
}

/** Weighted sum of four voxels of a row. */
function alongRow(data: Voxels['data'], at: number, weights: Float64Array): number {
  const left = (weights[0] ?? NaN) * (data[at] ?? NaN) + (weights[1] ?? NaN) * (data[at + 1] ?? NaN);
  const right = (weights[2] ?? NaN) * (data[at + 2] ?? NaN) + (weights[3] ?? NaN) * (data[at + 3] ?? NaN);
  return left + right;
}

function isInside(index: number, voxels: number): boolean {
  return index >= -0.5 - INDEX_TOLERANCE && index <= voxels - 0.5 + INDEX_TOLERANCE;
}

function clamp(value: number, high: number): number {
  return value < 0 ? 0 : value > high ? high : value;
}

/** Trilinear value at a continuous index, clamped to the outermost voxel centres. */
function trilinear(
  { data, dims: [nx, ny, nz], sliceStep = nx * ny }: Voxels,
  x: number,
  y: number,
  z: number,
): number {
  const cx = clamp(x, nx - 1);
  const cy = clamp(y, ny - 1);
  const cz = clamp(z, nz - 1);
  const i = Math.floor(cx);
  const j = Math.floor(cy);
  const k = Math.floor(cz);
  const right = i + 1 < nx ? 1 : 0;
  const down = j + 1 < ny ? nx : 0;
  const up = k + 1 < nz ? sliceStep : 0;
  const base = k * sliceStep + j * nx + i;
  const lower = bilinear(data, base, right, down, cx - i, cy - j);
  return lower + (cz - k) * (bilinear(data, base + up, right, down, cx - i, cy - j) - lower);
}

function bilinear(
  data: Int16Array | Float32Array,
  base: number,
  right: number,
  down: number,
  fx: number,
  fy: number,
): number {
  const a = data[base] ?? 0;
  const b = data[base + right] ?? 0;
  const c = data[base + down] ?? 0;
  const d = data[base + down + right] ?? 0;
  const top = a + fx * (b - a);
  return top + fy * (c + fx * (d - c) - top);
}
