/**
 * A layer of a checkpoint in the form of the exported graphs: batch norm folded into the convolution, z taps as channels
 * (models/training/samepoint_training/folded.py). Sums and products in float64.
 * @module
 */

/** Sizes of a 3-D convolution's weight: out, in, kz, ky, kx. */
export type KernelShape = readonly [number, number, number, number, number];

/** Learned scale and shift, and the statistics of the training, per output channel. */
export interface BatchNorm {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** weight: (out, kz * in, ky, kx), tap-major; bias: (out). */
export interface FoldedLayer {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** torch.nn.BatchNorm3d's default, which the published networks of SAM and UAE use. */
const EPSILON = 1e-5;

/** A convolution without bias, followed by a batch norm. */
export function foldNorm(kernel: Float32Array, shape: KernelShape, norm: BatchNorm): FoldedLayer {
  const scales = Float64Array.from(
    norm.weight,
    (weight, channel) => weight / Math.sqrt((norm.variance[channel] ?? NaN) + EPSILON),
  );
  const bias = Float32Array.from(
    norm.bias,
    (shift, channel) => shift - (norm.mean[channel] ?? NaN) * (scales[channel] ?? NaN),
  );
  return { weight: tapsAsChannels(kernel, shape, scales), bias };
}

/** A convolution with bias. */
export function foldPlain(kernel: Float32Array, shape: KernelShape, bias: Float32Array): FoldedLayer {
  return { weight: tapsAsChannels(kernel, shape), bias };
}

/** (out, in, kz, ky, kx) to (out, kz * in, ky, kx), times a factor per output channel. */
function tapsAsChannels(
  kernel: Float32Array,
  [outputs, inputs, taps, rows, columns]: KernelShape,
  scales?: Float64Array,
): Float32Array {
  const plane = rows * columns;
  const result = new Float32Array(kernel.length);
  let to = 0;
  for (let output = 0; output < outputs; output += 1) {
    const scale = scales?.[output] ?? 1;
    for (let tap = 0; tap < taps; tap += 1) {
      for (let input = 0; input < inputs; input += 1) {
        const from = ((output * inputs + input) * taps + tap) * plane;
        for (let i = 0; i < plane; i += 1) {
          result[to] = (kernel[from + i] ?? NaN) * scale;
          to += 1;
        }
      }
    }
  }
  return result;
}
