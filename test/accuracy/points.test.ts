import { distanceMm, lpsPoint } from '../../server/src/geometry/index.ts';
import { DeepBody } from './points.ts';
import { volumeOf } from './testing.ts';

const MM = 2;
const [NX, NY, NZ] = [60, 50, 20] as const;
const ORIGIN = [-60, -50, 100] as const;
/** Axis and radius of a cylinder of soft tissue along z, mm. */
const [CX, CY, RADIUS] = [0, 0, 40];

/** A cylinder with a lung in it and a couch below, 6 mm thick. */
const cylinder = volumeOf([NX, NY, NZ], [MM, MM, MM], ORIGIN, (i, j) => {
  const [x, y] = [ORIGIN[0] + MM * i, ORIGIN[1] + MM * j];
  if (Math.hypot(x - CX, y - CY) <= RADIUS) return Math.hypot(x - 10, y) < 12 ? -850 : 40;
  return y >= 42 && y < 48 ? 100 : -1000;
});

describe('DeepBody', () => {
  const body = new DeepBody(cylinder);
  const points = body.draw(300, 7, () => true);

  it('draws points at least 8 mm inside the skin, in the lung too, to the accuracy of its voxels', () => {
    expect(points).toHaveLength(300);
    for (const [x, y] of points) expect(Math.hypot(x - CX, y - CY)).toBeLessThan(RADIUS - 8 + MM);
    expect(points.filter(([x, y]) => Math.hypot(x - 10, y) < 10).length).toBeGreaterThan(10);
    expect(Math.max(...points.map(([x, y]) => Math.hypot(x, y)))).toBeGreaterThan(RADIUS - 8 - 3 * MM);
  });

  it('does not treat the ends of the scan as skin', () => {
    const heights = points.map(([, , z]) => z);
    expect(Math.min(...heights)).toBeLessThan(ORIGIN[2] + 2 * MM);
    expect(Math.max(...heights)).toBeGreaterThan(ORIGIN[2] + MM * (NZ - 1) - 2 * MM);
  });

  it('draws the same points for the same seed and others for another', () => {
    expect(body.draw(300, 7, () => true)).toEqual(points);
    expect(distanceMm(body.draw(1, 8, () => true)[0]!, points[0]!)).toBeGreaterThan(0.1);
  });

  it('draws only what is accepted, and says when there is nothing', () => {
    const accepted = body.draw(50, 1, ([x]) => x > 5);
    expect(Math.min(...accepted.map(([x]) => x))).toBeGreaterThan(5);
    expect(() => body.draw(3, 1, () => false)).toThrow('only 0 of 3 points');
  });

  it('finds no body in air', () => {
    const air = volumeOf([20, 20, 5], [2, 2, 2], [0, 0, 0], () => -1000);
    expect(() => new DeepBody(air).draw(1, 1, () => true)).toThrow(RangeError);
  });

  it('keeps two legs', () => {
    const legs = volumeOf([80, 40, 10], [2, 2, 2], [0, 0, 0], (i, j) =>
      Math.min(Math.hypot(2 * i - 40, 2 * j - 40), Math.hypot(2 * i - 120, 2 * j - 40)) < 30 ? 40 : -1000,
    );
    const drawn = new DeepBody(legs).draw(40, 3, () => true);
    expect(drawn.some((point) => distanceMm(point, lpsPoint(40, 40, point[2])) < 25)).toBe(true);
    expect(drawn.some((point) => distanceMm(point, lpsPoint(120, 40, point[2])) < 25)).toBe(true);
  });
});
