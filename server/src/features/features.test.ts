import fc from 'fast-check';
import { affineFromColumns, lpsPoint, toLps, voxelIndex } from '../geometry/index.ts';
import { PLACES, queryEmbedding } from '../matching/testing/affinePair.ts';
import { patchStatistics, STATISTICS, statisticsRow, toNpy, vectorsAt } from './index.ts';

/** 12 x 10 x 8 voxels; the value of each is its flat index. */
const VOLUME = {
  dims: [12, 10, 8] as const,
  data: Int16Array.from({ length: 960 }, (_, n) => n),
  voxelToLps: affineFromColumns([0.8, 0, 0], [0, 0, 1.2], [0.3, 2.5, 0], [-4, 7, 90]),
};
const index = fc.record({
  i: fc.integer({ min: 0, max: 11 }),
  j: fc.integer({ min: 0, max: 9 }),
  k: fc.integer({ min: 0, max: 7 }),
});

describe('patchStatistics', () => {
  it('is the value of a voxel where the radius holds no other', () => {
    fc.assert(
      fc.property(index, ({ i, j, k }) => {
        const value = (k * 10 + j) * 12 + i;
        const patch = patchStatistics(VOLUME, toLps(VOLUME.voxelToLps, voxelIndex(i, j, k)), 0.3);
        expect(patch).toMatchObject({ n: 1, mean: value, sd: 0, min: value, max: value });
      }),
    );
  });

  it('is that of every voxel near enough, counted one by one', () => {
    fc.assert(
      fc.property(index, fc.double({ min: 0.5, max: 9, noNaN: true }), ({ i, j, k }, radius) => {
        const [x, y, z] = toLps(VOLUME.voxelToLps, voxelIndex(i + 0.3, j - 0.2, k + 0.4));
        const values: number[] = [];
        VOLUME.data.forEach((value, n) => {
          const at = toLps(
            VOLUME.voxelToLps,
            voxelIndex(n % 12, Math.floor(n / 12) % 10, Math.floor(n / 120)),
          );
          if (Math.hypot(at[0] - x, at[1] - y, at[2] - z) <= radius) values.push(value);
        });
        const patch = patchStatistics(VOLUME, lpsPoint(x, y, z), radius);
        expect(patch.n).toBe(values.length);
        if (values.length === 0) return;
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(patch.mean).toBeCloseTo(mean, 6);
        expect([patch.min, patch.max]).toEqual([Math.min(...values), Math.max(...values)]);
        const sorted = [...patch.percentiles].sort((a, b) => a - b);
        expect(patch.percentiles).toEqual(sorted);
      }),
    );
  });

  it('has no numbers outside the volume, and one for each name', () => {
    const patch = patchStatistics(VOLUME, lpsPoint(500, 0, 0), 5);
    expect(patch.n).toBe(0);
    expect(patch.mean).toBeNaN();
    expect(statisticsRow(patch)).toHaveLength(STATISTICS.length);
  });
});

describe('vectorsAt', () => {
  it('gives a unit vector of each map', () => {
    for (const maps of vectorsAt(queryEmbedding, PLACES)) {
      expect(maps.map(({ role }) => role).sort()).toEqual(queryEmbedding.maps.map(({ role }) => role).sort());
      for (const { vector } of maps) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });
});

describe('toNpy', () => {
  it('has the header of NumPy, a whole number of blocks long, and the numbers behind it', () => {
    const file = toNpy(
      [
        [1, 2.5],
        [-3, NaN],
        [0, 1e6],
      ],
      2,
    );
    expect(file.subarray(0, 8).toString('latin1')).toBe('\u0093NUMPY\u0001\u0000');
    const end = 10 + file.readUInt16LE(8);
    expect(end % 64).toBe(0);
    const header = file.subarray(10, end).toString('latin1');
    expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 2\), \} *\n$/u);
    expect(Array.from({ length: 6 }, (_, n) => file.readFloatLE(end + 4 * n))).toEqual([
      1,
      2.5,
      -3,
      NaN,
      0,
      1e6,
    ]);
    expect(file).toHaveLength(end + 24);
  });
});
