import fc from 'fast-check';
import {
  affineFromColumns,
  axisStep,
  distanceMm,
  lpsPoint,
  toLps,
  voxelIndex,
} from '../../../server/src/geometry/index.ts';
import { evenly } from '../../../server/src/geometry/testing/evenly.ts';
import { readNifti } from '../../../server/src/nifti/index.ts';
import type { Grid } from '../../../server/src/volume/index.ts';
import { axialGrid, axisDistancesMm, indexOf, placeOf, readRows, sameIndex, snapped } from './indices.ts';
import { niftiFile } from './testing.ts';

type Triple = readonly [number, number, number];

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

const sizes = fc.tuple(...([2, 3, 4] as const).map((least) => fc.integer({ min: least, max: least + 4 })));
const spacings = fc.tuple(
  ...Array.from({ length: 3 }, () => fc.integer({ min: 1, max: 20 }).map((n) => n / 4)),
);
const origins = fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: -300, max: 300 })));
/** The grid as slices are read, and how a file stores it: which axis first, and which from its other end. */
const stored = fc.record({
  dims: sizes,
  spacing: spacings,
  origin: origins,
  order: fc.constantFrom(...ORDERS),
  flips: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
});

/** Columns to the left, rows to posterior, slices to inferior. */
function read(dims: readonly number[], spacing: readonly number[], origin: readonly number[]): Grid {
  const [x = NaN, y = NaN, z = NaN] = spacing;
  return {
    dims: dims as unknown as Triple,
    voxelToLps: affineFromColumns([x, 0, 0], [0, y, 0], [0, 0, -z], origin as unknown as Triple),
  };
}

describe('readRows', () => {
  it('reads blanks, tabs and commas, and ignores empty lines', () => {
    expect(readRows('1\t2\t3\r\n\n 4\t 5\t 6\t\n7.5,8.00000,-9\n', 'a.txt')).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7.5, 8, -9],
    ]);
  });

  it.each(['1 2', '1 2 3 4', '1 2 x', 'x,y,z'])('refuses "%s" with file and line', (line) => {
    expect(() => readRows(`1 2 3\n${line}\n`, 'a.txt')).toThrow(/a\.txt, line 2: expected three numbers/);
  });
});

describe('placeOf', () => {
  it('gives the centre of a voxel, up to its faces', () => {
    const grid = read([4, 5, 6], [1, 2, 3], [10, 20, 30]);
    expect(placeOf(grid, [0, 0, 0], 'p')).toEqual([10, 20, 30]);
    expect(placeOf(grid, [3, 4, 5], 'p')).toEqual([13, 28, 15]);
    expect(placeOf(grid, [3.5, -0.5, 0], 'p')).toEqual([13.5, 19, 30]);
  });

  it('refuses what lies outside, with the name of the point', () => {
    const grid = read([4, 5, 6], [1, 1, 1], [0, 0, 0]);
    expect(() => placeOf(grid, [4, 0, 0], 'a.txt, landmark 7')).toThrow(
      /a\.txt, landmark 7: the index \(4, 0, 0\) lies outside the volume of 4 x 5 x 6 voxels/,
    );
    expect(() => placeOf(grid, [0, -0.6, 0], 'p')).toThrow(/outside/);
    expect(() => placeOf(grid, [NaN, 0, 0], 'p')).toThrow(/outside/);
  });
});

