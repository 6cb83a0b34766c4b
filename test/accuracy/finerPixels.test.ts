import { invert, lpsPoint, spacingOf, toLps, toVoxel, voxelIndex } from '../../server/src/geometry/index.ts';
import { finerVolume, volumeWithPixels } from './finerPixels.ts';
import { volumeOf } from './testing.ts';

describe('finerVolume', () => {
  const coarse = volumeOf([20, 30, 4], [2, 2, 5], [-10, 7, 100], (i, j, k) => 20 * i - 8 * j + 50 * k);
  const fine = finerVolume(coarse);

  it('has pixels as small as a scanner has, and the slices as they were', () => {
    expect(fine.dims).toEqual([50, 75, 4]);
    expect(spacingOf(fine.voxelToLps)[0]).toBeCloseTo(0.8, 9);
    expect(spacingOf(fine.voxelToLps)[2]).toBe(5);
    expect(fine.slices).toHaveLength(4);
  });

  it('shows the same at the same place', () => {
    const [x, y, z] = toLps(fine.voxelToLps, voxelIndex(28, 31, 2));
    const [i, j, k] = toVoxel(invert(coarse.voxelToLps), lpsPoint(x, y, z));
    // The middle of pixel 28 is 28.5 pixels of 0.8 mm from the face, that is at index 10.9 of pixels of 2 mm.
    expect([i, j, k].map((index) => index.toFixed(6))).toEqual(['10.900000', '12.100000', '2.000000']);
    expect(fine.data[28 + 50 * (31 + 75 * 2)]).toBe(Math.round(20 * i - 8 * j + 50 * k));
  });

  it('has coarse pixels where the size is given', () => {
    const coarser = volumeWithPixels(coarse, 4);
    expect(coarser.dims).toEqual([10, 15, 4]);
    const [x, y, z] = toLps(coarser.voxelToLps, voxelIndex(5, 6, 2));
    expect(toVoxel(invert(coarse.voxelToLps), lpsPoint(x, y, z))).toEqual([10.5, 12.5, 2]);
    expect(coarser.data[5 + 10 * (6 + 15 * 2)]).toBe(20 * 10.5 - 8 * 12.5 + 50 * 2);
  });

  it('keeps a volume that is fine already', () => {
    const native = volumeOf([10, 10, 3], [0.7, 0.7, 2.5], [0, 0, 0], (i) => i);
    expect([...finerVolume(native).data]).toEqual([...native.data]);
  });
});
