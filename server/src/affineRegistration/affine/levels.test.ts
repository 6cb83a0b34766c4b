import fc from 'fast-check';
import type { PreviewImage } from '../../embedding/types.ts';
import { lpsPoint, perAxis, distanceMm, spacingOf, toLps, voxelIndex } from '../../geometry/index.ts';
import { gridOf, syntheticEmbedding } from '../../matching/pool/syntheticEmbedding.ts';
import { levelsOf } from './levels.ts';

type Dims = readonly [number, number, number];

function preview(
  dims: Dims,
  values: ArrayLike<number>,
  {
    mask,
    modality = 'CT',
    scale = 1,
  }: { mask?: ArrayLike<number>; modality?: 'CT' | 'MR'; scale?: number } = {},
): PreviewImage {
  const grid = gridOf(dims, [8, 9, 10], [-40, 25, 300]);
  const { volume } = syntheticEmbedding({ grid: gridOf([4, 4, 4], [4, 4, 4], [0, 0, 0]) });
  return {
    volume: { ...volume, modality },
    image: { grid, values: Int16Array.from(values), scale },
    bodyMask: mask === undefined ? new Uint8Array(values.length).fill(1) : Uint8Array.from(mask),
  };
}

const size = fc.integer({ min: 1, max: 7 });
const images = fc.tuple(size, size, size).chain((dims) => {
  const length = dims[0] * dims[1] * dims[2];
  const exactly = { minLength: length, maxLength: length };
  return fc.record({
    dims: fc.constant<Dims>(dims),
    values: fc.array(fc.integer({ min: -2000, max: 2000 }), exactly),
    mask: fc.array(fc.integer({ min: 0, max: 1 }), exactly),
  });
});

/** The voxels of the full image that a voxel of the half one stands for; a single plane stands for both. */
function blockOf(dims: Dims, [i, j, k]: readonly number[]): number[] {
  const along = (n: number, axis: 0 | 1 | 2): number[] =>
    [2 * n, 2 * n + 1].map((x) => Math.min(x, dims[axis] - 1));
  return along(k!, 2).flatMap((z) =>
    along(j!, 1).flatMap((y) => along(i!, 0).map((x) => (z * dims[1] + y) * dims[0] + x)),
  );
}

function indicesOf(dims: Dims): number[][] {
  const [ni, nj, nk] = dims;
  return Array.from({ length: ni * nj * nk }, (_, n) => [
    n % ni,
    Math.floor(n / ni) % nj,
    Math.floor(n / (ni * nj)),
  ]);
}

describe('levelsOf', () => {
  it('cuts CT to lungs, fat, soft tissue and the softest bone', () => {
    const { full } = levelsOf(preview([5, 1, 1], [-1024, -1000, -90, 300, 1200]));
    expect([...full.values]).toEqual([-1000, -1000, -90, 300, 300]);
  });

  it('are made once for an image', () => {
    const image = preview([3, 1, 1], [-400, 10, 200]);
    expect(levelsOf(image)).toBe(levelsOf(image));
  });

  it('reads modality values, not stored ones', () => {
    const { full } = levelsOf(preview([3, 1, 1], [-400, 10, 200], { scale: 2.5 }));
    expect([...full.values]).toEqual([-1000, 25, 300]);
  });

  it('cuts MR at what all but the brightest fiftieth of the body reach, and at 0', () => {
    // 0 to 100 once each in the body, and a flare outside of it.
    const values = [...Array.from({ length: 101 }, (_, n) => n), 30_000, -5];
    const mask = values.map((value) => (value <= 100 && value >= 0 ? 1 : 0));
    const { full } = levelsOf(preview([103, 1, 1], values, { mask, modality: 'MR', scale: 0.5 }));
    expect(Math.max(...full.values)).toBe(49);
    expect(full.values[101]).toBe(49);
    expect(full.values[98]).toBe(49);
    expect(full.values[97]).toBe(48.5);
    expect(full.values[102]).toBe(0);
  });

  it('has a range for an MR image without a body, and for one of zeros', () => {
    for (const mask of [
      [0, 0],
      [1, 1],
    ]) {
      const { full } = levelsOf(preview([2, 1, 1], [0, 0], { mask, modality: 'MR' }));
      expect([...full.values]).toEqual([0, 0]);
    }
  });

  it('names the voxels of the body, ascending', () => {
    fc.assert(
      fc.property(images, ({ dims, values, mask }) => {
        const { full } = levelsOf(preview(dims, values, { mask }));
        expect([...full.body]).toEqual(mask.flatMap((inside, voxel) => (inside === 1 ? [voxel] : [])));
      }),
    );
  });

  it('has means of 2 x 2 x 2 voxels at half the size, and body where half of them are', () => {
    fc.assert(
      fc.property(images, ({ dims, values, mask }) => {
        const { full, half } = levelsOf(preview(dims, values, { mask }));
        expect(half.grid.dims).toEqual(dims.map((n) => Math.max(1, Math.floor(n / 2))));
        const expected = indicesOf(half.grid.dims).map((index) => {
          const block = blockOf(dims, index);
          const mean = block.reduce((sum, voxel) => sum + full.values[voxel]!, 0) / 8;
          return { mean, inside: block.reduce((sum, voxel) => sum + mask[voxel]!, 0) };
        });
        expected.forEach(({ mean }, n) => {
          expect(half.values[n]).toBeCloseTo(mean, 2);
        });
        expect([...half.body]).toEqual(expected.flatMap(({ inside }, n) => (inside >= 4 ? [n] : [])));
      }),
    );
  });

  it('puts a voxel of the half image in the middle of those that it stands for', () => {
    fc.assert(
      fc.property(size, size, size, (ni, nj, nk) => {
        const dims = [ni, nj, nk] as const;
        const { full, half } = levelsOf(preview(dims, new Array<number>(ni * nj * nk).fill(0)));
        for (const [i, j, k] of indicesOf(half.grid.dims)) {
          const block = blockOf(dims, [i!, j!, k!]).map((voxel) =>
            toLps(
              full.grid.voxelToLps,
              voxelIndex(voxel % ni, Math.floor(voxel / ni) % nj, Math.floor(voxel / (ni * nj))),
            ),
          );
          const centre = perAxis((axis) => block.reduce((sum, p) => sum + p[axis], 0) / 8);
          const place = toLps(half.grid.voxelToLps, voxelIndex(i!, j!, k!));
          expect(distanceMm(place, lpsPoint(...centre))).toBeLessThan(1e-9);
        }
        expect(spacingOf(half.grid.voxelToLps)).toEqual([16, 18, 20]);
      }),
    );
  });
});
