import fc from 'fast-check';
import { distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { BsplineField } from './bsplineField.ts';
import { createRandom } from './random.ts';
import { drawSmoothMap, SmoothMap } from './smoothMap.ts';

const BOX = { min: [-150, -100, -200], max: [150, 100, 200] } as const;

function lattice(): LpsPoint[] {
  const points: LpsPoint[] = [];
  for (let z = -180; z <= 180; z += 30)
    for (let y = -90; y <= 90; y += 30) for (let x = -135; x <= 135; x += 30) points.push(lpsPoint(x, y, z));
  return points;
}

const STRONG = {
  fields: [
    { amplitudeMm: 22, knotMm: 70 },
    { amplitudeMm: 3, knotMm: 30 },
  ],
  rotationDeg: [2, -3, 5],
  shiftMm: [15, 15, 25],
} as const;

const inBox = fc.tuple(
  fc.double({ min: -140, max: 140, noNaN: true }),
  fc.double({ min: -90, max: 90, noNaN: true }),
  fc.double({ min: -190, max: 190, noNaN: true }),
);

test('a constant spline is a constant: cubic B-splines are a partition of unity', () => {
  const constant = { ...createRandom(1, 'x'), normal: () => 2 };
  const field = new BsplineField(BOX, 40, constant);
  fc.assert(
    fc.property(inBox, (at) => {
      for (const value of field.at(lpsPoint(...at))) expect(value).toBeCloseTo(2, 10);
    }),
  );
});

test('a spline with linear coefficients is linear: the field is evaluated where requested', () => {
  // Coefficients 0, 1, 2, ... along x reproduce x itself (linear precision of B-splines).
  let drawn = 0;
  const knots = Math.ceil(300 / 40) + 4;
  const ramp = { ...createRandom(1, 'x'), normal: () => Math.floor(drawn++ / 3) % knots };
  const field = new BsplineField(BOX, 40, ramp);
  const [slope] = [field.at(lpsPoint(30, 5, 7))[0] - field.at(lpsPoint(-10, 5, 7))[0]];
  expect(slope).toBeCloseTo(1, 10);
});

test('the amplitude is the 99th percentile of the displacement on the body', () => {
  const spec = {
    fields: [{ amplitudeMm: 12, knotMm: 70 }],
    rotationDeg: [0, 0, 0],
    shiftMm: [0, 0, 0],
  } as const;
  const map = drawSmoothMap(spec, BOX, lattice(), 3);
  const moved = lattice().map((y) => distanceMm(map.apply(y), y));
  const below = moved.filter((mm) => mm <= 12 + 1e-9).length / moved.length;
  expect(below).toBeGreaterThanOrEqual(0.985);
  expect(below).toBeLessThanOrEqual(0.995);
});

test('the inverse undoes the map to a thousandth of a millimetre, also for the strong case', () => {
  const map = drawSmoothMap(STRONG, BOX, lattice(), 11);
  fc.assert(
    fc.property(inBox, (at) => {
      const y = lpsPoint(...at);
      expect(distanceMm(map.inverse(map.apply(y)), y)).toBeLessThan(1e-3);
    }),
  );
});

test('a map never folds on the body', () => {
  const map = drawSmoothMap(STRONG, BOX, lattice(), 5);
  for (const point of lattice()) expect(map.jacobianAt(point)).toBeGreaterThan(0.2);
});

test('an impossible map is refused, not returned folded', () => {
  const wild = { ...STRONG, fields: [{ amplitudeMm: 120, knotMm: 40 }] };
  expect(() => drawSmoothMap(wild, BOX, lattice(), 1)).toThrow(RangeError);
});

test('a quarter turn about z maps x to y', () => {
  const turn = new SmoothMap([0, 0, 90], lpsPoint(10, 0, 0), [0, 0, 5], []);
  const moved = turn.apply(lpsPoint(11, 0, 0));
  expect(moved[0]).toBeCloseTo(10, 12);
  expect(moved[1]).toBeCloseTo(1, 12);
  expect(moved[2]).toBeCloseTo(5, 12);
});

test('walking along x gives the same points as single requests', () => {
  const map = drawSmoothMap(STRONG, BOX, lattice(), 2);
  const out = new Float64Array(30);
  map.alongX(lpsPoint(-60, 20, 30), 1.7, 10, out);
  for (let i = 0; i < 10; i++) {
    const single = map.apply(lpsPoint(-60 + 1.7 * i, 20, 30));
    for (const axis of [0, 1, 2] as const) expect(out[3 * i + axis]).toBeCloseTo(single[axis], 9);
  }
});
