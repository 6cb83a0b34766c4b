/**
 * Fast path: grid axes parallel to volume axes, in any order and direction. Each slice of the volume is reduced in plane
 * (rows first, because they lie contiguous in memory) and spread over the samples of the third axis.
 * @module
 */
import type { Affine } from '../../geometry/index.ts';
import type { Grid, Volume } from '../types.ts';
import { axisWeights } from './axisWeights.ts';
import type { AxisWeights } from './axisWeights.ts';

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

interface Plan {
  readonly volume: Pick<Volume, 'dims' | 'data'>;
  /** Weights along the volume's i, j, k. */
  readonly weights: readonly [AxisWeights, AxisWeights, AxisWeights];
  /** Step in the output per sample along the volume's i, j, k. */
  readonly strides: readonly [number, number, number];
  readonly output: Float32Array;
}

/** Resamples slice by slice; yields after each so that a caller may breathe or stop. `output` holds the outside value. */
export function* resampleAligned(
  volume: Pick<Volume, 'dims' | 'data'>,
  grid: Grid,
  gridToVoxel: Affine,
  axes: readonly [number, number, number],
  antialias: boolean,
  output: Float32Array,
): Generator<void, void> {
  const plan = makePlan(volume, grid, gridToVoxel, axes, antialias, output);
  clearInside(plan);
  const spread = spreadOf(plan.weights[2], volume.dims[2]);
  const row = new Float32Array(volume.dims[0]);
  const plane = new Float32Array(plan.weights[0].first.length * plan.weights[1].first.length);
  for (const [slice, targets] of spread.entries()) {
    if (targets.length > 0) {
      reducePlane(plan, slice, row, plane);
      for (const { sample, weight } of targets) addPlane(plan, plane, sample, weight);
    }
    yield;
  }
}

function makePlan(
  volume: Pick<Volume, 'dims' | 'data'>,
  grid: Grid,
  gridToVoxel: Affine,
  axes: readonly [number, number, number],
  antialias: boolean,
  output: Float32Array,
): Plan {
  const gridStrides = [1, grid.dims[0], grid.dims[0] * grid.dims[1]];
  const weightsOf = (row: 0 | 1 | 2): AxisWeights =>
    axisWeights(
      {
        samples: grid.dims[axes[row] as 0 | 1 | 2],
        voxels: volume.dims[row],
        offset: gridToVoxel[4 * row + 3] ?? 0,
        scale: gridToVoxel[4 * row + axes[row]] ?? 0,
      },
      antialias,
    );
  const strideOf = (row: 0 | 1 | 2): number => gridStrides[axes[row]] ?? 0;
  return {
    volume,
    weights: [weightsOf(0), weightsOf(1), weightsOf(2)],
    strides: [strideOf(0), strideOf(1), strideOf(2)],
    output,
  };
}

/** Zeroes the samples inside the volume, where planes are added up. */
function clearInside({ weights, strides, output }: Plan): void {
  const [u, v, w] = [weights[0].inside, weights[1].inside, weights[2].inside];
  for (let k = w[0]; k < w[1]; k += 1) {
    for (let j = v[0]; j < v[1]; j += 1) {
      const base = k * strides[2] + j * strides[1];
      for (let i = u[0]; i < u[1]; i += 1) output[base + i * strides[0]] = 0;
    }
  }
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

/** One slice of the volume on the samples of its i and j axes: plane[v * samples along i + u]. */
function reducePlane(
  { volume, weights: [u, v] }: Plan,
  slice: number,
  row: Float32Array,
  plane: Float32Array,
): void {
  const [columns, rows] = volume.dims;
  const samples = u.first.length;
  for (let sample = v.inside[0]; sample < v.inside[1]; sample += 1) {
    const base = (slice * rows + (v.first[sample] ?? 0)) * columns;
    const weights = v.weights.subarray(sample * v.taps, (sample + 1) * v.taps);
    combineRows(row, volume.data, base, columns, weights);
    reduceRow(row, u, plane, sample * samples);
  }
}

/** Weighted sum of neighbouring rows, two at a time (plain interpolation needs no more). */
function combineRows(
  row: Float32Array,
  data: Int16Array | Float32Array,
  base: number,
  columns: number,
  weights: Float64Array,
): void {
  const [a = 0, b = 0] = weights;
  // A weight beyond the last row is zero; the row itself then stands in for the missing one.
  const next = b === 0 ? base : base + columns;
  for (let i = 0; i < columns; i += 1) row[i] = a * (data[base + i] ?? 0) + b * (data[next + i] ?? 0);
  for (let tap = 2; tap < weights.length; tap += 1) {
    const weight = weights[tap] ?? 0;
    if (weight !== 0) addRow(row, data, base + tap * columns, weight);
  }
}

function addRow(row: Float32Array, data: Int16Array | Float32Array, from: number, weight: number): void {
  for (let i = 0; i < row.length; i += 1) row[i] = (row[i] ?? 0) + weight * (data[from + i] ?? 0);
}

function reduceRow(row: Float32Array, u: AxisWeights, plane: Float32Array, base: number): void {
  const { inside, first, weights, taps } = u;
  for (let sample = inside[0]; sample < inside[1]; sample += 1) {
    const start = first[sample] ?? 0;
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      // Weights beyond the last voxel are zero; the voxel read there does not exist.
      sum += (weights[sample * taps + tap] ?? 0) * (row[start + tap] ?? 0);
    }
    plane[base + sample] = sum;
  }
}

function addPlane(
  { weights: [u, v], strides, output }: Plan,
  plane: Float32Array,
  sample: number,
  weight: number,
): void {
  const [si, sj, sk] = strides;
  const samples = u.first.length;
  for (let j = v.inside[0]; j < v.inside[1]; j += 1) {
    const base = sample * sk + j * sj;
    for (let i = u.inside[0]; i < u.inside[1]; i += 1) {
      const at = base + i * si;
      output[at] = (output[at] ?? 0) + weight * (plane[j * samples + i] ?? 0);
    }
  }
}
