import { lpsPoint } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import { applyTo } from '../affineRegistration/index.ts';
import { AFFINE_TERMS, TERMS } from '../registration/index.ts';
import { factor, solveFactored } from '../numerics/index.ts';
import { fieldKernel } from './fieldKernel.ts';
import type { Window } from './fieldKernel.ts';
import { NODE_NUMBERS } from './layout.ts';
import type { WeighedPair } from './pairs.ts';

/** What the neighbours say about a point. */
export interface Prediction {
  /** LPS, mm; may lie outside the target. */
  readonly lps: LpsPoint;
  /** Row-major 3 x 3: a small offset in the query to one in the target. */
  readonly linear: Float64Array;
  /** Weighted deviation of the neighbours from it (root mean square distance), mm. */
  readonly spreadMm: number;
  /** Sum of the neighbours' weights: below about 2 the map is extrapolated. */
  readonly support: number;
}

/** Where the Gaussian has fallen to a hundredth. */
const REACH_SIGMAS = 3;
/** Weight of "like the affine map of the whole body", in pairs. */
const AFFINE_WEIGHT = 0.15;
/** Weight of "without curvature", in pairs at one sigma: a field seen from one side only stays affine. */
const FLAT_WEIGHT = 1;
/** Spread of that map around the truth, mm. */
const AFFINE_SPREAD_MM = 10;

/** A pair as far away as the reach is not lost to rounding, mm. */
const ROUNDING_MM = 1e-6;

/** Pairs in shared memory, from inferior to superior; per pair: `from` (3), deviation of `to` from the affine map (3), weight. */
export function packedPairs(affine: Affine, pairs: readonly WeighedPair[]): Float64Array {
  const bytes = NODE_NUMBERS * Float64Array.BYTES_PER_ELEMENT * pairs.length;
  const nodes = new Float64Array(new SharedArrayBuffer(bytes));
  const sorted = pairs.toSorted((a, b) => a.from[2] - b.from[2]);
  sorted.forEach(({ from, to, weight }, n) => {
    const at = applyTo(affine, from);
    nodes.set([...from, to[0] - at[0], to[1] - at[1], to[2] - at[2], weight], NODE_NUMBERS * n);
  });
  return nodes;
}

/**
 * Pairs around which a smooth map is fitted (moving least squares): at every point a quadratic deviation from the affine map
 * of the whole body. An affine one would miss half the curvature times sigma squared: 4 mm of a strong deformation.
 */
export class SmoothField {
  readonly #affine: Affine;
  readonly #sigma: number;
  readonly #reach: number;
  /** See {@link packedPairs}. */
  readonly #nodes: Float64Array;

  /**
   * @param nodes see {@link packedPairs}
   * @param reachSigmas a neighbour farther away than this many sigmas counts nothing
   */
  constructor(affine: Affine, nodes: Float64Array, sigmaMm: number, reachSigmas = REACH_SIGMAS) {
    this.#reach = reachSigmas;
    this.#affine = affine;
    this.#sigma = sigmaMm;
    this.#nodes = nodes;
  }

  /** The smooth map at a point of the query (LPS, mm). */
  at(point: LpsPoint): Prediction {
    const { right, support, spreadMm } = this.#fit(point);
    const m = this.#affine;
    const linear = Float64Array.of(m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]);
    for (let at = 0; at < linear.length; at++) {
      const [r, c] = [Math.floor(at / 3), at % 3];
      linear[at] = (linear[at] ?? NaN) + (right[r]?.[c + 1] ?? NaN) / this.#sigma;
    }
    return { lps: this.#placeOf(point, right), linear, spreadMm: spreadMm(), support };
  }

  /** Where the map puts a point (LPS, mm), without the pair at `except` if given. */
  placeOf(point: LpsPoint, except?: LpsPoint): LpsPoint {
    return this.#placeOf(point, this.#fit(point, except).right);
  }

  #placeOf(point: LpsPoint, right: Three): LpsPoint {
    const base = applyTo(this.#affine, point);
    const [x, y, z] = right;
    return lpsPoint(base[0] + (x[0] ?? NaN), base[1] + (y[0] ?? NaN), base[2] + (z[0] ?? NaN));
  }

  /** The polynomials at a point; valid until the next fit of any field. */
  #fit(point: LpsPoint, except?: LpsPoint): Fit {
    const window = this.#windowAt(point[2]);
    const kernel = fieldKernel(this.#nodes.length / NODE_NUMBERS);
    const support = kernel.sum(window, point, except);
    const { system, right } = kernel;
    // Shift and slopes are drawn to zero as by AFFINE_WEIGHT pairs at one sigma, curvature as by FLAT_WEIGHT.
    for (let d = 0; d < TERMS; d++)
      system[d * TERMS + d] =
        (system[d * TERMS + d] ?? NaN) + (d < AFFINE_TERMS ? AFFINE_WEIGHT : FLAT_WEIGHT);
    factor(system, TERMS);
    for (const r of right) solveFactored(system, TERMS, r);
    const spreadMm = (): number => {
      const start = [AFFINE_WEIGHT * AFFINE_SPREAD_MM * AFFINE_SPREAD_MM, AFFINE_WEIGHT] as const;
      const [squares, weights] = kernel.spread(window, point, start);
      return Math.sqrt(squares / weights);
    };
    return { right, support, spreadMm };
  }

  /** The pairs whose `from` may be in reach of a point at this height (z, mm). */
  #windowAt(z: number): Window {
    const mm = this.#reach * this.#sigma + ROUNDING_MM;
    const first = this.#firstAbove(z - mm);
    const count = this.#firstAbove(z + mm) - first;
    return { nodes: this.#nodes, first, count, sigma: this.#sigma, reach: this.#reach };
  }

  /** The first pair whose `from` lies at least this high (z, mm). */
  #firstAbove(z: number): number {
    const nodes = this.#nodes;
    let [low, high] = [0, nodes.length / NODE_NUMBERS];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((nodes[middle * NODE_NUMBERS + 2] ?? NaN) < z) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

type Three = readonly [Float64Array, Float64Array, Float64Array];

interface Fit {
  readonly right: Three;
  /** Sum of the pairs' weights. */
  readonly support: number;
  /** See {@link Prediction}. */
  readonly spreadMm: () => number;
}
