import { volumeOf } from '../accuracy/testing.ts';
import { standardChest } from './chest.ts';

describe('standardChest', () => {
  // 2 mm voxels, wider than the chest in plane and 100 slices short: HU = 10 i + slice.
  const source = volumeOf(
    [196, 180, 50],
    [2, 2, 2],
    [-100, -90, 700],
    (i, j, k) => 10 * i + k + (j === 0 ? 5000 : 0),
  );
  const chest = standardChest(source);
  const at = (i: number, j: number, k: number): number => chest.data[i + 176 * (j + 176 * k)] ?? NaN;

  it('has the agreed size and stays in place', () => {
    expect(chest.dims).toEqual([176, 176, 150]);
    expect(chest.slices).toHaveLength(150);
    // Ten voxels are cut off on the left, two behind, and fifty are added below.
    expect([3, 7, 11].map((index) => chest.voxelToLps[index])).toEqual([-80, -86, 600]);
    expect(at(0, 0, 50)).toBe(100);
    expect(at(175, 175, 99)).toBe(1850 + 49);
  });

  it('goes on with the mirror image where the scan ends', () => {
    expect([48, 49, 50, 51].map((k) => at(0, 0, k))).toEqual([101, 100, 100, 101]);
    expect([98, 99, 100, 149].map((k) => at(0, 0, k))).toEqual([148, 149, 149, 100]);
  });
});
