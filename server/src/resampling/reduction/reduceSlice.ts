/**
 * One slice to the columns and rows of a working grid, by the kernel that resamples volumes.
 * @module
 */
import { sizeAtLevel } from '../../codecs/index.ts';
import { axisWeights } from '../axisWeights.ts';
import type { AxisWeights } from '../axisWeights.ts';
import { ResamplingKernel } from '../resamplingKernel.ts';
import type { AxisPlan, InPlanePlan, Layer } from './types.ts';

type Values = Int16Array | Float32Array;

/** Added to 16-bit integers, it makes them positive. */
const INT16_RANGE = 2 ** 15;

/** A slice stands for itself along the third axis. */
const ONE_SLICE: AxisWeights = {
  inside: [0, 1],
  first: new Int32Array(1),
  weights: Float64Array.of(1, 0),
  taps: 2,
};

/** Weights of the samples on an axis without its `level` finest resolution levels: value n lies at pixel 2^level n. */
function weightsAtLevel(
  { pixels, samples, offset, scale }: AxisPlan,
  level: number,
  layer: Layer,
): AxisWeights {
  const step = 2 ** level;
  const faces = [-0.5 / step, (pixels - 0.5) / step] as const;
  const sampling = {
    samples,
    voxels: sizeAtLevel(pixels, level),
    offset: offset / step,
    scale: scale / step,
    faces,
  };
  return axisWeights(sampling, layer === 'means');
}

function kernelOf(plan: InPlanePlan, level: number, layer: Layer, isFloat: boolean): ResamplingKernel {
  const weights = [
    weightsAtLevel(plan.u, level, layer),
    weightsAtLevel(plan.v, level, layer),
    ONE_SLICE,
  ] as const;
  const size = [sizeAtLevel(plan.u.pixels, level), sizeAtLevel(plan.v.pixels, level)] as const;
  const data = isFloat ? new Float32Array(0) : new Int16Array(0);
  // Each slice is loaded, and its plane read, so that the kernel has neither a volume nor an output.
  return new ResamplingKernel({
    volume: { dims: [...size, 1], data },
    weights,
    strides: [1, plan.u.samples, plan.u.samples * plan.v.samples],
    samples: 0,
    outside: 0,
  });
}

/** The kernels of the series that a thread reads, by what they depend on. */
const opened = new Map<string, readonly ResamplingKernel[]>();
/** Two series of a pair, of integers or of floats each. */
const MAX_KERNELS = 4;

function kernelsOf(plan: InPlanePlan, level: number, isFloat: boolean): readonly ResamplingKernel[] {
  const key = JSON.stringify([plan, level, isFloat]);
  const known = opened.get(key) ?? plan.layers.map((layer) => kernelOf(plan, level, layer, isFloat));
  opened.delete(key);
  opened.set(key, known);
  const [oldest] = opened.keys();
  if (opened.size > MAX_KERNELS && oldest !== undefined) opened.delete(oldest);
  return known;
}

/**
 * The layers of a slice, one after the other, each row by row. Integers stay integers (rounded), floats floats.
 * @param values of the slice without its `level` finest resolution levels
 * @throws Error where they are not those of the plan
 */
export function reduceSlice(values: Values, plan: InPlanePlan, level: number): Values {
  const { u, v, layers } = plan;
  if (values.length !== sizeAtLevel(u.pixels, level) * sizeAtLevel(v.pixels, level))
    throw new Error(`the slice has ${String(values.length)} values, the first one of the series has others`);
  const isFloat = values instanceof Float32Array;
  const samples = u.samples * v.samples;
  const kernels = kernelsOf(plan, level, isFloat);
  if (!isFloat) {
    const result = new Int16Array(layers.length * samples);
    for (const [layer, kernel] of kernels.entries())
      roundInto(result, layer * samples, kernel.reduceValues(values));
    return result;
  }
  const result = new Float32Array(layers.length * samples);
  for (const [layer, kernel] of kernels.entries()) result.set(kernel.reduceValues(values), layer * samples);
  return result;
}

/** Rounds halves up. A loop over arrays of one kind: V8 needs a tenth of the time for it. */
function roundInto(result: Int16Array, at: number, plane: Float32Array): void {
  for (let sample = 0; sample < plane.length; sample += 1)
    // Truncation rounds positive numbers down.
    result[at + sample] = (((plane[sample] ?? 0) + INT16_RANGE + 0.5) | 0) - INT16_RANGE;
}
