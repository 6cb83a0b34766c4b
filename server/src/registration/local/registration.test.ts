import fc from 'fast-check';
import { lpsPoint } from '../../geometry/index.ts';
import { LEVEL_STEP } from '../../pyramid/level.ts';
import type { Level } from '../../pyramid/level.ts';
import { LocalRegistration, startAt } from './registration.ts';
import type { Stage } from './registration.ts';
import type { Prior } from './prior.ts';

const SIZE = 40;
const STAGES: readonly Stage[] = [
  { level: 'coarse', sigma: 14, terms: 4, iterations: 10 },
  { level: 'fine', sigma: 10, terms: 10, iterations: 12 },
];
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const registration = new LocalRegistration();

function texture(x: number, y: number, z: number): number {
  return (
    60 * Math.sin(x / 5 + 0.3 * y) + 50 * Math.cos(y / 6 - z / 9) + 40 * Math.sin(z / 5 + x / 11) + 0.5 * x
  );
}

/** Samples of a function at a spacing of 2 mm (fine) and 4 mm (coarse) over 80 mm. */
function imagesOf(value: (x: number, y: number, z: number) => number): Record<Stage['level'], Level> {
  const level = (spacing: number): Level => {
    const n = (2 * SIZE) / spacing;
    const values = new Int16Array(n * n * n);
    for (let at = 0; at < values.length; at++)
      values[at] = Math.round(
        value(spacing * (at % n), spacing * (Math.floor(at / n) % n), spacing * Math.floor(at / (n * n))) /
          LEVEL_STEP,
      );
    return { dims: [n, n, n], spacing: [spacing, spacing, spacing], origin: [0, 0, 0], values };
  };
  return { fine: level(2), coarse: level(4) };
}

const POINT = lpsPoint(39.3, 40.6, 38.9);
const prior = (shift: readonly number[]): Prior => ({
  centre: lpsPoint(POINT[0] + (shift[0] ?? 0), POINT[1] + (shift[1] ?? 0), POINT[2] + (shift[2] ?? 0)),
  linear: IDENTITY,
  shiftMm: 5,
  strain: 0.15,
  curvature: 0.01,
});

describe('LocalRegistration', () => {
  const query = imagesOf(texture);

  it('recovers an affine displacement of a textured patch', () => {
    const small = fc.double({ min: -0.04, max: 0.04, noNaN: true });
    const shift = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(shift, shift, shift), fc.tuple(small, small, small), (d, e) => {
        // Target place of query place p: p + d + e * (p - POINT), so the target shows texture(inverse).
        const inverse = (y: number, axis: 0 | 1 | 2): number =>
          POINT[axis] + (y - POINT[axis] - d[axis]) / (1 + e[axis]);
        const target = imagesOf((x, y, z) => texture(inverse(x, 0), inverse(y, 1), inverse(z, 2)));
        const found = registration.register(query, target, POINT, prior([0, 0, 0]), STAGES);
        expect(found?.ncc).toBeGreaterThan(0.98);
        ([0, 1, 2] as const).forEach((axis) => {
          expect(Math.abs((found?.lps[axis] ?? NaN) - POINT[axis] - d[axis])).toBeLessThan(0.15);
        });
      }),
      { numRuns: 5, seed: 4 },
    );
  });

  it('sees another gain and offset as the same tissue', () => {
    const target = imagesOf((x, y, z) => 30 + 0.5 * texture(x - 1.5, y, z));
    const found = registration.register(query, target, POINT, prior([0, 0, 0]), STAGES);
    expect(found?.lps[0]).toBeCloseTo(POINT[0] + 1.5, 0);
    expect(found?.sdMm).toBeLessThan(1);
  });

  it('gives the answer of the prior where there is nothing to see', () => {
    const flat = imagesOf(() => 40);
    const found = registration.register(flat, flat, POINT, prior([1, -2, 0.5]), STAGES);
    expect(found?.movedMm).toBeLessThan(1e-6);
    // Three axes of 5 mm each.
    expect(found?.sdMm).toBeCloseTo(5 * Math.sqrt(3), 3);
  });

  it('refuses where most of the window is out of view', () => {
    const outside = registration.register(query, query, POINT, prior([60, 0, 0]), STAGES);
    expect(outside).toBeUndefined();
  });

  it('gives the same answer again', () => {
    const target = imagesOf((x, y, z) => texture(x - 1, y + 0.5, z));
    const once = registration.register(query, target, POINT, prior([0, 0, 0]), STAGES);
    registration.register(query, query, lpsPoint(30, 30, 30), prior([0, 0, 0]), STAGES);
    expect(registration.register(query, target, POINT, prior([0, 0, 0]), STAGES)).toEqual(once);
  });

  it('answers from a second start as a fresh registration does', () => {
    const target = imagesOf((x, y, z) => texture(x - 1, y + 0.5, z));
    const stages = STAGES.slice(0, 1);
    const known = prior([0, 0, 0]);
    const second = startAt(known, lpsPoint(POINT[0] + 2, POINT[1], POINT[2] - 1));
    const register = (by: LocalRegistration) => by.register(query, target, POINT, known, stages, second);
    registration.register(query, target, POINT, known, stages);
    expect(register(registration)).toEqual(register(new LocalRegistration()));
  });

  it('registers backward as one does that has not registered forward', () => {
    const target = imagesOf((x, y, z) => texture(x - 3, y + 2, z - 1));
    const there = registration.register(query, target, POINT, prior([0, 0, 0]), STAGES);
    const back = (by: LocalRegistration): unknown =>
      by.register(target, query, there?.lps ?? POINT, prior([0, 0, 0]), STAGES.slice(1));
    const found = back(registration);
    expect(found).toBeDefined();
    expect(found).toEqual(back(new LocalRegistration()));
  });
});