describe('axialGrid', () => {
  it('finds the voxel of an annotation in every order in which a file can store the volume', () => {
    fc.assert(
      fc.property(stored, ({ dims, spacing, origin, order, flips }) => {
        const asRead = read(dims, spacing, origin);
        const value = (index: Triple): number => index[0] + 10 * index[1] + 100 * index[2];
        // Index of the file to index as slices are read.
        const unstored = (index: Triple): Triple => {
          const out: [number, number, number] = [0, 0, 0];
          order.forEach((axis, n) => {
            out[axis] = flips[n] === true ? dims[axis]! - 1 - index[n]! : index[n]!;
          });
          return out;
        };
        const at = (index: Triple): Triple => toLps(asRead.voxelToLps, voxelIndex(...unstored(index)));
        const first = at([0, 0, 0]);
        const step = (index: Triple): Triple => {
          const [x, y, z] = at(index);
          return [x - first[0], y - first[1], z - first[2]];
        };
        const file: Grid = {
          dims: order.map((axis) => dims[axis]!) as unknown as Triple,
          voxelToLps: affineFromColumns(step([1, 0, 0]), step([0, 1, 0]), step([0, 0, 1]), first),
        };
        const volume = readNifti(niftiFile(file, (i, j, k) => value(unstored([i, j, k]))));
        const found = axialGrid(volume)!;
        expect(found.dims).toEqual(dims);
        for (const index of [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], dims.map((n) => n - 1)]) {
          const place = placeOf(found, index as unknown as Triple, 'annotation');
          expect(
            distanceMm(place, toLps(asRead.voxelToLps, voxelIndex(...(index as unknown as Triple)))),
          ).toBeLessThan(1e-3);
          const [i, j, k] = indexOf(volume, place).map(Math.round) as [number, number, number];
          expect(volume.data[i + volume.dims[0] * (j + volume.dims[1] * k)]).toBe(
            value(index as unknown as Triple),
          );
        }
      }),
    );
  });

  it('has its first voxel at the right, front and top of the patient', () => {
    fc.assert(
      fc.property(stored, ({ dims, spacing, origin }) => {
        const { voxelToLps } = axialGrid(read(dims, spacing, origin))!;
        expect(axisStep(voxelToLps, 0)[0]).toBeGreaterThan(0);
        expect(axisStep(voxelToLps, 1)[1]).toBeGreaterThan(0);
        expect(axisStep(voxelToLps, 2)[2]).toBeLessThan(0);
      }),
    );
  });

  it('reads the affine of DL_save_nifti.py: rows first, then columns, slices downwards', () => {
    // RAS rows of its matrix: [0, -s, 0], [-s, 0, 0], [0, 0, -t].
    const file: Grid = {
      dims: [5, 4, 3],
      voxelToLps: affineFromColumns([0, 0.5, 0], [0.5, 0, 0], [0, 0, -2], [0, 0, 0]),
    };
    const grid = axialGrid(file)!;
    expect(grid.dims).toEqual([4, 5, 3]);
    expect(placeOf(grid, [3, 1, 2], 'column 3, row 1, slice 2')).toEqual([1.5, 0.5, -4]);
  });

  it('refuses an oblique grid', () => {
    const [c, s] = [Math.cos(0.1), Math.sin(0.1)];
    const voxelToLps = affineFromColumns([c, s, 0], [-s, c, 0], [0, 0, 1], [0, 0, 0]);
    expect(axialGrid({ dims: [2, 2, 2], voxelToLps })).toBeUndefined();
  });
});

describe('distances in a grid', () => {
  const grid = read([10, 10, 10], [0.5, 2, 5], [1, 2, 3]);

  it('snaps to the centre of the voxel, at most half a voxel away on each axis', () => {
    expect(snapped(grid, lpsPoint(1.6, 2.9, -1))).toEqual([1.5, 2, -2]);
    fc.assert(
      fc.property(fc.tuple(evenly(0, 4), evenly(0, 18)), ([x, y]) => {
        const point = lpsPoint(1 + x, 2 + y, 3);
        const [dx, dy, dz] = axisDistancesMm(grid, point, snapped(grid, point));
        expect(dx).toBeLessThanOrEqual(0.25 + 1e-9);
        expect(dy).toBeLessThanOrEqual(1 + 1e-9);
        expect(dz).toBeLessThan(1e-9);
      }),
    );
  });

  it('splits a distance along columns, rows and slices', () => {
    const [x, y, z] = axisDistancesMm(grid, lpsPoint(1, 2, 3), lpsPoint(-2, 6, 15));
    expect([x, y, z].map((mm) => Number(mm.toFixed(9)))).toEqual([3, 4, 12]);
  });

  it('maps an index to the same index of another grid', () => {
    const other = read([10, 10, 10], [1, 1, 1], [0, 0, 0]);
    expect(sameIndex(grid, other, lpsPoint(2, 6, -7))).toEqual([2, 2, -2]);
  });
});
