/**
 * A patch of the query, compared again and again with the target as the current map shows it.
 * @module
 */
import { AXES } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { Level } from '../../pyramid/index.ts';
import {
  BOX,
  BOX_EDGE,
  BOX_LIMITS,
  COUNT,
  FIRST,
  GAUSS,
  GRADIENT_PRODUCTS,
  INNER_END,
  INNER_FROM,
  LEVEL_LIMITS,
  PARITY,
  PER_MM,
  REACH,
  STEP,
  TERMS,
  TO_J,
  TO_K,
} from '../layout.ts';
import { AFFINE_TERMS } from '../polynomials.ts';
import type { Coefficients } from '../polynomials.ts';
import { LevelBox } from './levelBox.ts';
import type { Prior } from './prior.ts';
import { openRegistrationKernel, productOf, productsOf } from './registrationKernel.ts';
import { Regions } from './regions.ts';
import { voxelPolynomials } from './warp.ts';

/** The window reaches this many sigmas from the point: beyond, its weight is below 5 %. */
const REACH_SIGMAS = 2.4;
/** Where the map moves the window out of what was copied of the target, this much more is copied, voxels. */
const MARGIN = 4;
/** Less of the window than this in view says too little. */
const LEAST_OVERLAP = 0.35;
/** Gain between two scans of the same tissue: another contrast phase at most. */
const [LEAST_GAIN, LARGEST_GAIN] = [0.33, 3];
/** The same where regions lose their weight: a lesion in one of the scans looks like another gain until it has lost its own. */
const [LEAST_ROBUST_GAIN, LARGEST_ROBUST_GAIN] = [0.8, 1.25];
/** Residuals beyond this many robust deviations lose weight (Cauchy). */
const TUNING = 2;
/** Mean of |x| of a normal distribution, in standard deviations: sqrt(2 / pi). */
const MEAN_ABSOLUTE = 0.798;
/** Variances and deviations of flat patches are not quite 0. */
const EPSILON = 1e-6;

/** How a patch is extracted. */
export interface Window {
  /** Standard deviation of the Gaussian weight, mm. */
  readonly sigma: number;
  /** Terms of the displacement in use. */
  readonly terms: number;
  /** Uses every second voxel, as the black fields of a chess board: neighbours in a low-passed image say little new. */
  readonly thinned?: boolean;
}

/** How alike the patch and the warped target are. */
export interface Comparison {
  /** Weighted correlation, -1 to 1. */
  readonly ncc: number;
  /** Robust standard deviation of the residuals, registration units. */
  readonly noise: number;
  /** Share of the window that is in view on both sides. */
  readonly overlap: number;
  /** Weighted mean of the target less that of the query, registration units. */
  readonly offset: number;
}

/** The patch around a point, for a thread to extract again and again. */
export class Patch {
  readonly #hessian = new Float64Array(9 * TERMS * TERMS);
  /** Whether it is that of the window's weights. */
  #hasHessian = false;
  readonly #kernel = openRegistrationKernel();
  #query = new LevelBox(this.#kernel, this.#kernel.boxes[0]);
  #target = new LevelBox(this.#kernel, this.#kernel.boxes[1]);
  /** Voxels in the window. */
  #count = 0;
  #sigma = 1;
  #terms = TERMS;
  /** Sum of the window's weights over all voxels that it would have with the whole ball in view. */
  #fullWeight = 0;
  readonly #regions = new Regions(this.#kernel);
  #hasRegions = false;
  /** The share of the window's own weights that its regions have kept. */
  #keptWeight = 1;

