import fc from 'fast-check';
import { Anatomy } from './anatomy.ts';
import { ellipsoid } from './shapes.ts';
import type { Point } from './shapes.ts';
import { aboveDiaphragm, cavityDepth, diaphragmHeight, muscleDepth, skinDepth, spineY } from './trunk.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const places = fc.tuple(evenly(-190, 190), evenly(-140, 140), evenly(-220, 220));

describe('the trunk', () => {
  it('has skin around fat, fat around muscle, muscle around the cavity', () => {
    fc.assert(
      fc.property(places, ([x, y, z]) => {
        expect(skinDepth(x, y, z)).toBeGreaterThan(muscleDepth(x, y, z));
        expect(muscleDepth(x, y, z)).toBeGreaterThan(cavityDepth(x, y, z));
      }),
    );
  });

  it('is the same on the left and on the right', () => {
    fc.assert(
      fc.property(places, ([x, y, z]) => {
        expect(skinDepth(-x, y, z)).toBe(skinDepth(x, y, z));
        expect(cavityDepth(-x, y, z)).toBe(cavityDepth(x, y, z));
      }),
    );
  });

  it('is as deep as before when it is computed again, whatever was computed in between', () => {
    fc.assert(
      fc.property(places, places, ([x, y, z], other) => {
        const depths = (): number[] => [skinDepth(x, y, z), muscleDepth(x, y, z), cavityDepth(x, y, z)];
        const depthsAfter = (at: readonly [number, number, number]): number[] => {
          skinDepth(x + 1, y + 1, z + 1);
          skinDepth(...at);
          return depths();
        };
        const expected = depthsAfter([-x, y + 2, z + 2]);
        for (const at of [other, [x, y, other[2]], [x, other[1], z], [other[0], y, z]] as const)
          expect(depthsAfter(at)).toEqual(expected);
      }),
    );
  });

  it('gets shallower outwards, from its axis through the skin into the air', () => {
    fc.assert(
      fc.property(evenly(0, 2 * Math.PI), evenly(-200, 200), evenly(0.2, 1), (angle, z, share) => {
        const at = (r: number): number => skinDepth(r * Math.cos(angle), r * Math.sin(angle), z);
        expect(at(100 * share)).toBeGreaterThan(at(100 * share + 20));
        expect(at(250)).toBeLessThan(0);
        expect(at(1)).toBeGreaterThan(50);
      }),
    );
  });

  it('has a diaphragm of two domes, the right one higher', () => {
    expect(diaphragmHeight(-62, -8)).toBeCloseTo(30, 9);
    expect(diaphragmHeight(68, -2)).toBeCloseTo(18, 9);
    expect(diaphragmHeight(0, 0)).toBeLessThan(18);
    expect(diaphragmHeight(500, 500)).toBe(-62);
    expect(aboveDiaphragm(-62, -8, 50)).toBeGreaterThan(0);
    expect(aboveDiaphragm(-62, -8, 0)).toBeLessThan(0);
  });
});

describe('the anatomy', () => {
  const anatomy = new Anatomy(1, []);
  /** Mean of some places around a point: texture and vessels aside. */
  const around = ([x, y, z]: Point, mm = 3): number => {
    let sum = 0;
    for (let n = 0; n < 27; n++)
      sum += anatomy.hounsfield(
        x + mm * ((n % 3) - 1),
        y + mm * ((Math.floor(n / 3) % 3) - 1),
        z + mm * (Math.floor(n / 9) - 1),
      );
    return sum / 27;
  };

  it('is air outside of the skin, everywhere', () => {
    fc.assert(
      fc.property(places, ([x, y, z]) => {
        if (skinDepth(x, y, z) < -1.3) expect(anatomy.hounsfield(x, y, z)).toBe(-1000);
      }),
    );
    expect(anatomy.hounsfield(185, 0, 0)).toBe(-1000);
  });

  it('has values of a CT inside, and no holes', () => {
    fc.assert(
      fc.property(places, ([x, y, z]) => {
        const hu = anatomy.hounsfield(x, y, z);
        expect(Number.isFinite(hu)).toBe(true);
        expect(hu).toBeGreaterThan(-1100);
        expect(hu).toBeLessThan(1200);
      }),
    );
  });

  it.each<[string, Point, number, number]>([
    ['the right lung', [-80, -25, 90], -950, -700],
    ['the left lung', [85, -20, 80], -950, -700],
    ['the liver, on the right', [-95, 0, -10], 60, 170],
    ['the same place on the left, which is no liver', [118, 0, -90], -150, 60],
    ['a vertebral body', [0, spineY(0), -3], 100, 500],
    ['the fat below the skin of the belly', [0, -93, -100], -140, -60],
  ])('shows %s', (_name, place, low, high) => {
    expect(around(place)).toBeGreaterThan(low);
    expect(around(place)).toBeLessThan(high);
  });

  it('paints lesions over everything', () => {
    const tissue = { hu: 620, grainHu: 0 };
    const centre: Point = [-80, -25, 90];
    const ill = new Anatomy(1, [ellipsoid(centre, [8, 8, 8], tissue)]);
    expect(ill.hounsfield(...centre)).toBeCloseTo(620, 6);
    expect(anatomy.hounsfield(...centre)).toBeLessThan(-700);
    // Beyond its surface nothing has changed.
    expect(ill.hounsfield(-80, -25, 110)).toBe(anatomy.hounsfield(-80, -25, 110));
  });

  it('has soft edges: half of a lesion at its surface, all of it within a millimetre', () => {
    const ill = new Anatomy(1, [ellipsoid([-80, -25, 90], [8, 8, 8], { hu: 600, grainHu: 0 })]);
    const lung = anatomy.hounsfield(-80, -25, 98);
    expect(ill.hounsfield(-80, -25, 98)).toBeCloseTo((600 + lung) / 2, 0);
    expect(ill.hounsfield(-80, -25, 97)).toBeCloseTo(600, 6);
    expect(ill.hounsfield(-80, -25, 99)).toBe(anatomy.hounsfield(-80, -25, 99));
  });

  it('gives a shell another value than the core', () => {
    const shell = { mm: 3, hu: 205 };
    const ill = new Anatomy(1, [ellipsoid([-80, -25, 90], [12, 12, 12], { hu: 20, grainHu: 0, shell })]);
    expect(ill.hounsfield(-80, -25, 90)).toBeCloseTo(20, 6);
    expect(ill.hounsfield(-80, -25, 90 + 10.5)).toBeCloseTo(205, 6);
  });
});
