import fc from 'fast-check';
import { distanceMm, dot, lpsPoint, plus } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { diametersOf } from './outline.ts';

/** An ellipse with these half axes, in a plane that is turned about the left-right axis, LPS mm. */
function ellipse(long: number, short: number, turn: number, tilt: number): readonly LpsPoint[] {
  return Array.from({ length: 120 }, (_, n) => {
    const angle = (2 * Math.PI * n) / 120;
    const [a, b] = [long * Math.cos(angle), short * Math.sin(angle)];
    const [x, y] = [a * Math.cos(turn) - b * Math.sin(turn), a * Math.sin(turn) + b * Math.cos(turn)];
    return lpsPoint(5 + x, y * Math.cos(tilt) - 7, y * Math.sin(tilt) + 40);
  });
}

it('are the axes of an ellipse, wherever it lies, at right angles to each other', () => {
  const mm = fc.double({ min: 2, max: 60, noNaN: true });
  const angle = fc.double({ min: 0, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      mm,
      fc.double({ min: 0.3, max: 0.9, noNaN: true }),
      angle,
      angle,
      (long, ratio, turn, tilt) => {
        const [one, other] = diametersOf(ellipse(long, long * ratio, turn, tilt));
        expect(distanceMm(...one!) / (2 * long)).toBeCloseTo(1, 2);
        expect(distanceMm(...other!) / (2 * long * ratio)).toBeCloseTo(1, 1);
        const [a, b] = [one!, other!].map(([from, to]) => plus(to, from, -1));
        expect(Math.abs(dot(a!, b!)) / (4 * long * long)).toBeLessThan(1e-9);
      },
    ),
  );
});

it('of many points are those of some of them; of few, or on a straight line, there are none', () => {
  const corners = [0, 10].flatMap((x) => [0, 10].map((y) => lpsPoint(x, y, 0)));
  expect(diametersOf(corners)).toEqual([]);
  const straight = Array.from({ length: 9 }, (_, n) => lpsPoint(n, n, 0));
  expect(diametersOf(straight)).toHaveLength(1);
  expect(diametersOf(Array.from({ length: 9 }, () => lpsPoint(1, 1, 1)))).toEqual([]);
  const many = Array.from({ length: 4000 }, (_, n) => {
    const angle = (2 * Math.PI * n) / 4000;
    return lpsPoint(8 * Math.cos(angle), 8 * Math.sin(angle), 0);
  });
  expect(diametersOf(many).map(([a, b]) => Math.round(distanceMm(a, b)))).toEqual([16, 16]);
});
