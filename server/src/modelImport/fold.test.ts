import fc from 'fast-check';
import { foldNorm, foldPlain } from './fold.ts';
import type { KernelShape } from './fold.ts';

/** One output voxel of a 3-D convolution over a window of the kernel's size (in, kz, ky, kx): the definition. */
function convolve(
  kernel: Float32Array,
  shape: KernelShape,
  window: readonly number[],
  output: number,
): number {
  const size = shape.slice(1).reduce((product, value) => product * value, 1);
  return window.reduce((sum, value, index) => sum + value * (kernel[output * size + index] ?? NaN), 0);
}

/** The same window as the 2-D form sees it: (kz * in, ky, kx), tap-major. */
function stacked(window: readonly number[], [, inputs, taps, rows, columns]: KernelShape): number[] {
  const plane = rows * columns;
  return Array.from({ length: window.length }, (_, index) => {
    const [channel, rest] = [Math.floor(index / plane), index % plane];
    const [tap, input] = [Math.floor(channel / inputs), channel % inputs];
    return window[(input * taps + tap) * plane + rest] ?? NaN;
  });
}

const small = fc.integer({ min: 1, max: 3 });
const shapes = fc.tuple(small, small, small, small, small);
const value = fc.integer({ min: -8, max: 8 }).map((eighths) => eighths / 8);

const layers = shapes.chain((shape) => {
  const [outputs, ...rest] = shape;
  const size = rest.reduce((product, count) => product * count, 1);
  const floats = (count: number, item = value): fc.Arbitrary<Float32Array> =>
    fc.array(item, { minLength: count, maxLength: count }).map((items) => Float32Array.from(items));
  return fc.record({
    shape: fc.constant(shape),
    kernel: floats(outputs * size),
    window: fc.array(value, { minLength: size, maxLength: size }),
    norm: fc.record({
      weight: floats(outputs),
      bias: floats(outputs),
      mean: floats(outputs),
      variance: floats(
        outputs,
        fc.integer({ min: 0, max: 64 }).map((eighths) => eighths / 8),
      ),
    }),
  });
});

test('the folded layer is the convolution followed by the batch norm', () => {
  fc.assert(
    fc.property(layers, ({ shape, kernel, window, norm }) => {
      const folded = foldNorm(kernel, shape, norm);
      for (let output = 0; output < shape[0]; output += 1) {
        const of = (values: ArrayLike<number>): number => values[output]!;
        const [scale, shift] = [of(norm.weight), of(norm.bias)];
        const [mean, variance] = [of(norm.mean), of(norm.variance)];
        const before = convolve(kernel, shape, window, output);
        // torch.nn.BatchNorm3d in eval mode.
        const expected = ((before - mean) / Math.sqrt(variance + 1e-5)) * scale + shift;
        const found =
          convolve(folded.weight, shape, stacked(window, shape), output) + (folded.bias[output] ?? NaN);
        const size = 1 + (Math.abs(before) + Math.abs(mean)) / Math.sqrt(variance + 1e-5);
        expect(Math.abs(found - expected)).toBeLessThan(1e-5 * size * window.length);
      }
    }),
  );
});

test('a layer without batch norm keeps its numbers, z taps first', () => {
  const kernel = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const bias = Float32Array.from([0.5]);
  expect(foldPlain(kernel, [1, 2, 3, 1, 1], bias)).toEqual({
    weight: Float32Array.from([1, 4, 2, 5, 3, 6]),
    bias,
  });
});

test('a negative variance gives no finite number', () => {
  const one = Float32Array.from([1]);
  const folded = foldNorm(one, [1, 1, 1, 1, 1], {
    weight: one,
    bias: one,
    mean: one,
    variance: Float32Array.from([-1]),
  });
  expect(folded.weight[0]).toBeNaN();
});
