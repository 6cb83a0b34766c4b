import fc from 'fast-check';
import { angleDegrees, distanceMm, dot, lpsPoint, norm, plus, times } from '../../geometry/index.ts';
import type { LpsPoint, Vector } from '../../geometry/index.ts';
import { proposeAxes } from './proposeAxes.ts';
import { endsAround, rotated, scanOf, sectionOf } from './testing/ellipsoid.ts';
import type { Ellipsoid, Look } from './testing/ellipsoid.ts';
import type { AxisEnds, ProposedAxes } from './types.ts';

const RUNS = { numRuns: 25 };
/** A short half diameter of less is mixed with its surroundings: two voxels of the working image. */
const LEAST_HALF_MM = 5;
const [X, Y, Z]: readonly Vector[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const FROM = lpsPoint(10, -20, 30);
const LOOKS: readonly Look[] = [
  { inside: 40, outside: 110, noise: 12 },
  { inside: 50, outside: -850, noise: 20 },
  { inside: 60, outside: -90, noise: 10 },
];

const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

/** A lesion of the query, and what a map makes of it in the target. */
const cases = fc.record({
  halfMm: fc.tuple(number(6, 14), number(0.55, 0.95)),
  /** Direction of the long diameter in the axial plane of the query. */
  angle: number(0, Math.PI),
  turn: number(-0.5, 0.5),
  /** A tilt out of the plane. */
  tilt: number(-0.25, 0.25),
  scale: number(0.7, 1.4),
  /** By which the lesion has grown beside that. */
  growth: number(0.75, 1.35),
  shift: fc.tuple(number(-2, 2), number(-2, 2)),
  look: fc.constantFrom(...LOOKS),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

/** Row-major matrix of a map of offsets. */
function linearOf(map: (offset: Vector) => Vector): Float64Array {
  const columns = [X!, Y!, Z!].map(map);
  return Float64Array.from({ length: 9 }, (_, n) => columns[n % 3]?.[Math.floor(n / 3)] ?? NaN);
}

function mm([one, other]: AxisEnds): number {
  return distanceMm(one, other);
}

function vectorOf([one, other]: AxisEnds): Vector {
  return plus(other, one, -1);
}

/** Angle between two undirected lines, degrees. */
function lineAngle(one: Vector, other: Vector): number {
  const angle = angleDegrees(one, other);
  return Math.min(angle, 180 - angle);
}

/** What is proposed in the target for a lesion of the query, and what it is there. */
function proposed(made: Case, isThere = true): { axes: ProposedAxes; ellipsoid: Ellipsoid; to: LpsPoint } {
  const { halfMm, angle, turn, tilt, scale, growth, shift, look } = made;
  const [long, ratio] = halfMm;
  const along = rotated(X!, Z!, angle);
  const across = rotated(Y!, Z!, angle);
  const map = (offset: Vector): Vector => times(rotated(rotated(offset, Z!, turn), X!, tilt), scale);
  const centre: Vector = [41, 39, 39.2];
  const unit = (vector: Vector): Vector => times(map(vector), 1 / scale);
  const size = scale * growth;
  const ellipsoid: Ellipsoid = {
    centre,
    directions: [unit(along), unit(across), unit(Z!)],
    halfMm: [long * size, long * ratio * size, long * ratio * size],
  };
  const axes = {
    longAxis: endsAround(FROM, along, long),
    shortAxis: endsAround(FROM, across, long * ratio),
  };
  const to = lpsPoint(centre[0] + shift[0], centre[1] + shift[1], centre[2]);
  const target = scanOf(isThere ? ellipsoid : undefined, look);
  return { axes: proposeAxes({ axes, from: FROM, to, linear: linearOf(map) }, target), ellipsoid, to };
}

describe('diameters of an ellipsoid in another scan', () => {
  it('are those of the ellipsoid there, within 15 %, in the plane of the slice', () => {
    fc.assert(
      fc.property(cases, (made) => {
        const { axes, ellipsoid } = proposed(made);
        const section = sectionOf(ellipsoid, X!, Y!);
        fc.pre(section.shortMm >= LEAST_HALF_MM);
        expect(axes.isFitted).toBe(true);
        expect(mm(axes.longAxis) / (2 * section.longMm)).toBeGreaterThan(0.85);
        expect(mm(axes.longAxis) / (2 * section.longMm)).toBeLessThan(1.15);
        expect(mm(axes.shortAxis!) / (2 * section.shortMm)).toBeGreaterThan(0.85);
        expect(mm(axes.shortAxis!) / (2 * section.shortMm)).toBeLessThan(1.15);
        const middle = times(plus(...axes.longAxis), 0.5);
        expect(norm(plus(middle, ellipsoid.centre, -1))).toBeLessThan(1.5);
        if (section.shortMm < 0.8 * section.longMm)
          expect(lineAngle(vectorOf(axes.longAxis), section.direction)).toBeLessThan(21);
      }),
      RUNS,
    );
  });

  it('lie in the plane of the nearest slice, at right angles, and cross', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), (made, isThere) => {
        const { longAxis, shortAxis } = proposed(made, isThere).axes;
        // Slices lie 1.5 mm apart.
        for (const [, , z] of [...longAxis, ...shortAxis!]) expect(z).toBeCloseTo(39, 6);
        expect(lineAngle(vectorOf(longAxis), vectorOf(shortAxis!))).toBeCloseTo(90, 4);
        const direction = times(vectorOf(longAxis), 1 / mm(longAxis));
        const [one, other] = shortAxis!.map((end) => plus(end, longAxis[0], -1));
        const place = dot(one!, direction);
        expect(place).toBeGreaterThan(-1e-6);
        expect(place).toBeLessThan(mm(longAxis) + 1e-6);
        const across = plus(one!, direction, -place);
        expect(dot(across, plus(other!, direction, -place))).toBeLessThanOrEqual(1e-6);
      }),
      RUNS,
    );
  });

  it('are only turned, at the scale of the map, where the image shows no edge', () => {
    fc.assert(
      fc.property(cases, (made) => {
        const { axes, to } = proposed(made, false);
        const [half, ratio] = made.halfMm;
        expect(axes.isFitted).toBe(false);
        expect(mm(axes.longAxis)).toBeCloseTo(2 * half * made.scale, 6);
        expect(mm(axes.shortAxis!)).toBeCloseTo(2 * half * ratio * made.scale, 6);
        const middle = times(plus(...axes.longAxis), 0.5);
        expect(Math.hypot(middle[0] - to[0], middle[1] - to[1])).toBeCloseTo(0, 6);
        const direction = rotated(rotated(X!, Z!, made.angle + made.turn), X!, made.tilt);
        expect(lineAngle(vectorOf(axes.longAxis), [direction[0], direction[1], 0])).toBeLessThan(1e-3);
      }),
      RUNS,
    );
  });
});

