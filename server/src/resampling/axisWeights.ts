/**
 * One-dimensional resampling weights. A volume is the linear interpolant between its voxel centres, constant in
 * the outer half voxels, undefined beyond them.
 * @module
 */

/** For each sample of an axis: a run of neighbouring voxels and their weights, which sum to 1. */
export interface AxisWeights {
  /** First and one past the last sample that lies inside the volume. */
  readonly inside: readonly [number, number];
  /** First voxel of the run of each sample. */
  readonly first: Int32Array;
  /** `taps` weights per sample, zero-filled; sample s has weights[s * taps] to weights[s * taps + taps - 1]. */
  readonly weights: Float64Array;
  readonly taps: number;
}

/** Samples at index offset + scale * s of an axis of `voxels` voxels. */
export interface AxisSampling {
  readonly samples: number;
  readonly voxels: number;
  readonly offset: number;
  /** Voxels per sample; negative where grid and volume run in opposite directions. */
  readonly scale: number;
  /** Indices of the outer faces of the axis; half a voxel beyond its outermost centres by default. */
  readonly faces?: readonly [number, number];
}

/** A scale this close to 1 is meant to be 1: no averaging. */
const SCALE_TOLERANCE = 1e-9;

/** Rounding of an index: a sample on the outer face of the volume is inside. */
const INDEX_TOLERANCE = 1e-6;

/** A sample this close to a voxel centre, in voxels, is meant to be there; Float64 indices are off by 1e-13. */
const CENTER_TOLERANCE = 1e-9;

/** Whether samples are farther apart than voxels. @param scale see {@link AxisSampling} */
export function isCoarser(scale: number): boolean {
  return Math.abs(scale) > 1 + SCALE_TOLERANCE;
}

/** Linear interpolation at a point: exact at voxel centres. */
function pointWeights(index: number): readonly [first: number, weights: readonly number[]] {
  const nearest = Math.round(index);
  const center = Math.abs(index - nearest) < CENTER_TOLERANCE ? nearest : index;
  const first = Math.floor(center);
  return [first, [1 - (center - first), center - first]];
}

/** Integral of the unit triangle around 0 from minus infinity to x. */
function triangleIntegral(x: number): number {
  if (x <= -1) return 0;
  if (x <= 0) return (x + 1) ** 2 / 2;
  return x < 1 ? 1 - (1 - x) ** 2 / 2 : 1;
}

/** Mean of the linear interpolant over [center - width / 2, center + width / 2]: exact for linear ramps. */
function boxWeights(center: number, width: number): readonly [first: number, weights: readonly number[]] {
  const [low, high] = [center - width / 2, center + width / 2];
  const first = Math.floor(low);
  const weights: number[] = [];
  for (let voxel = first; voxel < high + 1; voxel += 1) {
    weights.push((triangleIntegral(high - voxel) - triangleIntegral(low - voxel)) / width);
  }
  return [first, weights];
}

/**
 * Weights of each sample. With `antialias`, samples farther apart than voxels average over their own width.
 */
export function axisWeights(
  { samples, voxels, offset, scale, faces = [-0.5, voxels - 0.5] }: AxisSampling,
  antialias: boolean,
): AxisWeights {
  const width = Math.abs(scale);
  const average = antialias && isCoarser(scale);
  const taps = average ? Math.ceil(width) + 2 : 2;
  const first = new Int32Array(samples);
  const weights = new Float64Array(samples * taps);
  const inside: [number, number] = [samples, 0];
  for (let sample = 0; sample < samples; sample += 1) {
    const center = offset + scale * sample;
    if (center < faces[0] - INDEX_TOLERANCE || center > faces[1] + INDEX_TOLERANCE) continue;
    inside[0] = Math.min(inside[0], sample);
    inside[1] = sample + 1;
    const [from, run] = average ? boxWeights(center, width) : pointWeights(center);
    // Voxels beyond the border repeat the border, so that the weights still sum to 1.
    const start = Math.min(Math.max(from, 0), Math.max(0, voxels - taps));
    first[sample] = start;
    for (const [step, weight] of run.entries()) {
      const slot = sample * taps + Math.min(Math.max(from + step, 0), voxels - 1) - start;
      weights[slot] = (weights[slot] ?? 0) + weight;
    }
  }
  return { inside, first, weights, taps };
}
