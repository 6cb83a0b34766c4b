import fc from 'fast-check';
import { lpsPoint } from '../geometry/index.ts';
import { PRODUCTS, TERMS } from './layout.ts';
import { productOf, productsOf } from './local/registrationKernel.ts';
import { voxelPolynomials } from './local/warp.ts';
import { AFFINE_TERMS, EXPONENTS, rescaled } from './polynomials.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const offsets = fc.tuple(evenly(-3, 3), evenly(-3, 3), evenly(-3, 3));
const thetas = fc.array(evenly(-5, 5), { minLength: 3 * TERMS, maxLength: 3 * TERMS });
const sigmas = evenly(2, 20);
type Triple = readonly [number, number, number];

/** A polynomial by its definition: coefficients times powers. */
function valueOf(coefficients: ArrayLike<number>, [x, y, z]: Triple): number {
  return EXPONENTS.reduce((sum, [a, b, c], term) => sum + coefficients[term]! * x ** a * y ** b * z ** c, 0);
}

function displacement(theta: Float64Array, at: Triple): number[] {
  return [0, 1, 2].map((axis) => valueOf(theta.subarray(axis * TERMS, (axis + 1) * TERMS), at));
}

describe('the terms', () => {
  it('are all monomials up to the second degree, the affine ones first', () => {
    expect(EXPONENTS).toHaveLength(TERMS);
    expect(new Set(EXPONENTS.map(String)).size).toBe(TERMS);
    EXPONENTS.forEach((exponents, term) => {
      const degree = exponents[0] + exponents[1] + exponents[2];
      expect(degree <= 1).toBe(term < AFFINE_TERMS);
      expect(degree).toBeLessThanOrEqual(2);
    });
  });

  it('have one number for each product that differs from the others', () => {
    const monomials = new Map<number, string>();
    for (const [a, ofA] of EXPONENTS.entries()) {
      for (const [b, ofB] of EXPONENTS.entries()) {
        const number = productOf(a, b);
        const monomial = ofA.map((exponent, axis) => exponent + ofB[axis]!).join(' ');
        expect(productOf(b, a)).toBe(number);
        expect(monomials.get(number) ?? monomial).toBe(monomial);
        monomials.set(number, monomial);
      }
    }
    expect(new Set(monomials.values()).size).toBe(monomials.size);
    expect([...monomials.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: PRODUCTS }, (_, n) => n),
    );
  });

  it('number the products of the affine terms first: those of a quadratic polynomial', () => {
    expect(productsOf(AFFINE_TERMS)).toBe(TERMS);
    expect(productsOf(TERMS)).toBe(PRODUCTS);
    for (let a = 0; a < AFFINE_TERMS; a++)
      for (let b = 0; b < AFFINE_TERMS; b++) expect(productOf(a, b)).toBeLessThan(TERMS);
  });
});

describe('rescaled', () => {
  it('is the same displacement at every place, in units of another sigma', () => {
    fc.assert(
      fc.property(thetas, sigmas, sigmas, offsets, (theta, from, to, [x, y, z]) => {
        const before = Float64Array.from(theta);
        const after = rescaled(before, from, to);
        const there = displacement(after, [(x * from) / to, (y * from) / to, (z * from) / to]);
        displacement(before, [x, y, z]).forEach((mm, axis) => {
          expect(there[axis]).toBeCloseTo(mm, 7);
        });
      }),
    );
  });

  it('undoes itself, and does not change its argument', () => {
    fc.assert(
      fc.property(thetas, sigmas, sigmas, (theta, from, to) => {
        const before = Float64Array.from(theta);
        rescaled(rescaled(before, from, to), to, from).forEach((value, n) => {
          expect(value).toBeCloseTo(theta[n]!, 9);
        });
        expect([...before]).toEqual(theta);
      }),
    );
  });
});

describe('voxelPolynomials', () => {
  const level = {
    dims: [10, 11, 12],
    spacing: [2, 2.5, 3],
    origin: [-10, 4, 20],
    values: new Int16Array(1320),
  } as const;

  it('gives the voxel of centre + linear · (offset + displacement), composed once', () => {
    const linears = fc.array(evenly(-1.5, 1.5), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(thetas, linears, sigmas, offsets, offsets, (theta, linear, sigma, at, centre) => {
        const prior = {
          centre: lpsPoint(...centre),
          linear: Float64Array.from(linear),
          shiftMm: 1,
          strain: 1,
          curvature: 1,
        };
        const polynomials = voxelPolynomials(level, prior, Float64Array.from(theta), sigma);
        const own = displacement(Float64Array.from(theta), at).map((mm, axis) => mm + sigma * at[axis]!);
        for (const axis of [0, 1, 2] as const) {
          const mm = own.reduce((sum, x, d) => sum + linear[3 * axis + d]! * x, centre[axis]);
          const expected = (mm - level.origin[axis]) / level.spacing[axis];
          expect(valueOf(polynomials.subarray(axis * TERMS, (axis + 1) * TERMS), at)).toBeCloseTo(
            expected,
            6,
          );
        }
      }),
    );
  });
});
