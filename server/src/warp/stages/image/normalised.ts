/**
 * Images by their local contrast: each voxel as its deviation from the mean around it, in standard deviations around it. Between two such
 * images the mean squared difference is 2 (1 - local correlation), up to the noise: gain and offset, as of a contrast agent, do not matter.
 * @module
 */
import { LEVEL_STEP, NOT_ACQUIRED } from '../../../pyramid/index.ts';
import type { Pyramid } from '../../../pyramid/index.ts';

/** An image of a pyramid. */
export type Level = Pyramid['fine'];

type Three = readonly [number, number, number];

/** How an image is normalised. */
export interface Normalisation {
  /** Means are of boxes that reach so many voxels each way, and again of these. */
  readonly windowReach: number;
  /** Added to the variance, registration units: where contrast is below it, nothing counts much. */
  readonly noise: number;
}

/** Local contrast of each voxel, without a unit; NaN where nothing was acquired. */
export function normalised(
  { dims, values }: Pick<Level, 'dims' | 'values'>,
  { windowReach, noise }: Normalisation,
): Float32Array {
  const smooth = (of: Float32Array): Float32Array =>
    boxMean(boxMean(of, dims, windowReach), dims, windowReach);
  const known = Float32Array.from(values, (steps) => (steps === NOT_ACQUIRED ? 0 : 1));
  const units = Float32Array.from(values, (steps) => (steps === NOT_ACQUIRED ? 0 : LEVEL_STEP * steps));
  const share = known.includes(0) ? smooth(known) : known;
  const sums = smooth(units);
  const squares = smooth(units.map((value) => value * value));
  return units.map((value, at) => {
    if (known[at] === 0) return NaN;
    const total = share[at] ?? NaN;
    const mean = (sums[at] ?? NaN) / total;
    const variance = Math.max((squares[at] ?? NaN) / total - mean * mean, 0);
    return (value - mean) / Math.sqrt(variance + noise * noise);
  });
}

/** The mean of the box around each voxel that reaches `reach` voxels each way, as far as it is in the image; i fastest. */
export function boxMean(values: Float32Array, dims: Three, reach: number): Float32Array {
  let means = values;
  let stride = 1;
  for (const count of dims) {
    const [from, to] = [means, new Float32Array(means.length)];
    for (let first = 0; first < from.length; first++)
      if (Math.floor(first / stride) % count === 0) meansOfLine(from, to, { first, stride, count }, reach);
    means = to;
    stride *= count;
  }
  return means;
}

/** Voxels of a line: `first`, and each `stride` from the last. */
interface Line {
  readonly first: number;
  readonly stride: number;
  readonly count: number;
}

function meansOfLine(
  from: Float32Array,
  to: Float32Array,
  { first, stride, count }: Line,
  reach: number,
): void {
  let [sum, inside] = [0, 0];
  for (let next = 0; next < count + reach; next++) {
    if (next < count) {
      sum += from[first + next * stride] ?? NaN;
      inside++;
    }
    const last = next - 2 * reach - 1;
    if (last >= 0) {
      sum -= from[first + last * stride] ?? NaN;
      inside--;
    }
    const at = next - reach;
    if (at >= 0) to[first + at * stride] = sum / inside;
  }
}
