import fc from 'fast-check';
import { perAxis } from '../geometry/index.ts';
import { capsule, cylinder, ellipsoid, tube, within } from './shapes.ts';
import type { Part, Point, Tissue } from './shapes.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const TISSUE: Tissue = { hu: 40, grainHu: 5 };
const WOBBLING: Tissue = { hu: 40, grainHu: 5, wobbleMm: 2 };

const points = fc.tuple(evenly(-60, 60), evenly(-60, 60), evenly(-60, 60));
const radii = fc.tuple(evenly(3, 40), evenly(3, 40), evenly(3, 40));
const angles = evenly(-180, 180);

/** A point in the frame of an ellipsoid that is turned about z. */
function turned([x, y, z]: Point, centre: Point, deg: number): Point {
  const [c, s] = [Math.cos((deg * Math.PI) / 180), Math.sin((deg * Math.PI) / 180)];
  const [dx, dy] = [x - centre[0], y - centre[1]];
  return [c * dx + s * dy, c * dy - s * dx, z - centre[2]];
}

/** Distance from a segment, by looking along it. */
function fromSegment(p: Point, a: Point, b: Point): { mm: number; share: number } {
  const way = b.map((x, axis) => x - a[axis]!);
  const squared = way.reduce((sum, x) => sum + x * x, 0) || 1;
  const along = way.reduce((sum, x, axis) => sum + x * (p[axis]! - a[axis]!), 0) / squared;
  const share = Math.min(Math.max(along, 0), 1);
  return { mm: Math.hypot(...p.map((x, axis) => x - a[axis]! - share * way[axis]!)), share };
}

/** Where a shape is, or may be once its surface wobbles, its box is. */
function expectBoxed(part: Part, point: Point, marginMm: number): void {
  if (part.depth(...point) <= -marginMm) return;
  point.forEach((x, axis) => {
    expect(x).toBeGreaterThanOrEqual(part.min[axis]!);
    expect(x).toBeLessThanOrEqual(part.max[axis]!);
  });
}

describe('an ellipsoid', () => {
  it('is inside where its equation says so', () => {
    fc.assert(
      fc.property(points, points, radii, angles, (point, centre, axes, deg) => {
        const level = Math.hypot(...turned(point, centre, deg).map((x, axis) => x / axes[axis]!));
        fc.pre(Math.abs(level - 1) > 1e-9);
        expect(ellipsoid(centre, axes, TISSUE, deg).depth(...point) > 0).toBe(level < 1);
      }),
    );
  });

  it('has depths in millimetres near its surface, and its least radius in the middle', () => {
    fc.assert(
      fc.property(radii, angles, evenly(-0.5, 0.5), (axes, deg, mm) => {
        const shape = ellipsoid([1, 2, 3], axes, TISSUE, deg);
        const [c, s] = [Math.cos((deg * Math.PI) / 180), Math.sin((deg * Math.PI) / 180)];
        // At the ends of its axes the surface is perpendicular to the axis.
        expect(shape.depth(1 + c * (axes[0] - mm), 2 + s * (axes[0] - mm), 3)).toBeCloseTo(mm, 6);
        expect(shape.depth(1, 2, 3 + axes[2] - mm)).toBeCloseTo(mm, 6);
        expect(shape.depth(1, 2, 3)).toBe(Math.min(...axes));
      }),
    );
  });

  it('lies in its box, whichever way it is turned and however it wobbles', () => {
    fc.assert(
      fc.property(points, points, radii, angles, (way, centre, axes, deg) => {
        // From the middle along any way to just below the surface.
        const length = Math.hypot(...way) || 1;
        const [x, y, z] = perAxis((axis) => (0.999 * way[axis] * axes[axis]) / length);
        const [dx, dy] = turned([x, y, 0], [0, 0, 0], -deg);
        const surface: Point = [centre[0] + dx, centre[1] + dy, centre[2] + z];
        for (const tissue of [TISSUE, WOBBLING]) {
          const shape = ellipsoid(centre, axes, tissue, deg);
          expect(shape.depth(...surface)).toBeGreaterThanOrEqual(0);
          expectBoxed(shape, surface, 0);
        }
      }),
    );
    const [plain, wobbling] = [TISSUE, WOBBLING].map((tissue) => ellipsoid([0, 0, 0], [9, 9, 9], tissue));
    // Three standard deviations of 2 mm.
    expect(plain!.min[0] - wobbling!.min[0]).toBeCloseTo(6, 9);
  });

  it('turns about z from x to y', () => {
    const long = ellipsoid([0, 0, 0], [30, 5, 5], TISSUE, 90);
    expect(long.depth(0, 25, 0)).toBeGreaterThan(0);
    expect(long.depth(25, 0, 0)).toBeLessThan(0);
    const oblique = ellipsoid([0, 0, 0], [30, 5, 5], TISSUE, 45);
    expect(oblique.depth(15, 15, 0)).toBeGreaterThan(0);
    expect(oblique.depth(15, -15, 0)).toBeLessThan(0);
  });
});

