import fc from 'fast-check';
import { lesionChange } from './lesionChange.ts';
import type { LesionChange } from './lesionChange.ts';
import { imageFrom } from './testing/sampled.ts';
import type { Sampled } from './testing/sampled.ts';
import { imageOf } from './testing/spheres.ts';
import type { Sphere } from './testing/spheres.ts';

const RUNS = { numRuns: 20 };

type Change = LesionChange | undefined;

function changeOf(query: Sphere, target: Sphere, volumeRatio = 1): Change {
  return lesionChange(imageFrom(imageOf(query)), { image: imageFrom(imageOf(target)), volumeRatio });
}

const OPPOSITE = {
  unchanged: 'unchanged',
  larger: 'smaller',
  smaller: 'larger',
  gone: 'appeared',
  appeared: 'gone',
} as const;

/** Whether what is said is true of a ratio of diameters, within what can be measured. */
function isTrue(said: Change, ratio: number): boolean {
  if (said === undefined) return true;
  if (said.kind === 'unchanged') return Math.abs(Math.log(ratio)) < 0.4;
  return said.kind === 'larger' ? ratio > 1.1 : said.kind === 'smaller' && ratio < 1 / 1.1;
}

describe('lesionChange', () => {
  const radius = fc.double({ min: 4, max: 16, noNaN: true });

  it('says of two spheres only what is true, and both diameters', () => {
    fc.assert(
      fc.property(radius, radius, (a, b) => {
        const said = changeOf({ radiusMm: a }, { radiusMm: b });
        const ratio = b / a;
        if (ratio > 1.5 && b - a > 2) expect(said?.kind).toBe('larger');
        if (ratio < 1 / 1.5 && a - b > 2) expect(said?.kind).toBe('smaller');
        expect(isTrue(said, ratio)).toBe(true);
        if (said === undefined) return;
        expect(Math.abs((said.queryDiameterMm ?? NaN) - 2 * a)).toBeLessThan(2);
        expect(Math.abs((said.targetDiameterMm ?? NaN) - 2 * b)).toBeLessThan(2);
      }),
      RUNS,
    );
  });

  it('says of the same sphere in both scans that it is unchanged', () => {
    fc.assert(
      fc.property(radius, (radiusMm) => {
        expect(changeOf({ radiusMm }, { radiusMm })?.kind).toBe('unchanged');
      }),
      RUNS,
    );
  });

  it('says of a sphere that one scan does not show that it is gone, or has appeared', () => {
    fc.assert(
      fc.property(radius, (radiusMm) => {
        expect(changeOf({ radiusMm }, { radiusMm: 0 })).toEqual({
          kind: 'gone',
          queryDiameterMm: expect.closeTo(2 * radiusMm, -0.5) as number,
        });
        const appeared = changeOf({ radiusMm: 0 }, { radiusMm });
        expect(appeared?.kind).toBe('appeared');
        expect(Object.keys(appeared ?? {})).toEqual(['kind', 'targetDiameterMm']);
      }),
      RUNS,
    );
  });

  it('says the opposite of exchanged scans', () => {
    fc.assert(
      fc.property(
        fc.oneof(radius, fc.constant(0)),
        fc.oneof(radius, fc.constant(0)),
        fc.constantFrom([40, 110], [40, -330], [180, 60]),
        (a, b, [inside, outside]) => {
          const [of, other] = [a, b].map((radiusMm) => ({ radiusMm, inside, outside }));
          const [said, back] = [changeOf(of!, other!), changeOf(other!, of!)];
          expect(back?.kind).toBe(said && OPPOSITE[said.kind]);
          expect(back?.queryDiameterMm).toBe(said?.targetDiameterMm);
        },
      ),
      RUNS,
    );
  });

  it('gives the diameter of the target in its own mm', () => {
    const said = changeOf({ radiusMm: 8 }, { radiusMm: 8 }, 1.1 ** 3);
    expect((said?.targetDiameterMm ?? NaN) / (said?.queryDiameterMm ?? NaN)).toBeCloseTo(1.1, 1);
  });

  it.each<readonly [string, Sphere, Sphere]>([
    ['there is no lesion', { radiusMm: 0 }, { radiusMm: 0 }],
    ['the contrast is low', { radiusMm: 9, inside: 84 }, { radiusMm: 0 }],
    ['it differs less than can be measured', { radiusMm: 10 }, { radiusMm: 12 }],
    ['a smaller one lies beside the place', { radiusMm: 12 }, { radiusMm: 4, middle: [7, 0, 0] }],
    ['other tissue is in its place', { radiusMm: 9 }, { radiusMm: 9, inside: 300 }],
    ['its surroundings are others', { radiusMm: 9, outside: -90 }, { radiusMm: 4, outside: 140 }],
  ])('says nothing of a change where %s', (_name, query, target) => {
    expect(changeOf(query, target)).toBeUndefined();
  });

  it('says nothing at the edge of the view', () => {
    const inView = imageOf({ radiusMm: 9 });
    const cut: Sampled = (x, y, z) => (x > 3 ? NaN : inView(x, y, z));
    expect(lesionChange(imageFrom(inView), { image: imageFrom(cut), volumeRatio: 1 })).toBeUndefined();
  });
});
