/**
 * Opens the registration module (server/src/registration/wasm/registration.ts) and says where its numbers lie.
 * @module
 */
import { registrationModule } from '../generated/registrationModule.ts';
import { EXPONENTS, TERMS } from '../polynomials.ts';

/** Voxels of a box along one axis at most: windows reach over 25, and what they are mapped to over little more. */
export const BOX_EDGE = 64;
/** Products of two terms that differ from each other: the monomials up to the fourth degree. */
const PRODUCTS = 35;
/** Products of two gradient components: xx, xy, xz, yy, yz, zz. */
export const GRADIENT_PRODUCTS = 6;

/** Functions of the module; see there. */
interface RegistrationExports {
  readonly memory: WebAssembly.Memory;
  take(...boxWindowInnerGradientReach: readonly number[]): number;
  curvature(count: number, products: number): void;
  bounds(count: number, isAffine: boolean): void;
  sample(count: number, isAffine: boolean, boxI: number, boxJ: number, first: number): number;
  moments(count: number): void;
  residuals(count: number, gain: number, offset: number): number;
  pull(count: number, terms: number, scale: number): void;
}

type Place = 'QUERY_BOX' | 'TARGET_BOX' | 'TABLES' | 'POLYNOMIALS' | 'LIMITS' | 'BOUNDS' | 'SUMS' | 'FACTORS';

/** One thread's registration module and its memory. */
export interface RegistrationKernel {
  readonly run: RegistrationExports;
  readonly queryBox: Float32Array;
  readonly targetBox: Float32Array;
  /** Per axis {@link BOX_EDGE} offsets in sigmas, then the same of weights. */
  readonly tables: Float32Array;
  /** TERMS per axis. */
  readonly polynomials: Float32Array;
  /** First i, j, k and end i, j, k of the level; then of the box. */
  readonly limits: Float32Array;
  /** Least i, j, k, then largest. */
  readonly bounds: Float32Array;
  readonly sums: Float64Array;
}

/** A kernel of one's own: its memory is written by every call. */
export function openRegistrationKernel(): RegistrationKernel {
  const { exports } = new WebAssembly.Instance(registrationModule(), {});
  const places = exports as unknown as Record<Place, { readonly value: number }>;
  const run = exports as unknown as RegistrationExports;
  const floats = (place: Place, length: number): Float32Array =>
    new Float32Array(run.memory.buffer, places[place].value, length);
  new Uint8Array(run.memory.buffer, places.FACTORS.value).set(FACTORS.flat());
  return {
    run,
    queryBox: floats('QUERY_BOX', BOX_EDGE ** 3),
    targetBox: floats('TARGET_BOX', BOX_EDGE ** 3),
    tables: floats('TABLES', 2 * 3 * BOX_EDGE),
    polynomials: floats('POLYNOMIALS', 3 * TERMS),
    limits: floats('LIMITS', 4 * 3),
    bounds: floats('BOUNDS', 2 * 3),
    sums: new Float64Array(run.memory.buffer, places.SUMS.value, PRODUCTS * GRADIENT_PRODUCTS),
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
  return PRODUCT_OF[a * TERMS + b] as number;
}

/** How many different products the first `terms` terms have. */
export function productsOf(terms: number): number {
  return Math.max(...PRODUCT_OF.subarray(0, terms * TERMS).filter((_, n) => n % TERMS < terms)) + 1;
}
