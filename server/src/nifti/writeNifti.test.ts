import fc from 'fast-check';
import { affineFromColumns } from '../geometry/index.ts';
import { readNifti } from './readNifti.ts';
import { writeNifti } from './writeNifti.ts';

const mm = fc.float({ min: -500, max: 500, noNaN: true, noDefaultInfinity: true });
const step = fc.float({ min: 0.25, max: 4, noNaN: true });

describe('writeNifti', () => {
  it('is read back: sizes, values and place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 12, maxLength: 12 }),
        fc.tuple(step, step, step),
        fc.tuple(mm, mm, mm),
        (values, [x, y, z], origin) => {
          const voxelToLps = affineFromColumns([x, 0, 0], [0, 0, -y], [0, z, 0], origin);
          const file = writeNifti({ dims: [3, 2, 2], data: Int16Array.from(values), voxelToLps });
          const back = readNifti(file);
          expect(back.dims).toEqual([3, 2, 2]);
          expect([...back.data]).toEqual(values);
          back.voxelToLps.forEach((value, n) => {
            expect(value).toBeCloseTo(voxelToLps[n]!, 4);
          });
        },
      ),
    );
  });

  it('keeps fractions', () => {
    const voxelToLps = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
    const data = Float32Array.of(0.5, -1.25, 3e5, 7);
    expect(readNifti(writeNifti({ dims: [4, 1, 1], data, voxelToLps })).data).toEqual(data);
  });

  it('says that no scanner wrote it: an aligned sform, no qform, mm without seconds', () => {
    const voxelToLps = affineFromColumns([2, 0, 0], [0, 3, 0], [0, 0, 4], [10, 20, 30]);
    const file = writeNifti({ dims: [1, 1, 1], data: Int16Array.of(7), voxelToLps });
    expect([file.readInt16LE(252), file.readInt16LE(254), file.readUInt8(123)]).toEqual([0, 2, 2]);
    const floats = (from: number, count: number): number[] =>
      Array.from({ length: count }, (_, n) => file.readFloatLE(from + 4 * n));
    expect(floats(76, 8)).toEqual([1, 2, 3, 4, 0, 0, 0, 0]);
    expect(floats(280, 12)).toEqual([-2, 0, 0, -10, 0, -3, 0, -20, 0, 0, 4, 30]);
    expect(file.subarray(344).toString('hex')).toBe('6e2b3100000000000700');
  });
});
