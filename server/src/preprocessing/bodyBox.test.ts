import fc from 'fast-check';
import { affineFromColumns, invert, lpsPoint, toVoxel } from '../geometry/index.ts';
import { workingGrid } from '../volume/index.ts';
import { bodyGrid } from './bodyBox.ts';
import { testBody } from './testing/body.ts';

const AIR_HU = -1024;

describe('bodyGrid', () => {
  it('holds the body and its margin, whole voxels of the grid, and omits table and air', () => {
    // Ellipse of 0.4 x 0.3 of 240 mm around (x, y): half axes 96 and 72 mm; through all slices.
    const origins = fc.tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -300, max: 300 }));
    fc.assert(
      fc.property(origins, fc.constantFrom(2, 3, 4), ([x, y], spacing) => {
        const voxelToLps = affineFromColumns([3, 0, 0], [0, 3, 0], [0, 0, 4], [x, y, 50]);
        const volume = testBody({ dims: [80, 80, 12], voxelToLps });
        const grid = workingGrid(volume, spacing);
        const cut = bodyGrid(volume, grid, AIR_HU);
        const [centreX, centreY] = [x + 118.5, y + 118.5];
        const lpsToVoxel = invert(cut.voxelToLps);
        for (const [dx, dy] of [
          [-96, 0],
          [96, 0],
          [0, -72],
          [0, 72],
        ] as const) {
          const [i, j] = toVoxel(lpsToVoxel, lpsPoint(centreX + dx, centreY + dy, 60));
          expect(Math.min(i, j)).toBeGreaterThan(0);
          expect(i).toBeLessThan(cut.dims[0]);
          expect(j).toBeLessThan(cut.dims[1]);
        }
        expect(cut.dims[1] * spacing).toBeLessThan(144 + 2 * 16 + 2 * 8 + spacing);
        expect(cut.dims[2]).toBe(grid.dims[2]);
        const corner = toVoxel(invert(grid.voxelToLps), lpsPoint(cut.voxelToLps[3], cut.voxelToLps[7], 50));
        expect(corner[0]).toBeCloseTo(Math.round(corner[0]), 6);
        expect(corner[1]).toBeCloseTo(Math.round(corner[1]), 6);
      }),
      { numRuns: 20 },
    );
  });

  it('is the grid itself for air, and for a field of view inside the body', () => {
    for (const value of [-1000, 40]) {
      const volume = testBody();
      volume.data.fill(value);
      const grid = workingGrid(volume, 2);
      expect(bodyGrid(volume, grid, AIR_HU)).toEqual(grid);
    }
  });
});
