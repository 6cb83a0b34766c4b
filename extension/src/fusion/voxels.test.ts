import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CachedImage } from '../ohif.d.ts';
import type { Lps } from '../wire.ts';
import { imageOf, slicesOf, voxelsOf } from './testing/planes.ts';
import { Voxels } from './voxels.ts';

const linear = ([x, y, z]: Lps): number => 3 * x - 2 * y + 5 * z + 7;

describe('voxels of a series', () => {
  test.each([0, 0.5])('are read trilinearly at any point, the slices %d mm beside each other', (shearMm) => {
    const voxels = voxelsOf(linear, { shearMm, spacing: [1, 1.5, 2] });
    const within = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(within(-39, 38), within(-20, 60), within(-29, 27), (x, y, z) => {
        expect(voxels.at(x, y, z)).toBeCloseTo(linear([x, y, z]), 1);
      }),
    );
  });

  test('do not depend on the order of the slices, or on one that is there twice', () => {
    const slices = slicesOf();
    const images = new Map(slices.map((slice) => [slice.imageId, imageOf(slice, linear)]));
    const mixed = [...slices].reverse().concat(slices.slice(3, 4));
    expect(new Voxels(mixed, (id) => images.get(id)).at(1.25, 2.5, 3.3)).toBeCloseTo(
      linear([1.25, 2.5, 3.3]),
      3,
    );
  });

  test.each<[string, Lps, boolean]>([
    ['half a voxel before the first column', [-40.4, 0, 0], true],
    ['a voxel before it', [-41, 0, 0], false],
    ['half a slice above the last one', [0, 0, 28.9], true],
    ['a slice above it', [0, 0, 30.1], false],
    ['beyond the last row', [0, 40, 0], false],
  ])('end with their images: %s', (_, point, isThere) => {
    expect(Number.isNaN(voxelsOf(linear).at(...point))).toBe(!isThere);
  });

  test('have none in the gap of a missing slice', () => {
    const slices = slicesOf().filter((_, k) => k < 10 || k > 13);
    const images = new Map(slices.map((slice) => [slice.imageId, imageOf(slice, linear)]));
    const voxels = new Voxels(slices, (id) => images.get(id));
    expect(voxels.at(0, 0, -6)).toBeNaN();
    expect(voxels.at(0, 0, -12)).toBeCloseTo(linear([0, 0, -12]), 3);
  });

  test.each<[string, Omit<CachedImage, 'getPixelData'>, number]>([
    ['the viewer has rescaled', { preScale: { scaled: true }, slope: 2, intercept: -1024 }, 100],
    ['it has not', { slope: 2, intercept: -1024 }, -824],
    ['it has not, with the flag', { preScale: { scaled: false }, slope: 1, intercept: -1000 }, -900],
  ])('are modality values where %s', (_, image, value) => {
    const voxels = new Voxels(slicesOf(), () => ({
      ...image,
      getPixelData: () => new Int16Array(6400).fill(100),
    }));
    expect(voxels.at(0, 0, 0)).toBe(value);
  });

  test('are read where the viewer gives them by its voxel manager only', () => {
    const values = new Int16Array(6400).fill(5);
    expect(
      new Voxels(slicesOf(), () => ({ voxelManager: { getScalarData: () => values } })).at(0, 0, 0),
    ).toBe(5);
  });

  test('name the images that were needed and are not in memory, once, and look each up once', () => {
    let looked = 0;
    const voxels = new Voxels(slicesOf(), () => {
      looked += 1;
      return undefined;
    });
    for (const x of [0, 1, 2]) expect(voxels.at(x, 0, 1)).toBeNaN();
    expect(looked).toBe(2);
    expect(voxels.missing()).toEqual(['image-15', 'image-16']);
    expect(voxels.missing()).toEqual([]);
  });

  test('of no slices are refused', () => {
    expect(() => new Voxels([], () => undefined)).toThrow('without slices');
  });
});
