import fc from 'fast-check';
import { invert, lpsPoint, toLps, toVoxel, voxelIndex } from '../geometry/index.ts';
import { gridOf } from '../matching/pool/syntheticEmbedding.ts';
import { CORNERS, dot, indexOf, latticeOf, locate } from './sampling.ts';
import type { CellPosition } from './sampling.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const size = fc.integer({ min: 1, max: 6 });
const sizes = fc.tuple(size, size, size);
const coordinate = evenly(-3, 8);
const indices = fc.tuple(coordinate, coordinate, coordinate);

function located(
  dims: readonly [number, number, number],
  index: readonly [number, number, number],
): CellPosition {
  const at: CellPosition = { cell: -1, fi: NaN, fj: NaN, fk: NaN };
  locate(latticeOf(gridOf(dims, [2, 3, 4], [5, 6, 7])), index, at);
  return at;
}

/** Corners of a cell with their trilinear weights. */
function weighted(
  dims: readonly [number, number, number],
  { cell, fi, fj, fk }: CellPosition,
): { voxel: number; weight: number }[] {
  const { cornerOffsets } = latticeOf(gridOf(dims, [2, 3, 4], [5, 6, 7]));
  return Array.from({ length: CORNERS }, (_, corner) => {
    const along = [fi, fj, fk].map((f, axis) => (((corner >> axis) & 1) === 1 ? f : 1 - f));
    return { voxel: cell + cornerOffsets[corner]!, weight: along[0]! * along[1]! * along[2]! };
  });
}

describe('locate', () => {
  it('gives a cell whose corners are voxels, with fractions from 0 to 1', () => {
    fc.assert(
      fc.property(sizes, indices, (dims, index) => {
        const at = located(dims, index);
        for (const fraction of [at.fi, at.fj, at.fk]) {
          expect(fraction).toBeGreaterThanOrEqual(0);
          expect(fraction).toBeLessThanOrEqual(1);
        }
        for (const { voxel, weight } of weighted(dims, at)) {
          expect(voxel).toBeGreaterThanOrEqual(0);
          expect(voxel).toBeLessThan(dims[0] * dims[1] * dims[2]);
          expect(weight).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('interpolates what is linear exactly, and continues the edge beyond the outer centres', () => {
    fc.assert(
      fc.property(sizes, indices, (dims, index) => {
        const linear = ([i, j, k]: readonly number[]): number => 3 * i! - 2 * j! + 0.5 * k! + 1;
        const clamped = index.map((x, axis) => Math.min(Math.max(x, 0), dims[axis]! - 1));
        const sum = weighted(dims, located(dims, index)).reduce(
          (all, { voxel, weight }) => all + weight * linear(indexOf(dims, voxel)),
          0,
        );
        expect(sum).toBeCloseTo(linear(clamped), 9);
      }),
    );
  });

  it('is continuous where two cells meet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), (at) => {
        const dims = [4, 3, 3] as const;
        const value = (x: number): number =>
          weighted(dims, located(dims, [x, 1.3, 0.7])).reduce(
            (all, { voxel, weight }) => all + weight * Math.sin(17 * voxel),
            0,
          );
        expect(value(at + 1e-9)).toBeCloseTo(value(at - 1e-9), 6);
      }),
    );
  });
});

describe('latticeOf', () => {
  it('inverts the grid', () => {
    const grid = gridOf([4, 5, 6], [2, 3, 4], [-10, 20, 30]);
    expect(latticeOf(grid)).toMatchObject({ dims: [4, 5, 6], lpsToVoxel: invert(grid.voxelToLps) });
    expect(toVoxel(latticeOf(grid).lpsToVoxel, lpsPoint(-8, 26, 42))).toEqual([1, 2, 3]);
  });

  it('has no second corner along an axis of one voxel', () => {
    expect([...latticeOf(gridOf([4, 3, 2], [1, 1, 1], [0, 0, 0])).cornerOffsets]).toEqual([
      0, 1, 4, 5, 12, 13, 16, 17,
    ]);
    expect([...latticeOf(gridOf([1, 3, 2], [1, 1, 1], [0, 0, 0])).cornerOffsets]).toEqual([
      0, 0, 1, 1, 3, 3, 4, 4,
    ]);
    expect([...latticeOf(gridOf([1, 1, 1], [1, 1, 1], [0, 0, 0])).cornerOffsets]).toEqual(
      new Array(CORNERS).fill(0),
    );
  });
});

describe('indexOf', () => {
  it('undoes the flat index: i fastest, then j, then k', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (dims, n) => {
        const flat = n % (dims[0] * dims[1] * dims[2]);
        const [i, j, k] = indexOf(dims, flat);
        expect((k * dims[1] + j) * dims[0] + i).toBe(flat);
        expect(i < dims[0] && j < dims[1] && k < dims[2]).toBe(true);
      }),
    );
  });

  it('agrees with the world: neighbours in the array along i are neighbours along x', () => {
    const grid = gridOf([4, 5, 6], [2, 3, 4], [-10, 20, 30]);
    expect(toLps(grid.voxelToLps, indexOf(grid.dims, 1))).toEqual(
      toLps(grid.voxelToLps, voxelIndex(1, 0, 0)),
    );
    expect(toLps(grid.voxelToLps, indexOf(grid.dims, 4))).toEqual([-10, 23, 30]);
    expect(toLps(grid.voxelToLps, indexOf(grid.dims, 20))).toEqual([-10, 20, 34]);
  });
});

describe('dot', () => {
  it('is bilinear and symmetric', () => {
    const vectors = fc.array(evenly(-9, 9), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(vectors, vectors, (a, b) => {
        const [u, v] = [Float64Array.from(a), Float64Array.from(b)];
        expect(dot(u, v)).toBe(dot(v, u));
        expect(
          dot(
            u.map((x) => 2 * x),
            v,
          ),
        ).toBeCloseTo(2 * dot(u, v), 9);
      }),
    );
  });
});
