/**
 * General path: any affine, also sheared ones, trilinear at each sample.
 * @module
 */
import type { Affine } from '../geometry/index.ts';
import type { Grid, Volume } from '../volume/types.ts';
import type { SliceLayout } from './resamplingKernel.ts';

/** As in axisWeights: a sample on the outer face of the volume is inside. */
const INDEX_TOLERANCE = 1e-6;

type Voxels = Pick<Volume, 'dims' | 'data'> & Partial<SliceLayout>;

/** Resamples plane by plane; yields after each. `gridToVoxel` maps index to index. */
export function* resampleOblique(
  volume: Voxels,
  grid: Grid,
  gridToVoxel: Affine,
  outside: number,
): Generator<void, Float32Array> {
  const output = new Float32Array(grid.dims[0] * grid.dims[1] * grid.dims[2]).fill(outside);
  for (let k = 0; k < grid.dims[2]; k += 1) {
    for (let j = 0; j < grid.dims[1]; j += 1) {
      const base = (k * grid.dims[1] + j) * grid.dims[0];
      sampleRow(volume, gridToVoxel, j, k, output.subarray(base, base + grid.dims[0]));
    }
    yield;
  }
  return output;
}

function sampleRow(volume: Voxels, m: Affine, j: number, k: number, row: Float32Array): void {
  const [nx, ny, nz] = volume.dims;
  const x0 = m[1] * j + m[2] * k + m[3];
  const y0 = m[5] * j + m[6] * k + m[7];
  const z0 = m[9] * j + m[10] * k + m[11];
  for (let i = 0; i < row.length; i += 1) {
    const x = x0 + m[0] * i;
    const y = y0 + m[4] * i;
    const z = z0 + m[8] * i;
    if (isInside(x, nx) && isInside(y, ny) && isInside(z, nz)) row[i] = trilinear(volume, x, y, z);
  }
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
