import { lpsPoint } from '../../server/src/geometry/index.ts';
import { placeInMr, randomCrop, readRegistrations } from './limbs.ts';
import { volumeOf } from './testing.ts';

describe('placeInMr', () => {
  it('applies a matrix in z, y, x to a point in x, y, z', () => {
    // A quarter turn about z that moves y to x, then 1 mm up, 2 mm back, 3 mm left.
    const registration = {
      accepted: true,
      matrix: [
        [1, 0, 0],
        [0, 0, -1],
        [0, 1, 0],
      ],
      shift: [1, 2, 3],
    } as const;
    expect(placeInMr(registration, lpsPoint(10, 20, 30))).toEqual(lpsPoint(23, -8, 31));
  });
});

describe('the registrations', () => {
  it('are rigid maps', async () => {
    const registrations = [...(await readRegistrations()).values()];
    expect(registrations.length).toBe(20);
    for (const { matrix } of registrations)
      for (const i of [0, 1, 2] as const)
        for (const j of [0, 1, 2] as const) {
          const product = matrix[i].reduce((sum, value, k) => sum + value * (matrix[j][k] ?? NaN), 0);
          expect(product).toBeCloseTo(i === j ? 1 : 0, 4);
        }
  });
});

describe('randomCrop', () => {
  const volume = volumeOf([20, 30, 40], [2, 2, 3], [-7, 5, 11], (i, j, k) => i + 50 * j + 2000 * (k % 10));

  it('keeps every voxel where it was', () => {
    const part = randomCrop(volume, 'a name');
    const m = part.voxelToLps;
    const [i, j, k] = [(m[3] + 7) / 2, (m[7] - 5) / 2, (m[11] - 11) / 3];
    const [nx, ny, nz] = part.dims;
    expect(part.data.length).toBe(nx * ny * nz);
    expect(part.data[0]).toBe(i + 50 * j + 2000 * (k % 10));
    expect(part.data.at(-1)).toBe(i + nx - 1 + 50 * (j + ny - 1) + 2000 * ((k + nz - 1) % 10));
    expect(i + nx).toBeLessThanOrEqual(20);
    expect(nz).toBeGreaterThanOrEqual(24);
  });

  it('gives the same part for the same name, and another for another', () => {
    expect(randomCrop(volume, 'a').voxelToLps).toEqual(randomCrop(volume, 'a').voxelToLps);
    expect(randomCrop(volume, 'a').voxelToLps).not.toEqual(randomCrop(volume, 'b').voxelToLps);
  });
});
