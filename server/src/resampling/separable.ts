/**
 * Fast path: grid axes parallel to volume axes, in any order and direction. Each slice of the volume is reduced in plane
 * (rows first, because they lie contiguous in memory) and spread over the samples of the third axis.
 * @module
 */
import { perAxis } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { Grid, Volume } from '../volume/types.ts';
import { axisWeights } from './axisWeights.ts';
import type { AxisWeights } from './axisWeights.ts';
import { ResamplingKernel } from './resamplingKernel.ts';
import type { SliceLayout } from './resamplingKernel.ts';

/** How samples between and beyond voxels are filled; see ResampleOptions. */
export interface Filling {
  readonly antialias: boolean;
  readonly outside: number;
}

/** An off-axis step below this part of the axis' own step is rounding of the direction cosines. */
const OFF_AXIS_TOLERANCE = 1e-6;

/** Which grid axis runs along each volume axis, undefined where an axis is oblique. `gridToVoxel` maps index to index. */
export function alignedAxes(gridToVoxel: Affine): readonly [number, number, number] | undefined {
  const axes = [0, 1, 2].map((row) => {
    const steps = [0, 1, 2].map((column) => Math.abs(gridToVoxel[4 * row + column] ?? 0));
    const largest = Math.max(...steps);
    const axis = steps.indexOf(largest);
    const isAligned = steps.every((step, column) => column === axis || step <= largest * OFF_AXIS_TOLERANCE);
    return isAligned ? axis : -1;
  });
  const [i = -1, j = -1, k = -1] = axes;
  return new Set([i, j, k, -1]).size === 4 ? [i, j, k] : undefined;
}

/** Resamples slice by slice; yields after each so that a caller may breathe or stop. */
export function* resampleAligned(
  volume: Pick<Volume, 'dims' | 'data'> & Partial<SliceLayout>,
  grid: Grid,
  gridToVoxel: Affine,
  axes: readonly [number, number, number],
  { antialias, outside }: Filling,
): Generator<void, Float32Array> {
  const weights = weightsOf(volume, grid, gridToVoxel, axes, antialias);
  const gridStrides = [1, grid.dims[0], grid.dims[0] * grid.dims[1]];
  const strides = perAxis((row) => gridStrides[axes[row]] ?? NaN);
  const samples = grid.dims[0] * grid.dims[1] * grid.dims[2];
  const kernel = new ResamplingKernel({ volume, weights, strides, samples, outside });
  for (const [slice, targets] of spreadOf(weights[2], volume.dims[2]).entries()) {
    if (targets.length > 0) {
      kernel.reduce(slice);
      for (const { sample, weight } of targets) kernel.add(sample, weight);
    }
    yield;
  }
  return kernel.output;
}

function weightsOf(
  volume: Pick<Volume, 'dims'>,
  grid: Grid,
  gridToVoxel: Affine,
  axes: readonly [number, number, number],
  antialias: boolean,
): readonly [AxisWeights, AxisWeights, AxisWeights] {
  const along = (row: 0 | 1 | 2): AxisWeights =>
    axisWeights(
      {
        samples: grid.dims[axes[row]] ?? NaN,
        voxels: volume.dims[row],
        offset: gridToVoxel[4 * row + 3] ?? 0,
        scale: gridToVoxel[4 * row + axes[row]] ?? 0,
      },
      antialias,
    );
  return [along(0), along(1), along(2)];
}

interface Target {
  readonly sample: number;
  readonly weight: number;
}

/** The table of an axis the other way round: for each voxel, the samples that it contributes to. */
function spreadOf(
  { inside, first, weights, taps }: AxisWeights,
  voxels: number,
): readonly (readonly Target[])[] {
  const spread: Target[][] = Array.from({ length: voxels }, () => []);
  for (let sample = inside[0]; sample < inside[1]; sample += 1) {
    for (let tap = 0; tap < taps; tap += 1) {
      const weight = weights[sample * taps + tap] ?? 0;
      if (weight !== 0) spread[(first[sample] ?? 0) + tap]?.push({ sample, weight });
    }
  }
  return spread;
}
