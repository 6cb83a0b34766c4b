import fc from 'fast-check';
import { lowPass } from './level.ts';
import type { Level } from './level.ts';

const [I, J, K] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
] as const;

/** [1 2 1] / 4 along one axis by its definition; the edge value continues. */
function filtered({ dims, ...level }: Level, [di, dj, dk]: readonly [number, number, number]): Level {
  const [ni, nj, nk] = dims;
  const at = (i: number, j: number, k: number): number => {
    const inside = (n: number, size: number): number => Math.min(Math.max(n, 0), size - 1);
    return level.values[(inside(k, nk) * nj + inside(j, nj)) * ni + inside(i, ni)] ?? NaN;
  };
  const values = level.values.map((own, voxel) => {
    const [i, j, k] = [voxel % ni, Math.floor(voxel / ni) % nj, Math.floor(voxel / (ni * nj))];
    return 0.25 * at(i - di, j - dj, k - dk) + 0.5 * own + 0.25 * at(i + di, j + dj, k + dk);
  });
  return { dims, ...level, values };
}

describe('low pass', () => {
  it('is the binomial filter along each axis, also where an axis has one voxel', () => {
    const size = fc.integer({ min: 1, max: 5 });
    const level = fc.tuple(size, size, size).chain((dims) =>
      fc
        .array(fc.integer({ min: -1000, max: 1500 }), {
          minLength: dims[0] * dims[1] * dims[2],
          maxLength: dims[0] * dims[1] * dims[2],
        })
        .map((values): Level => {
          return { dims, spacing: [2, 2, 2], origin: [0, 0, 0], values: Float32Array.from(values) };
        }),
    );
    fc.assert(
      fc.property(level, (image) => {
        const expected = [I, J, K].reduce(filtered, image);
        expect([...lowPass(image).values]).toEqual([...expected.values]);
      }),
    );
  });
});
