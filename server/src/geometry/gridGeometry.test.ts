import fc from 'fast-check';
import { affineFromColumns, spacingOf, toLps } from './affine.ts';
import { clampToStack, locateInStack } from './gridGeometry.ts';
import type { Affine } from './affine.ts';
import { distanceMm, lpsPoint, voxelIndex } from './points.ts';
import { evenly } from './testing/evenly.ts';

describe('locateInStack', () => {
  const axial = {
    dims: [100, 80, 20] as const,
    voxelToLps: affineFromColumns([0.5, 0, 0], [0, 0.5, 0], [0, 0, 5], [-20, -10, 300]),
  };

  it('gives slice, pixel and distances of a point inside', () => {
    const position = locateInStack(axial, lpsPoint(-14.75, 0, 311));
    expect(position.slice).toBe(2);
    expect(position.column).toBeCloseTo(10.5, 9);
    expect(position.row).toBeCloseTo(20, 9);
    expect(position.offPlaneMm).toBeCloseTo(1, 9);
    expect(position.outsideMm).toBe(0);
  });

  it('measures from the outer voxel faces: half a slice beyond the last centre is inside', () => {
    expect(locateInStack(axial, lpsPoint(0, 0, 397.4)).outsideMm).toBe(0);
    const beyond = locateInStack(axial, lpsPoint(0, 0, 400.5));
    expect(beyond.outsideMm).toBeCloseTo(3, 9);
    expect(beyond.slice).toBe(19);
    expect(beyond.offPlaneMm).toBeCloseTo(5.5, 9);
    // 3 mm and 4 mm off two faces: x from -20.25, y from -10.25.
    expect(locateInStack(axial, lpsPoint(-23.25, -14.25, 310)).outsideMm).toBeCloseTo(5, 9);
  });

  it('drops a perpendicular on a tilted slice instead of following the oblique slice axis', () => {
    // Rows tilted by 30 degrees (gantry), slices stacked along z every 5 mm.
    const [cos, sin] = [Math.sqrt(3) / 2, 0.5];
    const tilted = {
      dims: [10, 10, 10] as const,
      voxelToLps: affineFromColumns([1, 0, 0], [0, cos, sin], [0, 0, 5], [0, 0, 0]),
    };
    // Half a slice above pixel (4, 5) of slice 2 along z: height 2.4 cos 30°, foot 2.4 sin 30° further along the rows.
    const position = locateInStack(tilted, lpsPoint(4, 5 * cos, 10 + 5 * sin + 2.4));
    expect(position.slice).toBe(2);
    expect(position.offPlaneMm).toBeCloseTo(2.4 * cos, 9);
    expect(position.column).toBeCloseTo(4, 9);
    expect(position.row).toBeCloseTo(5 + 2.4 * sin, 9);
  });

  it('clamps an index to the outer voxel faces', () => {
    expect(clampToStack(axial, voxelIndex(-3, 79.2, 25))).toEqual([-0.5, 79.2, 19.5]);
    expect(clampToStack(axial, voxelIndex(4, 80.5, 3))).toEqual([4, 79.5, 3]);
  });
});

describe('any stack of slices, also a sheared one', () => {
  /** Rows along x turned about z, columns tilted out of the plane, slices stacked along z: a gantry tilt. */
  const stacks = fc
    .record({
      turn: evenly(-3, 3),
      tilt: evenly(-0.5, 0.5),
      spacing: fc.tuple(evenly(0.3, 3), evenly(0.3, 3), evenly(0.5, 8)),
      origin: fc.tuple(evenly(-300, 300), evenly(-300, 300), evenly(-300, 300)),
      dims: fc.tuple(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
      ),
    })
    .map(({ turn, tilt, spacing: [i, j, k], origin, dims }) => {
      const [c, s] = [Math.cos(turn), Math.sin(turn)];
      const [ct, st] = [Math.cos(tilt), Math.sin(tilt)];
      const voxelToLps: Affine = affineFromColumns(
        [i * c, i * s, 0],
        [-j * s * ct, j * c * ct, j * st],
        [0, 0, k],
        origin,
      );
      return { dims, voxelToLps } as const;
    });
  const places = fc.tuple(evenly(-10, 50), evenly(-10, 50), evenly(-10, 50));

  it('names a slice of the stack, and no other one is nearer', () => {
    fc.assert(
      fc.property(stacks, places, (stack, place) => {
        const point = toLps(stack.voxelToLps, voxelIndex(...place));
        const { slice, offPlaneMm } = locateInStack(stack, point);
        expect(slice).toBeGreaterThanOrEqual(0);
        expect(slice).toBeLessThan(stack.dims[2]);
        for (const other of [slice - 1, slice + 1].filter((k) => k >= 0 && k < stack.dims[2])) {
          const oneSlice = {
            dims: [stack.dims[0], stack.dims[1], 1] as const,
            voxelToLps: moved(stack, other),
          };
          expect(locateInStack(oneSlice, point).offPlaneMm).toBeGreaterThanOrEqual(offPlaneMm - 1e-6);
        }
      }),
    );
  });

  it('drops a perpendicular: the foot, the height and the point make a right angle', () => {
    fc.assert(
      fc.property(stacks, places, (stack, place) => {
        const point = toLps(stack.voxelToLps, voxelIndex(...place));
        const { slice, column, row, offPlaneMm } = locateInStack(stack, point);
        const foot = toLps(stack.voxelToLps, voxelIndex(column, row, slice));
        expect(distanceMm(foot, point)).toBeCloseTo(offPlaneMm, 6);
        for (const [c, r] of [
          [column + 3, row],
          [column, row - 2],
        ] as const) {
          const beside = toLps(stack.voxelToLps, voxelIndex(c, r, slice));
          const hypotenuse = Math.hypot(distanceMm(foot, beside), offPlaneMm);
          expect(distanceMm(beside, point)).toBeCloseTo(hypotenuse, 6);
        }
      }),
    );
  });

  it('is outside exactly where clamping moves the index', () => {
    fc.assert(
      fc.property(stacks, places, (stack, place) => {
        const index = voxelIndex(...place);
        const clamped = clampToStack(stack, index);
        const { outsideMm } = locateInStack(stack, toLps(stack.voxelToLps, index));
        const moves = Math.max(...clamped.map((x, axis) => Math.abs(x - index[axis]!)));
        if (moves === 0) expect(outsideMm).toBeLessThan(1e-6);
        if (moves > 1e-6) {
          const mm = moves * Math.min(...spacingOf(stack.voxelToLps));
          expect(outsideMm).toBeGreaterThan(mm / 10);
        }
        expect(clampToStack(stack, clamped)).toEqual(clamped);
      }),
    );
  });

  function moved({ voxelToLps }: { readonly voxelToLps: Affine }, slice: number): Affine {
    const m = voxelToLps;
    const [x, y, z] = toLps(m, voxelIndex(0, 0, slice));
    return [m[0], m[1], m[2], x, m[4], m[5], m[6], y, m[8], m[9], m[10], z];
  }
});