  /** Extracts the patch at a point of the query (LPS, mm): voxel centres of the level, so nothing is interpolated here. */
  extract(level: Level, point: LpsPoint, { sigma, terms, thinned }: Window): void {
    [this.#sigma, this.#terms] = [sigma, terms];
    const { run, sums } = this.#kernel;
    const i = this.#tabulate(level, point, 0);
    const j = this.#tabulate(level, point, 1);
    const k = this.#tabulate(level, point, 2);
    const [low, high] = [
      [i.low - 1, j.low - 1, k.low - 1],
      [i.low + i.count, j.low + j.count, k.low + k.count],
    ] as const;
    // A registration back begins with what the one before it has copied of the target.
    if (this.#target.holds(level, low, high)) [this.#query, this.#target] = [this.#target, this.#query];
    this.#query.cover(level, low, high);
    this.#describe(level, [i, j, k], thinned === true);
    this.#count = run.extract();
    this.#fullWeight = sums[0] ?? NaN;
    this.#hasRegions = false;
    this.#keptWeight = 1;
    this.#hasHessian = false;
  }

  /**
   * Sum of w g gT times phi phiT: symmetric, one row per (component, term), (3 terms)^2 in use, row stride 3 TERMS. Computed when it is
   * read: weights are often lowered again before.
   */
  get hessian(): Float64Array {
    if (!this.#hasHessian) this.#writeHessian();
    this.#hasHessian = true;
    return this.#hessian;
  }

  /**
   * Reads the target where a map puts the patch's voxels, fits gain and offset, and keeps the residuals for {@link pull}.
   * @param isRobust the gain is nearly known
   * @returns undefined where too little of the window is in view
   */
  compare(level: Level, prior: Prior, theta: Coefficients, isRobust = false): Comparison | undefined {
    const { run, sums, polynomials } = this.#kernel;
    polynomials.set(voxelPolynomials(level, prior, theta, this.#sigma));
    this.#sample(level);
    run.moments(this.#count);
    const [sum = NaN, sq = NaN, st = NaN, sqq = NaN, stt = NaN, sqt = NaN] = sums;
    const overlap = sum / this.#fullWeight;
    if (!(overlap >= LEAST_OVERLAP)) return undefined;
    const [meanQ, meanT] = [sq / sum, st / sum];
    const [varQ, varT, cov] = [
      sqq / sum - meanQ * meanQ,
      stt / sum - meanT * meanT,
      sqt / sum - meanQ * meanT,
    ];
    const [least, largest] = isRobust ? [LEAST_ROBUST_GAIN, LARGEST_ROBUST_GAIN] : [LEAST_GAIN, LARGEST_GAIN];
    const gain = Math.min(Math.max(cov / (varT + EPSILON), least), largest);
    const ncc = cov / Math.sqrt((varQ + EPSILON) * (varT + EPSILON));
    const absolute = run.residuals(this.#count, gain, meanQ - gain * meanT);
    return { ncc, noise: absolute / sum / MEAN_ABSOLUTE, overlap, offset: meanT - meanQ };
  }

  /**
   * Sum of weight, residual and gradient times term after a comparison, outliers lowered: the terms in use of x, of y, of z. Valid
   * until the next call.
   */
  pull({ noise }: Comparison): Float64Array {
    const { run, sums } = this.#kernel;
    run.pull(this.#count, this.#terms, 1 / (TUNING * noise + EPSILON));
    return sums.subarray(0, 3 * this.#terms);
  }

  /**
   * After a comparison: lowers the weights of regions that differ by more than a misalignment of `slackMm` explains, so that what is
   * around them decides. They have their weights again with the next {@link extract}.
   */
  lowerChanged(slackMm: number): void {
    this.#judge(slackMm);
    const kept = this.#regions.lower();
    this.#fullWeight *= kept / this.#keptWeight;
    this.#keptWeight = kept;
    this.#hasHessian = false;
  }

  /** After a comparison: share of the tissue near the point that has not changed, 0 to 1. */
  agreementNear(slackMm: number): number {
    this.#judge(slackMm);
    return this.#regions.agreementNear();
  }

  #judge(slackMm: number): void {
    if (!this.#hasRegions) this.#regions.open(this.#count, this.#sigma);
    this.#hasRegions = true;
    this.#regions.judge(slackMm);
  }

  /** Writes for the module where the window lies in the query's box. */
  #describe({ dims, spacing }: Level, ranges: readonly [Range, Range, Range], thinned: boolean): void {
    const { window, scales } = this.#kernel;
    const { low, dims: box, address } = this.#query;
    window[BOX] = address;
    const [toJ, toK] = [box[0], box[0] * box[1]];
    const [i, j, k] = ranges;
    window[FIRST] = i.low - low[0] + (j.low - low[1]) * toJ + (k.low - low[2]) * toK;
    window[TO_J] = toJ;
    window[TO_K] = toK;
    window[STEP] = thinned ? 2 : 1;
    window[PARITY] = (i.low + j.low + k.low) & 1;
    for (const axis of AXES) {
      const range = ranges[axis];
      window[COUNT + axis] = range.count;
      // Entries whose voxels have both neighbours: their gradients are central differences.
      window[INNER_FROM + axis] = 1 - range.low;
      window[INNER_END + axis] = dims[axis] - 1 - range.low;
      scales[PER_MM + axis] = 1 / (2 * spacing[axis]);
    }
    scales[REACH] = REACH_SIGMAS;
  }

  /** Offsets and weights of the window's voxels along an axis. */
  #tabulate({ spacing, origin }: Level, point: LpsPoint, axis: 0 | 1 | 2): Range {
    const mm = spacing[axis];
    const at = (point[axis] - origin[axis]) / mm;
    // A box holds the window and one voxel more on each side.
    const reach = Math.min((REACH_SIGMAS * this.#sigma) / mm, BOX_EDGE / 2 - 2);
    const low = Math.ceil(at - reach);
    const count = Math.floor(at + reach) - low + 1;
    const { tables } = this.#kernel;
    for (let n = 0; n < count; n++) {
      const offset = ((low + n - at) * mm) / this.#sigma;
      tables[axis * BOX_EDGE + n] = offset;
      tables[GAUSS + axis * BOX_EDGE + n] = Math.exp(-0.5 * offset * offset);
    }
    return { low, count };
  }

  /** Most often what was copied of the target for the iteration before suffices. */
  #sample(level: Level): void {
    if (this.#sampleIn(level) === 0) return;
    const { run, bounds } = this.#kernel;
    run.bounds(this.#count, this.#terms === AFFINE_TERMS);
    const at = (n: number): number => bounds[n] ?? NaN;
    this.#target.cover(
      level,
      [Math.floor(at(0)) - MARGIN, Math.floor(at(1)) - MARGIN, Math.floor(at(2)) - MARGIN],
      [Math.ceil(at(3)) + MARGIN, Math.ceil(at(4)) + MARGIN, Math.ceil(at(5)) + MARGIN],
    );
    this.#sampleIn(level);
  }

  /** Samples what the box has; gives how many voxels of the view it lacks. */
  #sampleIn(level: Level): number {
    const { run, limits } = this.#kernel;
    const { low, dims, address } = this.#target;
    const isCopied = this.#target.isOf(level);
    for (const axis of AXES) {
      const first = low[axis];
      limits[LEVEL_LIMITS + axis] = 0;
      limits[LEVEL_LIMITS + 3 + axis] = level.dims[axis] - 1;
      limits[BOX_LIMITS + axis] = first;
      limits[BOX_LIMITS + 3 + axis] = isCopied ? first + dims[axis] - 1 : first;
    }
    const [toJ, toK] = [dims[0], dims[0] * dims[1]];
    const first = low[0] + low[1] * toJ + low[2] * toK;
    return run.sample(this.#count, this.#terms === AFFINE_TERMS, address, toJ, dims[1], first);
  }

  /** From the sums over the patch to the full matrix. */
  #writeHessian(): void {
    const { run, sums } = this.#kernel;
    run.curvature(this.#count, this.#terms, PRODUCTS_OF[this.#terms] ?? NaN);
    const stride = 3 * TERMS;
    for (let a = 0; a < this.#terms; a++) {
      for (let b = 0; b <= a; b++) {
        const at = productOf(a, b) * GRADIENT_PRODUCTS;
        for (let c = 0; c < 3; c++) {
          for (let d = 0; d < 3; d++) {
            const value = sums[at + (PRODUCT_OF[3 * c + d] ?? NaN)] ?? NaN;
            this.#hessian[(c * TERMS + a) * stride + d * TERMS + b] = value;
            this.#hessian[(d * TERMS + b) * stride + c * TERMS + a] = value;
          }
        }
      }
    }
  }
}

/** How many different products the first terms have. */
const PRODUCTS_OF = Array.from({ length: TERMS + 1 }, (_, terms) => productsOf(terms));

/** Voxels of a window along an axis: the first one's index in the level, and how many. */
interface Range {
  readonly low: number;
  readonly count: number;
}

/** Which gradient product belongs to a pair of components. */
const PRODUCT_OF = [0, 1, 2, 1, 3, 4, 2, 4, 5];
