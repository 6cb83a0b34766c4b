import { lpsPoint } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { applyTo } from './affineFit.ts';
import { AFFINE_TERMS, TERMS, writeTerms } from '../leastSquares/basis.ts';
import { factor, solveFactored } from '../leastSquares/cholesky.ts';
import type { PointPair } from './pairs.ts';

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

/** Words of a packed pair. */
const NODE_WORDS = 7;

/** Pairs in shared memory, from inferior to superior; per pair: `from` (3), deviation of `to` from the affine map (3), weight. */
export function packedPairs(
  affine: Affine,
  pairs: readonly Pick<PointPair, 'from' | 'to' | 'weight'>[],
): Float64Array {
  const bytes = NODE_WORDS * Float64Array.BYTES_PER_ELEMENT * pairs.length;
  const nodes = new Float64Array(new SharedArrayBuffer(bytes));
  const sorted = pairs.toSorted((a, b) => a.from[2] - b.from[2]);
  sorted.forEach(({ from, to, weight }, n) => {
    const at = applyTo(affine, from);
    nodes.set([...from, to[0] - at[0], to[1] - at[1], to[2] - at[2], weight], NODE_WORDS * n);
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
    const { right, weight } = this.#fit(point, undefined);
    const m = this.#affine;
    const linear = Float64Array.of(m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]);
    for (let r = 0; r < 3; r++)
      for (let c = 0; c < 3; c++)
        linear[3 * r + c] =
          (linear[3 * r + c] as number) + (right[r as 0 | 1 | 2][c + 1] as number) / this.#sigma;
    return {
      lps: this.#placeOf(point, right),
      linear,
      spreadMm: this.#spread(point, right),
      support: weight,
    };
  }

  /** Where the map puts a point (LPS, mm), without the pair at `except` if given. */
  placeOf(point: LpsPoint, except?: LpsPoint): LpsPoint {
    return this.#placeOf(point, this.#fit(point, except).right);
  }

  #placeOf(point: LpsPoint, right: Three): LpsPoint {
    const base = applyTo(this.#affine, point);
    const [x, y, z] = right.map((r) => r[0] as number) as [number, number, number];
    return lpsPoint(base[0] + x, base[1] + y, base[2] + z);
  }

  #fit(point: LpsPoint, except: LpsPoint | undefined): { readonly right: Three; readonly weight: number } {
    const { system, right, weight } = this.#sums(point, except);
    // Shift and slopes are drawn to zero as by AFFINE_WEIGHT pairs at one sigma, curvature as by FLAT_WEIGHT.
    for (let d = 0; d < TERMS; d++)
      system[d * TERMS + d] =
        (system[d * TERMS + d] as number) + (d < AFFINE_TERMS ? AFFINE_WEIGHT : FLAT_WEIGHT);
    factor(system, TERMS);
    for (const r of right) solveFactored(system, TERMS, r);
    return { right, weight };
  }

  #sums(point: LpsPoint, except: LpsPoint | undefined) {
    const nodes = this.#nodes;
    const system = new Float64Array(TERMS * TERMS);
    const right: Three = [new Float64Array(TERMS), new Float64Array(TERMS), new Float64Array(TERMS)];
    const phi = new Float64Array(TERMS);
    let weight = 0;
    const [first, end] = this.#inReach(point[2]);
    for (let n = first; n < end; n += NODE_WORDS) {
      const w = this.#weight(n, point, except, phi);
      if (w === 0) continue;
      weight += w;
      for (let a = 0; a < TERMS; a++) {
        const p = w * (phi[a] as number);
        for (let b = 0; b <= a; b++)
          system[TERMS * a + b] = (system[TERMS * a + b] as number) + p * (phi[b] as number);
        for (let c = 0; c < 3; c++) {
          const r = right[c as 0 | 1 | 2];
          r[a] = (r[a] as number) + p * (nodes[n + 3 + c] as number);
        }
      }
    }
    return { system, right, weight };
  }

  /** The pairs whose `from` may be in reach of a point at this height (z, mm). */
  #inReach(z: number): readonly [first: number, end: number] {
    const mm = this.#reach * this.#sigma + ROUNDING_MM;
    return [this.#firstAbove(z - mm), this.#firstAbove(z + mm)];
  }

  /** Where the pairs begin whose `from` lies at least this high (z, mm). */
  #firstAbove(z: number): number {
    const nodes = this.#nodes;
    let [low, high] = [0, nodes.length / NODE_WORDS];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((nodes[middle * NODE_WORDS + 2] as number) < z) low = middle + 1;
      else high = middle;
    }
    return low * NODE_WORDS;
  }

  #weight(n: number, point: LpsPoint, except: LpsPoint | undefined, phi: Float64Array): number {
    const nodes = this.#nodes;
    const sigma = this.#sigma;
    const x = ((nodes[n] as number) - point[0]) / sigma;
    const y = ((nodes[n + 1] as number) - point[1]) / sigma;
    const z = ((nodes[n + 2] as number) - point[2]) / sigma;
    const squared = x * x + y * y + z * z;
    if (squared > this.#reach * this.#reach) return 0;
    if (
      except !== undefined &&
      nodes[n] === except[0] &&
      nodes[n + 1] === except[1] &&
      nodes[n + 2] === except[2]
    )
      return 0;
    writeTerms(x, y, z, phi);
    return (nodes[n + 6] as number) * Math.exp(-0.5 * squared);
  }

  #spread(point: LpsPoint, fit: Three): number {
    const nodes = this.#nodes;
    const phi = new Float64Array(TERMS);
    let [sum, weight] = [AFFINE_WEIGHT * AFFINE_SPREAD_MM * AFFINE_SPREAD_MM, AFFINE_WEIGHT];
    const [first, end] = this.#inReach(point[2]);
    for (let n = first; n < end; n += NODE_WORDS) {
      const w = this.#weight(n, point, undefined, phi);
      if (w === 0) continue;
      weight += w;
      for (let c = 0; c < 3; c++) {
        const f = fit[c as 0 | 1 | 2];
        let expected = 0;
        for (let t = 0; t < TERMS; t++) expected += (f[t] as number) * (phi[t] as number);
        const residual = (nodes[n + 3 + c] as number) - expected;
        sum += w * residual * residual;
      }
    }
    return Math.sqrt(sum / weight);
  }
}

type Three = readonly [Float64Array, Float64Array, Float64Array];
