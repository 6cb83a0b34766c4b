import fc from 'fast-check';
import { fromHalf, problemWith, tensorValues } from './tensorValues.ts';
import { Storage, TensorView } from './values.ts';

/** Numbers as bytes of float32, at an odd address as in a zip file. */
function float32Bytes(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length + 1).subarray(1);
  bytes.set(new Uint8Array(Float32Array.from(numbers).buffer));
  return bytes;
}

describe('tensorValues', () => {
  it('reads any order of the axes as torch does', () => {
    const axes = fc.tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
    );
    const order = fc.constantFrom([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]);
    fc.assert(
      fc.property(axes, order, fc.nat(3), (shape, slowToFast, offset) => {
        const strides = [0, 0, 0];
        let step = 1;
        for (const axis of slowToFast.toReversed()) {
          strides[axis] = step;
          step *= shape[axis];
        }
        const numbers = Array.from({ length: step + offset }, (_, n) => n / 4);
        const view = new TensorView(new Storage('FloatStorage', '0', numbers.length), offset, shape, strides);
        const bytes = float32Bytes(numbers);
        expect(problemWith(view, bytes.length)).toBeUndefined();
        const expected: number[] = [];
        for (let a = 0; a < shape[0]; a += 1)
          for (let b = 0; b < shape[1]; b += 1)
            for (let c = 0; c < shape[2]; c += 1) {
              const place = [a, b, c].reduce((sum, n, axis) => sum + n * (strides[axis] ?? 0), offset);
              expected.push(numbers[place] ?? NaN);
            }
        expect([...tensorValues(view, bytes)]).toEqual(expected);
      }),
    );
  });

  it('reads float16', () => {
    const view = new TensorView(new Storage('HalfStorage', '0', 3), 1, [2], [1]);
    const bytes = new Uint8Array(Uint16Array.of(0, 0x3c00, 0xc100).buffer);
    expect([...tensorValues(view, bytes)]).toEqual([1, -2.5]);
  });
});

test.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0xfc00, -Infinity],
  [0x7e00, NaN],
])('%i is %d as float16', (code, value) => {
  expect(fromHalf(code)).toBe(value);
});

test.each([
  ['FloatStorage', 12, [3], [2], /beyond its storage/u],
  ['FloatStorage', 12, [9], [0], /beyond its storage/u],
  ['FloatStorage', 6, [3], [1], /6 bytes for 3 numbers/u],
  ['HalfStorage', 12, [3], [1], /12 bytes for 3 numbers/u],
  ['LongStorage', 24, [3], [1], /type LongStorage/u],
] as const)('%s of %i bytes, shape %j, strides %j: refused', (type, bytes, shape, strides, problem) => {
  expect(problemWith(new TensorView(new Storage(type, '0', 3), 0, shape, strides), bytes)).toMatch(problem);
});