describe('diameters that are proposed', () => {
  const sphere: Ellipsoid = { centre: [40, 40, 40], directions: [X!, Y!, Z!], halfMm: [9, 9, 9] };
  const look = LOOKS[0]!;
  const longAxis = endsAround(FROM, X!, 8);

  it('have no short one where the lesion has none, and need no map', () => {
    const axes = proposeAxes(
      { axes: { longAxis }, from: FROM, to: lpsPoint(41, 40, 40) },
      scanOf(sphere, look),
    );
    expect(Object.keys(axes).sort()).toEqual(['carried', 'isFitted', 'longAxis']);
    expect(Object.keys(axes.carried!)).toEqual(['longAxis']);
    expect(axes.isFitted).toBe(true);
    expect(Math.abs(mm(axes.longAxis) - 18)).toBeLessThan(1);
  });

  it('lie in the plane of a coronal series', () => {
    const coronal = scanOf(sphere, look, [0.8, 0, 0, 0, 0, 0, 2, 0, 0, -0.8, 0, 79]);
    const axes = proposeAxes({ axes: { longAxis }, from: FROM, to: lpsPoint(40, 40.7, 40) }, coronal);
    for (const [, y] of axes.longAxis) expect(y).toBeCloseTo(40, 6);
    expect(axes.isFitted).toBe(true);
    expect(Math.abs(mm(axes.longAxis) - 18)).toBeLessThan(1);
  });

  it('have a direction also where the diameter stands upright on the plane', () => {
    const upright = endsAround(FROM, Z!, 8);
    const shortAxis = endsAround(FROM, Y!, 5);
    const from = { from: FROM, to: lpsPoint(40, 40, 40) };
    const both = proposeAxes({ ...from, axes: { longAxis: upright, shortAxis } }, scanOf(undefined, look));
    expect(lineAngle(vectorOf(both.longAxis), X!)).toBeCloseTo(0, 6);
    expect(mm(both.longAxis)).toBeCloseTo(16, 6);
    const only = proposeAxes({ ...from, axes: { longAxis: upright } }, scanOf(undefined, look));
    expect(mm(only.longAxis)).toBeCloseTo(16, 6);
  });

  it.each<[string, Look]>([
    ['the contrast is low', { inside: 90, outside: 105, noise: 4 }],
    ['the noise is high', { inside: 60, outside: 110, noise: 90 }],
  ])('are only turned where %s', (_, faint) => {
    const axes = proposeAxes(
      { axes: { longAxis }, from: FROM, to: lpsPoint(40, 40, 40) },
      scanOf(sphere, faint),
    );
    expect(axes.isFitted).toBe(false);
  });

  it('are only turned beside the image', () => {
    const axes = proposeAxes(
      { axes: { longAxis }, from: FROM, to: lpsPoint(78, 40, 40) },
      scanOf(sphere, look),
    );
    expect(axes.isFitted).toBe(false);
    expect(mm(axes.longAxis)).toBeCloseTo(16, 6);
  });

  it('are only turned where what lies there is much larger', () => {
    const large: Ellipsoid = { ...sphere, halfMm: [30, 30, 30] };
    const small = { longAxis: endsAround(FROM, X!, 3) };
    const axes = proposeAxes({ axes: small, from: FROM, to: lpsPoint(40, 40, 40) }, scanOf(large, look));
    expect(axes.isFitted).toBe(false);
  });
});
