import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Point2, Point3, Viewport } from '../ohif.d.ts';
import { gridKey, gridOf } from './grid.ts';
import { placeOf } from './planeMap.ts';

/** A viewport of 800 x 600 pixels that shows an oblique plane, turned and zoomed. */
function viewportOf(turn: number, tilt: number, mmPerPixel: number, size: Point2 = [800, 600]): Viewport {
  const canvasToWorld = ([x, y]: Point2): Point3 => {
    const [u, v] = [(x - 400) * mmPerPixel, (y - 300) * mmPerPixel];
    const [across, down] = [u * Math.cos(turn) - v * Math.sin(turn), u * Math.sin(turn) + v * Math.cos(turn)];
    return [across, down * Math.cos(tilt), down * Math.sin(tilt) - 40];
  };
  const element = { clientWidth: size[0], clientHeight: size[1] };
  return { element, canvasToWorld } as unknown as Viewport;
}

describe('the places of a picture', () => {
  test('lie where the viewport shows them, however it is turned and zoomed', () => {
    const angle = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        angle,
        angle,
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.nat(900),
        (turn, tilt, scale, n) => {
          const viewport = viewportOf(turn, tilt, scale);
          const grid = gridOf(viewport)!;
          const [column, row] = [n % grid.columns, (7 * n) % grid.rows];
          const shown = viewport.canvasToWorld([(column + 0.5) * grid.stepPx, (row + 0.5) * grid.stepPx]);
          placeOf(grid, column, row).forEach((mm, axis) => {
            expect(mm).toBeCloseTo(shown[axis] ?? NaN, 6);
          });
          expect(grid.stepMm).toBeCloseTo(grid.stepPx * scale, 6);
        },
      ),
    );
  });

  test('cover the viewport, and are not too many', () => {
    const { columns, rows, stepPx } = gridOf(viewportOf(0, 0, 1), 5000)!;
    expect(columns * rows).toBeLessThan(5400);
    expect([columns * stepPx >= 800, rows * stepPx >= 600]).toEqual([true, true]);
    expect(gridOf(viewportOf(0, 0, 1, [40, 30]))).toMatchObject({ columns: 40, rows: 30, stepPx: 1 });
  });

  test('of a viewport without a size, or without a plane, are none', () => {
    expect(gridOf(viewportOf(0, 0, 1, [0, 600]))).toBeUndefined();
    expect(gridOf(viewportOf(0, 0, 0))).toBeUndefined();
    expect(gridOf(viewportOf(NaN, 0, 1))).toBeUndefined();
  });

  test('have another key when the plane moves, turns or is zoomed', () => {
    const keys = [
      viewportOf(0, 0, 1),
      viewportOf(0.1, 0, 1),
      viewportOf(0, 0.1, 1),
      viewportOf(0, 0, 1.1),
    ].map((one) => gridKey(gridOf(one)!));
    expect(new Set(keys).size).toBe(4);
    expect(gridKey(gridOf(viewportOf(0, 0, 1))!)).toBe(keys[0]);
  });
});
