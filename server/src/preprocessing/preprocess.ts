import type { IntensityMap } from '../model/index.ts';
import { mapTo } from './intensityKernel.ts';

/** Sizes along z, y, x: the order of tensors (grids and volumes say x, y, z). */
export type TensorDims = readonly [z: number, y: number, x: number];

/** Values on a grid: HU for CT, any unit for MR and PET. */
export interface ValueGrid {
  readonly values: Float32Array | Int16Array;
  readonly dims: TensorDims;
}

/**
 * Version of everything between a volume and the network (resampling, intensity, padding, body mask, packing).
 * Part of the cache key: raise it whenever the numbers of an embedding change.
 */
export const PREPROCESSING_VERSION = 5;

/** Lower and upper bound of an intensity map for one volume, modality units. */
export interface IntensityRange {
  readonly low: number;
  readonly high: number;
}

/** Bins of the histogram that percentiles are read from: finer than 0.02 % of the range. */
const PERCENTILE_BINS = 8192;

/**
 * The range that `map` clips to: fixed for a window, percentiles of `values` (modality units) otherwise.
 * A volume of one value gives an empty range, which {@link normalise} maps to the offset.
 */
export function intensityRange(map: IntensityMap, values: Float32Array): IntensityRange {
  if (map.type === 'window') return { low: map.low, high: map.high };
  const [min, max] = extremes(values);
  if (!(max > min)) return { low: min, high: min };
  const counts = new Uint32Array(PERCENTILE_BINS);
  const perUnit = PERCENTILE_BINS / (max - min);
  for (const value of values) {
    const bin = Math.min(PERCENTILE_BINS - 1, Math.floor((value - min) * perUnit));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const at = (percent: number): number => {
    const wanted = (percent / 100) * values.length;
    let below = 0;
    for (let bin = 0; bin < PERCENTILE_BINS; bin += 1) {
      const count = counts[bin] ?? 0;
      if (count > 0 && below + count >= wanted) return min + (bin + (wanted - below) / count) / perUnit;
      below += count;
    }
    return max;
  };
  return { low: at(map.lowPercent), high: at(map.highPercent) };
}

/** Smallest and largest finite value. */
export function extremes(values: Float32Array | Int16Array): [min: number, max: number] {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max && value !== Infinity) max = value;
  }
  return [min, max];
}

/** Modality units to network input, in memory of its own. Values that are no number become the lower bound. */
export function normalise(map: IntensityMap, values: Float32Array): Float32Array {
  const { low, high } = intensityRange(map, values);
  const width = high - low;
  // A percentile map spreads the range over `scale`; a window map has its scale per unit.
  const scale = map.type === 'window' ? map.scale : width > 0 ? map.scale / width : 0;
  const normalised = new Float32Array(values.length);
  mapTo(normalised, values, { low, width, scale, offset: map.offset });
  return normalised;
}

/** Pads at the far end of each axis up to `minimum` with `value`; returns the input when it is large enough. */
export function padTo(
  values: Float32Array,
  dims: TensorDims,
  minimum: TensorDims,
  value: number,
): { values: Float32Array; dims: TensorDims } {
  const padded: TensorDims = [
    Math.max(dims[0], minimum[0]),
    Math.max(dims[1], minimum[1]),
    Math.max(dims[2], minimum[2]),
  ];
  if (padded.every((size, axis) => size === dims[axis])) return { values, dims };
  const result = new Float32Array(padded[0] * padded[1] * padded[2]).fill(value);
  for (let z = 0; z < dims[0]; z += 1) {
    for (let y = 0; y < dims[1]; y += 1) {
      const from = (z * dims[1] + y) * dims[2];
      result.set(values.subarray(from, from + dims[2]), (z * padded[1] + y) * padded[2]);
    }
  }
  return { values: result, dims: padded };
}
