import fc from 'fast-check';
import { norm, plus } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { median } from '../../numerics/median.ts';
import { COARSE, FINE, rays } from './rays.ts';
import type { RayImage, Sampling } from './rays.ts';
import { imageFrom } from './testing/sampled.ts';
import type { Sampled } from './testing/sampled.ts';

const ORIGIN: Vector = [0, 0, 0];
const SAMPLINGS = fc.constantFrom(FINE, COARSE);
const offset = fc.tuple(...[1, 2, 3].map(() => fc.double({ min: -9, max: 9, noNaN: true }))) as fc.Arbitrary<
  [number, number, number]
>;

/** Values that repeat, none of them -0, and places out of view. */
const uneven: Sampled = (x, y, z) =>
  x > 8 ? NaN : 0 + Math.round(20 * Math.sin(1.7 * x + 0.9 * y - 1.3 * z)) + Math.round(y);

function valuesOf(image: Sampled, from: Vector, { directions }: Sampling, mm: number): number[] {
  return directions.map((direction) => image(...plus(from, direction, mm)));
}

/** An image, and how often it was read. */
function counted(image: RayImage): { readonly image: RayImage; readonly reads: () => number } {
  let reads = 0;
  const read: RayImage['read'] = (...args) => {
    reads++;
    image.read(...args);
  };
  return { image: { ...image, read }, reads: () => reads };
}

describe('rays', () => {
  it('give the median of one shell and of several, without what is out of view', () => {
    fc.assert(
      fc.property(
        offset,
        SAMPLINGS,
        fc.nat(9),
        fc.integer({ min: 1, max: 3 }),
        (from, sampling, first, count) => {
          rays.open(imageFrom(uneven), from, sampling);
          const shells = Array.from({ length: count }, (_, n) =>
            valuesOf(uneven, from, sampling, (first + n) * sampling.stepMm),
          );
          expect(rays.medianOf(first, count)).toBe(median(shells.flat()));
          expect(rays.medianAt(first)).toBe(median(shells[0] ?? []));
        },
      ),
    );
  });

  it('give how much two images differ', () => {
    const other: Sampled = (x, y, z) => uneven(y, x, z);
    rays.open(imageFrom(uneven), ORIGIN, FINE);
    rays.shellAt(0, 7);
    rays.turnTo(imageFrom(other));
    rays.shellAt(1, 7);
    const [a, b] = [uneven, other].map((image) => valuesOf(image, ORIGIN, FINE, 7));
    expect(rays.medianDifference(0, 1)).toBe(median(a!.map((value, ray) => Math.abs(value - b![ray]!))));
  });

  it('follow each direction to the surface, which leads halfway to its middle', () => {
    fc.assert(
      fc.property(fc.double({ min: 6, max: 15, noNaN: true }), offset, (radiusMm, at) => {
        // Up to a fifth of the radius off the middle.
        const middle = plus(ORIGIN, at, (0.2 * radiusMm) / Math.max(norm(at), radiusMm));
        const distance: Sampled = (...place) => 100 * norm(plus(place, middle, -1));
        rays.open(imageFrom(distance), ORIGIN, FINE);
        const seen = rays.surface(0, 100 * radiusMm, 2, 1.7);
        expect(seen.found).toBe(FINE.directions.length);
        expect(Math.abs(seen.radiusMm - radiusMm)).toBeLessThan(0.05 * radiusMm);
        expect(seen.rangeMm).toBeLessThan(0.4 * radiusMm);
        expect(norm(plus(rays.shift(seen.radiusMm), middle, -0.5))).toBeLessThan(0.15 * radiusMm);
      }),
    );
  });

  it('name the directions that find no surface', () => {
    const layer: Sampled = (x) => (Math.abs(x) > 5 ? 90 : 0);
    rays.open(imageFrom(layer), ORIGIN, FINE);
    const { found } = rays.surface(0, 45, 2, 20);
    const open = rays.openDirections();
    expect(open).toHaveLength(96 - found);
    expect(open).toEqual(FINE.directions.filter(([x]) => Math.abs(x) <= 5 / 25));
  });

  it('read an image as far as they are followed, and once', () => {
    const { image, reads } = counted(imageFrom((x, y, z) => (norm([x, y, z]) > 4.5 ? 90 : 0)));
    rays.open(image, ORIGIN, FINE);
    expect(rays.surface(0, 45, 2, 1.7)).toMatchObject({ found: 96, rangeMm: 0, radiusMm: 4.5 });
    expect(reads()).toBe(7);
    rays.medianAt(3);
    expect(reads()).toBe(7);
    rays.medianAt(9);
    expect(reads()).toBe(8);
  });
});
