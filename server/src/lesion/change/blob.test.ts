import fc from 'fast-check';
import { norm, plus } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { blobAt } from './blob.ts';
import { imageFrom } from './testing/sampled.ts';
import type { Sampled } from './testing/sampled.ts';
import { imageOf, tissueOf } from './testing/spheres.ts';

const ORIGIN = [0, 0, 0] as const;
const RUNS = { numRuns: 40 };

describe('blobAt', () => {
  it('finds a sphere from a point inside, whatever its size, density and surroundings', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 4, max: 17, noNaN: true }),
        fc.tuple(...[1, 2, 3].map(() => fc.double({ min: -1, max: 1, noNaN: true }))),
        fc.constantFrom([40, 110], [40, -330], [60, -90], [180, 60]),
        (radiusMm, [a = 0, b = 0, c = 0], [inside, outside]) => {
          // A point up to half a radius off the middle.
          const scale = (0.5 * radiusMm) / Math.max(norm([a, b, c]), 1);
          const middle: Vector = [a * scale, b * scale, c * scale];
          const found = blobAt(imageFrom(imageOf({ radiusMm, middle, inside, outside })), ORIGIN);
          expect(Math.abs((found?.radiusMm ?? NaN) - radiusMm)).toBeLessThan(1);
          expect(norm(plus(found?.middle ?? [NaN, 0, 0], middle, -1))).toBeLessThan(1.5);
          expect(Math.abs((found?.core ?? NaN) - inside)).toBeLessThan(15);
        },
      ),
      RUNS,
    );
  });

  it.each([
    ['even tissue', tissueOf(60)],
    ['a sphere of too little contrast', imageOf({ radiusMm: 9, inside: 95 })],
    ['the border of two tissues', (x: number) => (x > 4 ? 110 : 20)],
    ['a layer', (x: number) => (Math.abs(x) > 5 ? 110 : 20)],
    ['a vessel', (x: number, y: number) => (Math.hypot(x, y) > 5 ? 60 : 220)],
    ['a sphere larger than the rays', imageOf({ radiusMm: 40 })],
    ['a place out of view', () => NaN],
  ])('finds none in %s', (_name, image) => {
    expect(blobAt(imageFrom(image), ORIGIN)).toBeUndefined();
  });

  it('finds none from a point beside a sphere', () => {
    expect(blobAt(imageFrom(imageOf({ radiusMm: 6, middle: [11, 0, 0] })), ORIGIN)).toBeUndefined();
  });

  it('finds none where more than 40 % of the surface touch tissue of its own density', () => {
    const sphere = imageOf({ radiusMm: 10 });
    const touching: Sampled = (x, y, z) => (x > 1 ? 40 : sphere(x, y, z));
    expect(blobAt(imageFrom(touching), ORIGIN)).toBeUndefined();
  });
});
