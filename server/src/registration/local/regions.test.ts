import fc from 'fast-check';
import { lpsPoint } from '../../geometry/index.ts';
import { REGIONS } from '../layout.ts';
import { LEVEL_STEP } from '../../pyramid/level.ts';
import type { Level } from '../../pyramid/level.ts';
import { LocalRegistration } from './registration.ts';
import type { Stage } from './registration.ts';
import type { Prior } from './prior.ts';
import { openRegistrationKernel } from './registrationKernel.ts';

const N = 44;
const POINT = lpsPoint(44.4, 43.3, 44.9);
const SHIFT = [1.5, -1, 0.8] as const;
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const PLAIN: readonly Stage[] = [{ level: 'fine', sigma: 13, terms: 4, iterations: 10, thinned: true }];
const AROUND: readonly Stage[] = [
  { level: 'fine', sigma: 13, terms: 4, iterations: 10, thinned: true, slacksMm: [3, 1] },
];
const prior: Prior = { centre: POINT, linear: IDENTITY, shiftMm: 3, strain: 0.06, curvature: 0.004 };

type Levels = Readonly<Record<Stage['level'], Level>>;

function tissue(x: number, y: number, z: number): number {
  return 25 * Math.sin(x / 9 + y / 15) + 20 * Math.cos(y / 10 - z / 17) + 20 * Math.sin(z / 9 + x / 19);
}

/** Tissue with a lesion of 100 units around a place, on a grid of 2 mm. */
function imageOf(radiusMm: number, shift: readonly number[], aside: number): Level {
  const values = new Int16Array(N ** 3);
  const [sx = NaN, sy = NaN, sz = NaN] = shift;
  for (let at = 0; at < values.length; at++) {
    const [x, y, z] = [
      2 * (at % N) - sx,
      2 * (Math.floor(at / N) % N) - sy,
      2 * Math.floor(at / (N * N)) - sz,
    ];
    const distance = Math.hypot(x - POINT[0] - aside, y - POINT[1], z - POINT[2]);
    const share = Math.min(Math.max(0.5 + (radiusMm - distance) / 3, 0), 1);
    values[at] = Math.round((tissue(x, y, z) * (1 - share) + 100 * share) / LEVEL_STEP);
  }
  return { dims: [N, N, N], spacing: [2, 2, 2], origin: [0, 0, 0], values };
}

function errorOf(radii: readonly [number, number], aside: number, stages: readonly Stage[]) {
  const registration = new LocalRegistration();
  const images = radii.map((radiusMm, n) => imageOf(radiusMm, n === 0 ? [0, 0, 0] : SHIFT, n * aside));
  const [query, target] = images.map((fine) => ({ fine, coarse: fine }));
  const found = query && target && registration.register(query, target, POINT, prior, stages);
  const error = Math.hypot(...SHIFT.map((mm, axis) => (found?.lps[axis] ?? NaN) - (POINT[axis] ?? NaN) - mm));
  return { error, agreement: registration.agreementNear(), ncc: found?.ncc };
}

describe('registration of what is around a changed lesion', () => {
  it.each([
    ['gone', [9, 0], 0, 1],
    ['new', [0, 9], 0, 0.5],
    ['three times larger', [4, 12], 0, 0.5],
    ['a third', [12, 4], 0, 1],
    ['new and beside the point', [0, 8], 4, 0.5],
  ] as const)('%s: does not follow the lesion', (_name, radii, aside, share) => {
    const [around, plain] = [errorOf(radii, aside, AROUND), errorOf(radii, aside, PLAIN)];
    expect(around.error).toBeLessThan(share * plain.error);
    expect(around.ncc).toBeGreaterThan(0.9);
    expect(around.agreement).toBeLessThan(0.3);
  });

  it('keeps the weights of tissue that has not changed', () => {
    const [around, plain] = [errorOf([8, 8], 0, AROUND), errorOf([8, 8], 0, PLAIN)];
    expect(around.agreement).toBeGreaterThan(0.95);
    expect(plain.agreement).toBeGreaterThan(0.95);
    expect(around.error).toBeLessThan(0.5);
  });

  it('gives a plain registration its own weights again', () => {
    const registration = new LocalRegistration();
    const [query, target] = [imageOf(10, [0, 0, 0], 0), imageOf(0, SHIFT, 0)].map((fine) => ({
      fine,
      coarse: fine,
    }));
    const register = (stages: readonly Stage[]) =>
      query && target && registration.register(query, target, POINT, prior, stages);
    const before = register(PLAIN);
    register(AROUND);
    expect(register(PLAIN)).toEqual(before);
  });
});

describe('the offset of a registration', () => {
  it.each([-120, 0, 120])('is how much brighter the target is: %d, without the lesion', (brighter) => {
    const registration = new LocalRegistration();
    const [query, made] = [imageOf(0, [0, 0, 0], 0), imageOf(9, SHIFT, 0)];
    const target = { ...made, values: made.values.map((value) => value + brighter / LEVEL_STEP) };
    const pair = [query, target].map((fine) => ({ fine, coarse: fine })) as [Levels, Levels];
    const found = registration.register(...pair, POINT, prior, AROUND)!;
    expect(Math.abs(found.offset - brighter)).toBeLessThan(10);
  });
});

describe('the median over regions', () => {
  const kernel = openRegistrationKernel();
  const weights = new Float64Array(kernel.run.memory.buffer, kernel.run.REGION_WEIGHT.value, REGIONS);
  const seenRegion = fc.record({
    region: fc.integer({ min: 0, max: REGIONS - 1 }),
    ratio: fc.integer({ min: 0, max: 1000 }).map((n) => n / 64),
    weight: fc.integer({ min: 1, max: 100 }),
  });

  it('has half of the weight at most on either side', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(seenRegion, { selector: ({ region }) => region, maxLength: 300 }),
        (regions) => {
          for (const [n, { region, ratio, weight }] of regions.entries()) {
            kernel.seenRegions[n] = region;
            kernel.ratios[region] = ratio;
            weights[region] = weight;
          }
          const median = kernel.run.medianRatio(regions.length);
          const weightOf = (isIn: (ratio: number) => boolean): number =>
            regions.reduce((sum, { ratio, weight }) => sum + (isIn(ratio) ? weight : 0), 0);
          const all = weightOf(() => true);
          expect(weightOf((ratio) => ratio < median)).toBeLessThanOrEqual(all / 2);
          expect(weightOf((ratio) => ratio > median)).toBeLessThanOrEqual(all / 2);
          if (regions.length === 0) expect(median).toBe(0);
          else expect(regions.map(({ ratio }) => ratio)).toContain(median);
        },
      ),
    );
  });
});
