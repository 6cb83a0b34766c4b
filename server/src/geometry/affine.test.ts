import fc from 'fast-check';
import {
  affineFromColumns,
  axisStep,
  compose,
  determinant,
  invert,
  spacingOf,
  toLps,
  toVoxel,
  withOriginAt,
} from './affine.ts';
import type { Affine } from './affine.ts';
import { distanceMm, voxelIndex } from './points.ts';
import type { LpsPoint, VoxelIndex } from './points.ts';
import { evenly } from './testing/evenly.ts';
import { perAxis } from './axes.ts';

/** Inverting a grid of 0.2 to 10 mm and mapping back loses less than this: far below any voxel. */
const TOLERANCE_MM = 1e-6;

const spacing = evenly(0.2, 10);
const coordinate = evenly(-1000, 1000);
const angle = evenly(-Math.PI, Math.PI);

/** A rotated, anisotropic grid: rotation about z, then about x, times spacing. */
const grids = fc
  .tuple(angle, angle, spacing, spacing, spacing, coordinate, coordinate, coordinate)
  .map(([yaw, tilt, si, sj, sk, x, y, z]): Affine => {
    const [cy, sy, ct, st] = [Math.cos(yaw), Math.sin(yaw), Math.cos(tilt), Math.sin(tilt)];
    return affineFromColumns(
      [si * cy, si * sy * ct, si * sy * st],
      [-sj * sy, sj * cy * ct, sj * cy * st],
      [0, -sk * st, sk * ct],
      [x, y, z],
    );
  });
const indices = fc.tuple(coordinate, coordinate, coordinate).map(([i, j, k]) => voxelIndex(i, j, k));

/** A map of the world onto itself. */
function applied(map: Affine, [x, y, z]: LpsPoint | VoxelIndex): LpsPoint {
  return toLps(map, voxelIndex(x, y, z));
}

describe('affine', () => {
  it('maps a voxel to the world and back', () => {
    fc.assert(
      fc.property(grids, indices, (grid, index) => {
        const world = toLps(grid, index);
        expect(distanceMm(toLps(grid, toVoxel(invert(grid), world)), world)).toBeLessThan(TOLERANCE_MM);
      }),
    );
  });

  it('composes with its inverse to the identity', () => {
    fc.assert(
      fc.property(grids, indices, (grid, index) => {
        const identity = compose(invert(grid), grid);
        const back = toLps(identity, index);
        back.forEach((value, axis) => {
          expect(value).toBeCloseTo(index[axis] ?? NaN, 5);
        });
      }),
    );
  });

  it('gives spacing and voxel volume of an orthogonal grid', () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const [si, sj, sk] = spacingOf(grid);
        expect(Math.abs(determinant(grid))).toBeCloseTo(si * sj * sk, 6);
      }),
    );
  });

  it('moves the origin to a given index', () => {
    const grid = affineFromColumns([0.5, 0, 0], [0, 0.5, 0], [0, 0, 2], [10, 20, 30]);
    expect(toLps(withOriginAt(grid, voxelIndex(2, 4, 5)), voxelIndex(0, 0, 0))).toEqual([11, 22, 40]);
  });

  it('refuses a degenerate grid', () => {
    expect(() => invert(affineFromColumns([1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]))).toThrow(/singular/);
  });

  it('applies the first map first', () => {
    const turn = affineFromColumns([0, 1, 0], [-1, 0, 0], [0, 0, 1], [0, 0, 0]);
    const shift = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [5, 0, 0]);
    expect(toLps(compose(turn, shift), voxelIndex(1, 0, 0))).toEqual([0, 6, 0]);
    expect(toLps(compose(shift, turn), voxelIndex(1, 0, 0))).toEqual([5, 1, 0]);
  });

  it('composes maps as it applies them, one after the other, in any grouping', () => {
    fc.assert(
      fc.property(grids, grids, grids, indices, (a, b, c, index) => {
        const stepwise = applied(a, applied(b, applied(c, index)));
        const scale = 1 + Math.max(...stepwise.map(Math.abs));
        for (const composed of [compose(compose(a, b), c), compose(a, compose(b, c))])
          expect(distanceMm(toLps(composed, index), stepwise) / scale).toBeLessThan(1e-9);
      }),
    );
  });

  it('multiplies volumes when it composes, and inverts them when it inverts', () => {
    fc.assert(
      fc.property(grids, grids, (a, b) => {
        expect(determinant(compose(a, b)) / (determinant(a) * determinant(b))).toBeCloseTo(1, 9);
        expect(determinant(invert(a)) * determinant(a)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('steps from a voxel to the next one along each axis', () => {
    fc.assert(
      fc.property(grids, indices, (grid, index) => {
        for (const axis of [0, 1, 2] as const) {
          const next = perAxis((other) => index[other] + (other === axis ? 1 : 0));
          const [from, to] = [toLps(grid, index), toLps(grid, voxelIndex(...next))];
          axisStep(grid, axis).forEach((mm, coordinateAxis) => {
            expect(to[coordinateAxis]! - from[coordinateAxis]!).toBeCloseTo(mm, 6);
          });
        }
      }),
    );
  });

  it('keeps the axes of a grid whose origin moves', () => {
    fc.assert(
      fc.property(grids, indices, (grid, index) => {
        const shifted = withOriginAt(grid, index);
        for (const axis of [0, 1, 2] as const) expect(axisStep(shifted, axis)).toEqual(axisStep(grid, axis));
        expect(distanceMm(toLps(shifted, voxelIndex(0, 0, 0)), toLps(grid, index))).toBeLessThan(
          TOLERANCE_MM,
        );
      }),
    );
  });

  it('refuses a grid that holds what is no number, and says the determinant', () => {
    expect(() => invert(affineFromColumns([NaN, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]))).toThrow(
      'affine is singular: determinant NaN',
    );
  });
});