describe('a tube', () => {
  it('is as deep as the distance from its middle line says', () => {
    fc.assert(
      fc.property(points, points, points, evenly(1, 12), evenly(1, 12), (p, a, b, from, to) => {
        const { mm, share } = fromSegment(p, a, b);
        const shape = capsule(a, b, from, to, TISSUE);
        expect(shape.depth(...p)).toBeCloseTo(from + share * (to - from) - mm, 6);
        expectBoxed(shape, p, 0);
      }),
    );
  });

  it('of no length is a ball', () => {
    const ball = capsule([5, 6, 7], [5, 6, 7], 4, 4, TISSUE);
    expect(ball.depth(5, 6, 7)).toBe(4);
    expect(ball.depth(5, 6, 12)).toBe(-1);
  });

  it('has the same radius where two of its pieces meet, and the requested ones at its ends', () => {
    const path: Point[] = [
      [0, 0, 0],
      [10, 0, 0],
      [10, 20, 0],
      [10, 20, 5],
    ];
    const pieces = tube(path, 6, 3, TISSUE);
    expect(pieces).toHaveLength(3);
    expect(pieces[0]!.depth(0, 0, 0)).toBeCloseTo(6, 9);
    expect(pieces[2]!.depth(10, 20, 5)).toBeCloseTo(3, 9);
    path.slice(1, -1).forEach((joint, n) => {
      expect(pieces[n]!.depth(...joint)).toBeCloseTo(pieces[n + 1]!.depth(...joint), 9);
    });
  });

  it('needs two points', () => {
    expect(tube([[1, 2, 3]], 4, 4, TISSUE)).toEqual([]);
  });
});

describe('an upright cylinder', () => {
  it('is inside where radius and height say so, and lies in its box', () => {
    fc.assert(
      fc.property(points, points, evenly(3, 30), evenly(3, 30), evenly(2, 30), (p, centre, rx, ry, half) => {
        const shape = cylinder(centre, [rx, ry], half, TISSUE);
        const level = Math.hypot((p[0] - centre[0]) / rx, (p[1] - centre[1]) / ry);
        const height = Math.abs(p[2] - centre[2]);
        fc.pre(Math.abs(level - 1) > 1e-9 && Math.abs(height - half) > 1e-9);
        expect(shape.depth(...p) > 0).toBe(level < 1 && height < half);
        expectBoxed(shape, p, 0);
      }),
    );
  });
});

describe('within', () => {
  it('is where the shape and all limits are, as deep as the shallowest of them', () => {
    fc.assert(
      fc.property(points, (p) => {
        const ball = ellipsoid([0, 0, 0], [40, 40, 40], TISSUE);
        const cut = within(
          ball,
          (x) => x,
          (_x, y) => 10 - y,
        );
        expect(cut.depth(...p)).toBe(Math.min(ball.depth(...p), p[0], 10 - p[1]));
        expect(cut.tissue).toBe(ball.tissue);
      }),
    );
  });
});
