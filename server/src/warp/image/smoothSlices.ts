/**
 * An image smoothed to the resolution of another one, slice by slice.
 * @module
 */
import { axisStep, invert, perAxis, spacingOf } from '../../geometry/index.ts';
import type { Grid } from '../../volume/types.ts';
import type { Voxels } from '../types.ts';

type Three = readonly [number, number, number];

/** A Gaussian is cut off at this many standard deviations. */
const CUT_OFF = 3;

/**
 * Standard deviation, in voxels of the first grid, of what voxels of the coarser one of two grids and their linear interpolation blur
 * along each axis: a voxel of the length h is a box of the variance h²/12, and the interpolation adds h²/6 on average.
 */
export function sigmaOfCoarser(grid: Grid, other: Grid): Three {
  const spacing = spacingOf(grid.voxelToLps);
  const n = invert(other.voxelToLps);
  return perAxis((axis) => {
    const [x, y, z] = axisStep(grid.voxelToLps, axis);
    // How many voxels of the other grid a voxel of this one is long, along its own axis.
    const steps = Math.hypot(
      n[0] * x + n[1] * y + n[2] * z,
      n[4] * x + n[5] * y + n[6] * z,
      n[8] * x + n[9] * y + n[10] * z,
    );
    return Math.max(spacing[axis], spacing[axis] / steps) / spacing[axis] / 2;
  });
}

/** Slices of an image after Gaussian smoothing (standard deviations in voxels); beyond the image there are no values. */
export function* smoothedSlices({ dims, data }: Voxels, sigma: Three): Generator<Float32Array, void> {
  const [ni, nj, nk] = dims;
  const cells = ni * nj;
  const [alongI, alongJ, alongK] = [kernelOf(sigma[0]), kernelOf(sigma[1]), kernelOf(sigma[2])];
  const inPlane = new Map<number, Float32Array>();
  const planeAt = (k: number): Float32Array => {
    const plane =
      inPlane.get(k) ?? smoothedPlane(data.subarray(k * cells, (k + 1) * cells), ni, [alongI, alongJ]);
    inPlane.set(k, plane);
    return plane;
  };
  const reach = (alongK.length - 1) / 2;
  for (let k = 0; k < nk; k++) {
    inPlane.delete(k - reach - 1);
    const sum = new Float32Array(cells);
    let total = 0;
    for (const [n, weight] of alongK.entries()) {
      const other = k + n - reach;
      if (other < 0 || other >= nk) continue;
      total += weight;
      const plane = planeAt(other);
      for (let at = 0; at < cells; at++) sum[at] = (sum[at] ?? NaN) + weight * (plane[at] ?? NaN);
    }
    for (let at = 0; at < cells; at++) sum[at] = (sum[at] ?? NaN) / total;
    yield sum;
  }
}

function kernelOf(sigma: number): readonly number[] {
  const reach = Math.ceil(CUT_OFF * sigma);
  return Array.from({ length: 2 * reach + 1 }, (_, n) => Math.exp(-0.5 * ((n - reach) / sigma) ** 2));
}

function smoothedPlane(
  values: Int16Array | Float32Array,
  ni: number,
  [alongI, alongJ]: readonly [readonly number[], readonly number[]],
): Float32Array {
  const rows = smoothedLines(Float32Array.from(values), { stride: 1, count: ni, kernel: alongI });
  return smoothedLines(rows, { stride: ni, count: values.length / ni, kernel: alongJ });
}

interface Lines {
  readonly stride: number;
  readonly count: number;
  readonly kernel: readonly number[];
}

function smoothedLines(values: Float32Array, { stride, count, kernel }: Lines): Float32Array {
  const reach = (kernel.length - 1) / 2;
  const smooth = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const place = Math.floor(at / stride) % count;
    let [sum, total] = [0, 0];
    const last = Math.min(reach, count - 1 - place);
    for (let d = -Math.min(reach, place); d <= last; d++) {
      const weight = kernel[d + reach] ?? NaN;
      sum += weight * (values[at + d * stride] ?? NaN);
      total += weight;
    }
    smooth[at] = sum / total;
  }
  return smooth;
}
