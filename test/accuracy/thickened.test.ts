import { toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import { volumeOf } from './testing.ts';
import { thickenedVolume } from './thickened.ts';

describe('thickenedVolume', () => {
  it('averages whole slices and keeps them where they are', () => {
    const thin = volumeOf([2, 2, 5], [1, 1, 2], [10, 20, -30], (_i, _j, k) => 100 * k);
    const step = thin.voxelToLps[10];
    const thick = thickenedVolume(thin, 2 * step);
    expect(thick.dims).toEqual([2, 2, 2]);
    expect([...thick.data]).toEqual([50, 50, 50, 50, 250, 250, 250, 250]);
    // The first thick slice lies between the first two thin ones.
    const middle = toLps(thin.voxelToLps, voxelIndex(0, 0, 0.5));
    expect([...toLps(thick.voxelToLps, voxelIndex(0, 0, 0))]).toEqual([...middle]);
    expect(thick.slices).toHaveLength(2);
  });
});
