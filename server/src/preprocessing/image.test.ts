import fc from 'fast-check';
import { affineFromColumns } from '../geometry/index.ts';
import { toImage } from './image.ts';

const gridOf = (length: number): Parameters<typeof toImage>[1] => ({
  dims: [length, 1, 1],
  voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 2], [0, 0, 0]),
});

describe('toImage', () => {
  it('keeps HU to half a unit, and clips what int16 does not hold', () => {
    const values = Float32Array.of(-1024, -0.6, 0.4, 1200.7, 1e6, -1e6, NaN, Infinity);
    const { values: image, scale } = toImage(values, gridOf(8), 'CT');
    expect([...image]).toEqual([-1024, -1, 0, 1201, 32767, -32768, 0, 32767]);
    expect(scale).toBe(1);
  });

  it('keeps MR and PET of any unit to a 65,000th of their range', () => {
    const numbers = fc.array(fc.float({ min: -1e5, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.constantFrom(1e-6, 1, 1e6), (list, unit) => {
        const values = Float32Array.from(list, (value) => value * unit);
        const { values: image, scale } = toImage(values, gridOf(values.length), 'MR');
        const largest = Math.max(...values.map(Math.abs));
        image.forEach((value, index) => {
          expect(Math.abs(value * scale - values[index]!)).toBeLessThanOrEqual(largest * 1.6e-5);
        });
      }),
    );
  });

  it('has a scale where all is zero', () => {
    expect(toImage(new Float32Array(3), gridOf(3), 'PT').scale).toBe(1);
  });
});
