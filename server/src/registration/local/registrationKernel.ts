/**
 * Opens the registration module (server/src/registration/wasm/registration.ts), with views of its memory.
 * @module
 */
import { openRegistration } from '../generated/registrationModule.ts';
import type { RegistrationExports } from '../generated/registrationModule.ts';
import {
  BOX_CAPACITY,
  GRADIENT_PRODUCTS,
  LIMITS_NUMBERS,
  PRODUCTS,
  REGIONS,
  SCALES_NUMBERS,
  STAGED_CAPACITY,
  TABLE_NUMBERS,
  TERMS,
  WINDOW_WORDS,
} from '../layout.ts';
import { EXPONENTS } from '../polynomials.ts';

/** One thread's registration module and its memory. */
export interface RegistrationKernel {
  readonly run: RegistrationExports;
  /** Boxes of levels. */
  readonly boxes: readonly [Float32Array, Float32Array];
  /** Rows of a level, on the way to a box. */
  readonly staged: Int16Array;
  /** What {@link RegistrationExports.extract} reads: words, see layout.ts; */
  readonly window: Int32Array;
  /** and its scales. */
  readonly scales: Float32Array;
  /** Per axis BOX_EDGE offsets in sigmas, then the same of weights. */
  readonly tables: Float32Array;
  /** TERMS per axis. */
  readonly polynomials: Float32Array;
  /** First i, j, k and end i, j, k of the level; then of the box. */
  readonly limits: Float32Array;
  /** Least i, j, k, then largest. */
  readonly bounds: Float32Array;
  readonly sums: Float64Array;
  /** Per region: residual over what is expected, and the share of its weight that it keeps. */
  readonly ratios: Float64Array;
  readonly kept: Float64Array;
  /** Numbers of the regions that have a voxel in view. */
  readonly seenRegions: Uint16Array;
}

/** A kernel of one's own: its memory is written by every call. */
export function openRegistrationKernel(): RegistrationKernel {
  const run = openRegistration({});
  const { buffer } = run.memory;
  const floats = (place: { readonly value: number }, length: number): Float32Array =>
    new Float32Array(buffer, place.value, length);
  new Uint8Array(buffer, run.FACTORS.value).set(FACTORS.flat());
  return {
    run,
    boxes: [floats(run.FIRST_BOX, BOX_CAPACITY), floats(run.SECOND_BOX, BOX_CAPACITY)],
    staged: new Int16Array(buffer, run.STAGED.value, STAGED_CAPACITY),
    window: new Int32Array(buffer, run.WINDOW.value, WINDOW_WORDS),
    scales: floats(run.SCALES, SCALES_NUMBERS),
    tables: floats(run.TABLES, TABLE_NUMBERS),
    polynomials: floats(run.POLYNOMIALS, 3 * TERMS),
    limits: floats(run.LIMITS, LIMITS_NUMBERS),
    bounds: floats(run.BOUNDS, 2 * 3),
    sums: new Float64Array(buffer, run.SUMS.value, PRODUCTS * GRADIENT_PRODUCTS),
    ratios: new Float64Array(buffer, run.RATIO.value, REGIONS),
    kept: new Float64Array(buffer, run.KEPT.value, REGIONS),
    seenRegions: new Uint16Array(buffer, run.SEEN_REGIONS.value, REGIONS),
  };
}

/** Two terms whose product each is; and the number of the product of terms a and b, at `a * TERMS + b`. */
const [FACTORS, PRODUCT_OF] = multiplied();

function multiplied(): readonly [factors: readonly (readonly [number, number])[], productOf: Uint8Array] {
  const known = new Map<string, number>();
  const factors: [number, number][] = [];
  const productOf = new Uint8Array(TERMS * TERMS);
  for (const [a, ofA] of EXPONENTS.entries()) {
    for (const [b, ofB] of EXPONENTS.slice(0, a + 1).entries()) {
      const product = ofA.map((exponent, axis) => exponent + (ofB[axis] ?? NaN)).join();
      const number = known.get(product) ?? factors.push([a, b]) - 1;
      known.set(product, number);
      productOf[a * TERMS + b] = number;
      productOf[b * TERMS + a] = number;
    }
  }
  return [factors, productOf];
}

/** The number of the product of two terms. The products of the first terms come first. */
export function productOf(a: number, b: number): number {
  return PRODUCT_OF[a * TERMS + b] ?? NaN;
}

/** How many different products the first `terms` terms have. */
export function productsOf(terms: number): number {
  return Math.max(...PRODUCT_OF.subarray(0, terms * TERMS).filter((_, n) => n % TERMS < terms)) + 1;
}
