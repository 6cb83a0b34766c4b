import fc from 'fast-check';
import { createRandom } from './random.ts';
import { ScannerNoise, Texture } from './texture.ts';
import { evenly } from '../geometry/testing/evenly.ts';

function statistics(values: ArrayLike<number>): { mean: number; sd: number } {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return { mean, sd: Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length) };
}

/** Correlation of a row with itself, `lag` numbers further on. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [statistics(a), statistics(b)];
  const covariance = a.reduce((sum, value, n) => sum + (value - p.mean) * (b[n]! - q.mean), 0) / a.length;
  return covariance / (p.sd * q.sd);
}

describe('the texture of tissues', () => {
  const LATTICE_MM = 2.6;
  const texture = new Texture(LATTICE_MM, createRandom(1, 'texture'));
  const mm = evenly(-300, 300);

  it('has mean 0 and standard deviation 1', () => {
    const random = createRandom(2, 'places');
    const values = Array.from({ length: 20_000 }, () =>
      texture.at(random.between(-200, 200), random.between(-200, 200), random.between(-200, 200)),
    );
    const { mean, sd } = statistics(values);
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(sd - 1)).toBeLessThan(0.06);
  });

  it('is a function of the place: the same there however it is come by', () => {
    fc.assert(
      fc.property(mm, mm, mm, (x, y, z) => {
        const once = texture.at(x, y, z);
        texture.at(-x, y + 1, z);
        expect(texture.at(x, y, z)).toBe(once);
        expect(new Texture(LATTICE_MM, createRandom(1, 'texture')).at(x, y, z)).toBe(once);
      }),
      { numRuns: 10 },
    );
  });

  it('repeats only after 32 lattice points, and goes on evenly below 0', () => {
    fc.assert(
      fc.property(mm, mm, mm, (x, y, z) => {
        const period = 32 * LATTICE_MM;
        expect(texture.at(x - period, y + period, z)).toBeCloseTo(texture.at(x, y, z), 6);
        expect(texture.at(x + 1e-7, y, z)).toBeCloseTo(texture.at(x, y, z), 5);
      }),
    );
    expect(texture.at(-1e-9, 0.3, 0.4)).toBeCloseTo(texture.at(1e-9, 0.3, 0.4), 6);
  });

  it('is linear between neighbouring lattice points, and unrelated over several of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), evenly(0, 1), (i, f) => {
        const at = (x: number): number => texture.at(x * LATTICE_MM, 13, -7);
        expect(at(i + f)).toBeCloseTo((1 - f) * at(i) + f * at(i + 1), 6);
      }),
    );
    const places = Array.from(
      { length: 4_000 },
      (_, n) => [(n % 63) * 1.3, (n % 61) * 1.7, (n % 59) * 1.9] as const,
    );
    const here = places.map(([x, y, z]) => texture.at(x, y, z));
    const near = places.map(([x, y, z]) => texture.at(x + 0.5, y, z));
    const far = places.map(([x, y, z]) => texture.at(x + 5 * LATTICE_MM, y, z));
    expect(correlation(here, near)).toBeGreaterThan(0.8);
    expect(Math.abs(correlation(here, far))).toBeLessThan(0.15);
  });
});

describe('the noise of a scanner', () => {
  const slice = (noise: ScannerNoise, columns = 128, rows = 64): number[] => {
    const out = new Float32Array(columns * rows);
    noise.slice(columns, rows, out);
    return Array.from(out);
  };

  it('has the standard deviation that is requested, HU', () => {
    for (const sigmaHu of [3, 11]) {
      const { mean, sd } = statistics(slice(new ScannerNoise(sigmaHu, 1, 'current'), 256, 200));
      expect(Math.abs(mean) / sigmaHu).toBeLessThan(0.05);
      expect(sd / sigmaHu).toBeCloseTo(1, 1);
    }
  });

  it('goes together in neighbouring pixels of a row, and in no others', () => {
    const values = slice(new ScannerNoise(10, 1, 'current'), 256, 200);
    const inRow = (lag: number): number =>
      correlation(
        values.filter((_, n) => n % 256 < 256 - lag),
        values.filter((_, n) => n % 256 >= lag),
      );
    // 0.72 of a pixel's own number and 0.52 of the next one's: 0.37 in common.
    expect(inRow(1)).toBeCloseTo(0.37, 1);
    expect(Math.abs(inRow(2))).toBeLessThan(0.05);
    expect(Math.abs(correlation(values.slice(0, -256), values.slice(256)))).toBeLessThan(0.05);
  });

  it('differs from slice to slice and from scan to scan, and is the same for the same seed', () => {
    const noise = new ScannerNoise(10, 1, 'current');
    const [first, second] = [slice(noise), slice(noise)];
    expect(first).not.toEqual(second);
    const again = new ScannerNoise(10, 1, 'current');
    expect([slice(again), slice(again)]).toEqual([first, second]);
    expect(slice(new ScannerNoise(10, 1, 'prior'))).not.toEqual(first);
  });
});
