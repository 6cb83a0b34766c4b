import { WINDOW_CAPACITY } from '../layout.ts';
import type { WindowLines } from './registrationKernel.ts';

/** Edge of the regions that are judged as one, mm: below a lesion that matters, above the noise of single voxels. */
const REGION_MM = 6;
/** Regions along an axis, enough for the widest window; the point is in the middle of the middle one. */
const EDGE = 16;
const MIDDLE = EDGE / 2;
/** Residual of tissue that has not changed, registration units (HU), beside what a misalignment gives. */
const NOISE = 5;
/** A region differs when its residual is this many times that of the median region, or of what is expected at least. */
const LIMIT = 2;
/** The median region's residual is at least this share of what is expected. */
const LEAST_MEDIAN = 0.5;
/** How steeply the weight falls at the limit. */
const POWER = 4;
/** What counts as near the point, mm. */
const NEAR_MM = 8;

/** A window whose residuals are known. */
export interface ComparedWindow {
  readonly lines: WindowLines;
  /** Weight of each voxel before regions lose any. */
  readonly weights: Float32Array;
  readonly count: number;
  /** Unit of the offsets, mm. */
  readonly sigma: number;
}

/**
 * Which regions of a window differ between the scans, though a small misalignment would not explain it: a lesion that has grown,
 * shrunk, come or gone. One per thread.
 */
export class Regions {
  readonly #residual = new Float64Array(EDGE ** 3);
  readonly #expected = new Float64Array(EDGE ** 3);
  readonly #weight = new Float64Array(EDGE ** 3);
  /** Share of its weight that each region keeps. */
  readonly #kept = new Float64Array(EDGE ** 3);
  /** Regions with a voxel in view. */
  #seen: number[] = [];
  readonly #regionOf = new Uint16Array(WINDOW_CAPACITY);

  /**
   * Judges the regions of a window.
   * @param slackMm misalignment that may remain: residuals up to it times the gradient are expected
   */
  judge(window: ComparedWindow, slackMm: number): void {
    for (const sums of [this.#residual, this.#expected, this.#weight]) sums.fill(0);
    this.#seen = [];
    for (let n = 0; n < window.count; n++) this.#add(window, n, slackMm);
    const limit = LIMIT * Math.max(this.#medianRatio(), LEAST_MEDIAN);
    this.#kept.fill(1);
    for (const region of this.#seen) this.#kept[region] = 1 / (1 + (this.#ratioOf(region) / limit) ** POWER);
  }

  /** Adds a voxel to its region. */
  #add({ lines, weights, sigma }: ComparedWindow, n: number, slackMm: number): void {
    const region = regionAt(lines, n, sigma / REGION_MM);
    this.#regionOf[n] = region;
    if (lines.seen[n] === 0) return;
    if (this.#weight[region] === 0) this.#seen.push(region);
    const own = weights[n] ?? NaN;
    const expected = NOISE + slackMm * gradientAt(lines, n);
    this.#residual[region] = (this.#residual[region] ?? NaN) + own * Math.abs(lines.residual[n] ?? NaN);
    this.#expected[region] = (this.#expected[region] ?? NaN) + own * expected;
    this.#weight[region] = (this.#weight[region] ?? NaN) + own;
  }

  /** Writes the weights that remain. @returns their share of all */
  lower({ lines, weights, count }: ComparedWindow): number {
    let [all, kept] = [0, 0];
    for (let n = 0; n < count; n++) {
      const own = weights[n] ?? NaN;
      const remaining = own * (this.#kept[this.#regionOf[n] ?? NaN] ?? NaN);
      lines.weight[n] = remaining;
      all += own;
      kept += remaining;
    }
    return kept / all;
  }

  /** Share of the weight near the point that remains, 0 to 1; 0 where nothing near it is known. */
  agreementNear({ lines, weights, count, sigma }: ComparedWindow): number {
    const reach = NEAR_MM / sigma;
    let [all, kept] = [0, 0];
    for (let n = 0; n < count; n++) {
      const [x, y, z] = [lines.x[n] ?? NaN, lines.y[n] ?? NaN, lines.z[n] ?? NaN];
      if (x * x + y * y + z * z > reach * reach) continue;
      const own = weights[n] ?? NaN;
      all += own;
      kept += own * (this.#kept[this.#regionOf[n] ?? NaN] ?? NaN);
    }
    return all > 0 ? kept / all : 0;
  }

  #ratioOf(region: number): number {
    return (this.#residual[region] ?? NaN) / (this.#expected[region] ?? NaN);
  }

  /** Median over the window's weight of residual / expected residual. */
  #medianRatio(): number {
    const ratios = this.#seen
      .map((region) => ({ ratio: this.#ratioOf(region), weight: this.#weight[region] ?? NaN }))
      .sort((a, b) => a.ratio - b.ratio);
    const half = ratios.reduce((sum, { weight }) => sum + weight, 0) / 2;
    let sum = 0;
    return ratios.find(({ weight }) => (sum += weight) >= half)?.ratio ?? 0;
  }
}

/** The region of a voxel of the window. */
function regionAt({ x, y, z }: WindowLines, n: number, regionsPerSigma: number): number {
  const [i, j, k] = [x[n] ?? NaN, y[n] ?? NaN, z[n] ?? NaN];
  return (
    alongAxis(regionsPerSigma * i) +
    EDGE * (alongAxis(regionsPerSigma * j) + EDGE * alongAxis(regionsPerSigma * k))
  );
}

/** Length of the gradient at a voxel of the window, per mm. */
function gradientAt({ gx, gy, gz }: WindowLines, n: number): number {
  const [x, y, z] = [gx[n] ?? NaN, gy[n] ?? NaN, gz[n] ?? NaN];
  return Math.sqrt(x * x + y * y + z * z);
}

/** The number along an axis of the region at an offset in regions; what is beyond the last ones belongs to them. */
function alongAxis(offset: number): number {
  return Math.min(Math.max(Math.floor(offset + 0.5) + MIDDLE, 0), EDGE - 1);
}
