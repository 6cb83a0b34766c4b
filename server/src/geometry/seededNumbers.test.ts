import fc from 'fast-check';
import { seededNumbers } from './seededNumbers.ts';

function drawn(seed: number, count: number): number[] {
  const random = seededNumbers(seed);
  return Array.from({ length: count }, () => random());
}

describe('seededNumbers', () => {
  it('gives the numbers that mulberry32 is known to give', () => {
    // Tommy Ettinger's generator as ported to JavaScript by bryc, with the seed 1.
    expect(drawn(1, 3).map((value) => value.toFixed(9))).toEqual([
      '0.627073941',
      '0.002735721',
      '0.527447040',
    ]);
  });

  it('gives the same numbers for the same seed, and others for the next one', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(drawn(seed, 8)).toEqual(drawn(seed, 8));
        expect(drawn(seed, 8)).not.toEqual(drawn(seed + 1, 8));
      }),
    );
  });

  it('keeps two streams apart', () => {
    const [one, other] = [seededNumbers(5), seededNumbers(5)];
    const separate = drawn(5, 6);
    const interleaved = Array.from({ length: 6 }, (_, n) => {
      for (let skipped = 0; skipped < n; skipped++) other();
      return one();
    });
    expect(interleaved).toEqual(separate);
  });

  it('fills [0, 1) evenly', () => {
    const counts = new Array<number>(10).fill(0);
    for (const value of drawn(7, 20_000)) {
      expect(value >= 0 && value < 1).toBe(true);
      counts[Math.floor(10 * value)]! += 1;
    }
    // 2,000 expected, with a standard deviation of 42.
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(5 * 42);
  });
});
