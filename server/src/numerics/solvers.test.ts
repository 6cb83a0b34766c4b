import fc from 'fast-check';
import { perAxis } from '../geometry/index.ts';
import { factor, solveFactored, solveLeastNorm } from './solvers.ts';
import type { Symmetric3 } from './solvers.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const entry = evenly(-3, 3);
const entries = (length: number): fc.Arbitrary<number[]> =>
  fc.array(entry, { minLength: length, maxLength: length });

/** G GT + diagonal, of n columns: positive definite where the diagonal is positive. */
function definite(g: readonly number[], n: number, diagonal: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    return Array.from({ length: n }, (_u, k) => g[row * n + k]! * g[column * n + k]!).reduce(
      (sum, value) => sum + value,
      row === column ? diagonal : 0,
    );
  });
}

function times(m: ArrayLike<number>, x: readonly number[]): Float64Array {
  return Float64Array.from(x, (_, row) =>
    x.reduce((sum, value, column) => sum + m[row * x.length + column]! * value, 0),
  );
}

describe('factor', () => {
  it('solves positive definite systems, of which it reads the lower triangle', () => {
    fc.assert(
      fc.property(entries(16), entries(4), (g, x) => {
        const m = definite(g, 4, 1);
        const b = times(m, x);
        const lower = m.map((value, at) => (at % 4 > Math.floor(at / 4) ? NaN : value));
        expect(factor(lower, 4)).toBe(true);
        solveFactored(lower, 4, b);
        b.forEach((value, n) => {
          expect(value).toBeCloseTo(x[n]!, 6);
        });
      }),
    );
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(factor(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
    expect(factor(new Float64Array(4), 2)).toBe(false);
  });
});

describe('solveLeastNorm', () => {
  const rowsOf = (m: ArrayLike<number>): Symmetric3 =>
    perAxis((row) => perAxis((column) => m[3 * row + column]!));

  it('solves systems of full rank', () => {
    fc.assert(
      fc.property(entries(9), entries(3), (g, x) => {
        const m = definite(g, 3, 1);
        const [b0, b1, b2] = times(m, x);
        solveLeastNorm(rowsOf(m), [b0!, b1!, b2!]).forEach((value, n) => {
          expect(value).toBeCloseTo(x[n]!, 6);
        });
      }),
    );
  });

  it('has nothing along directions that the matrix says nothing about', () => {
    // Rank one: v vT, whose solutions differ by what is perpendicular to v.
    const v = [1, 2, 2] as const;
    const m = rowsOf(v.flatMap((a) => v.map((b) => a * b)));
    solveLeastNorm(m, [9, 18, 18]).forEach((value, n) => {
      expect(value).toBeCloseTo(v[n]!, 9);
    });
  });
});
