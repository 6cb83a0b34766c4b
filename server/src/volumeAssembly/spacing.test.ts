import fc from 'fast-check';
import { planSpacing } from './spacing.ts';

const spacing = fc.double({ min: 0.3, max: 10, noNaN: true });
const origin = fc.double({ min: -1000, max: 1000, noNaN: true });

/** Where the slices of a plan lie along the normal, from the slices they are mixed from. */
function heights(positions: readonly number[]): number[] {
  return planSpacing(positions).blends.map(({ lower, weight }) => {
    const below = positions[lower] ?? NaN;
    return weight === 0 ? below : below + weight * ((positions[lower + 1] ?? NaN) - below);
  });
}

describe('planSpacing', () => {
  it('keeps regular slices unchanged', () => {
    fc.assert(
      fc.property(origin, spacing, fc.integer({ min: 2, max: 40 }), (start, step, count) => {
        const positions = Array.from({ length: count }, (_, slice) => start + slice * step);
        const plan = planSpacing(positions);
        expect(plan.spacingMm).toBeCloseTo(step, 9);
        expect(plan.warnings).toEqual([]);
        expect(plan.blends).toEqual(positions.map((_, lower) => ({ lower, weight: 0 })));
      }),
    );
  });

  it('accepts positions rounded to 0.1 mm as regular', () => {
    const positions = Array.from({ length: 60 }, (_, slice) => Math.round(slice * 6.25) / 10);
    expect(planSpacing(positions)).toMatchObject({
      warnings: [],
      spacingMm: expect.closeTo(0.625, 2) as number,
    });
  });

  it('finds any single missing slice and puts its replacement where it was', () => {
    fc.assert(
      fc.property(
        origin,
        // A gap of two steps may have 10 mm at most, rounding included.
        fc.double({ min: 0.3, max: 4.99, noNaN: true }),
        fc.integer({ min: 6, max: 40 }),
        fc.nat(),
        (start, step, count, pick) => {
          const all = Array.from({ length: count }, (_, slice) => start + slice * step);
          const lost = 1 + (pick % (count - 2));
          const present = all.filter((_, slice) => slice !== lost);
          const plan = planSpacing(present);
          expect(plan.warnings.map(({ code }) => code)).toEqual(['volume/missing-slices-filled']);
          heights(present).forEach((height, slice) => {
            expect(height).toBeCloseTo(all[slice] ?? NaN, 6);
          });
        },
      ),
    );
  });

  it('puts resampled slices of an irregular series on a regular grid', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 2, max: 3.4, noNaN: true }), { minLength: 6, maxLength: 30 }),
        (steps) => {
          const positions = steps.reduce<number[]>((sum, step) => [...sum, (sum.at(-1) ?? 0) + step], [0]);
          const { spacingMm } = planSpacing(positions);
          heights(positions).forEach((height, slice) => {
            // Slices that are near enough are used unchanged: within 5 % of the median or the mean distance.
            const sorted = [...steps].sort((a, b) => a - b);
            const unit = sorted[Math.floor(sorted.length / 2)] ?? NaN;
            expect(Math.abs(height - slice * spacingMm)).toBeLessThanOrEqual(
              0.05 * Math.max(unit, spacingMm) + 1e-6,
            );
          });
          expect(heights(positions).at(-1)).toBe(positions.at(-1));
        },
      ),
    );
  });

  it('bridges 10 mm, and nothing more', () => {
    expect(planSpacing([0, 5, 10, 20, 25]).blends).toHaveLength(6);
    expect(() => planSpacing([0, 5.1, 10.2, 20.4, 25.5])).toThrow(/1 slices are missing/);
  });

  it('has no limit for thick slices that are regular', () => {
    expect(planSpacing([0, 15, 30, 45]).warnings).toEqual([]);
  });

  it('refuses near-duplicates that would multiply the slices', () => {
    expect(() => planSpacing([0, 0.05, 0.1, 0.15, 3, 6])).toThrow(/varies from 0.05 mm to 3.00 mm/);
  });
});
