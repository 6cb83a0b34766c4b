/**
 * Local registration of a patch: inverse-compositional Gauss-Newton (Baker & Matthews, IJCV 2004) of a Gaussian window
 * with a polynomial displacement, as the most probable displacement given the image and what is known beforehand.
 * @module
 */
import type { LpsPoint } from '../../geometry/index.ts';
import { lpsPoint } from '../../geometry/index.ts';
import type { Level } from '../../pyramid/index.ts';
import { TERMS } from '../layout.ts';
import { AFFINE_TERMS, rescaled } from '../polynomials.ts';
import type { Coefficients } from '../polynomials.ts';
import { factor, solveFactored } from '../../numerics/index.ts';
import { Patch } from './patch.ts';
import type { Comparison, Window } from './patch.ts';
import type { Linear, Prior } from './prior.ts';

/** One step from coarse to fine. */
export interface Stage extends Window {
  readonly level: 'fine' | 'coarse';
  readonly iterations: number;
  /**
   * Rounds: before each one's iterations, regions lose their weight that differ by more than a misalignment of so many mm explains.
   * Absent: one round, in which all regions have theirs.
   */
  readonly slacksMm?: readonly number[];
}

/** Where the patch is found. */
export interface Registered {
  /** LPS, mm. */
  readonly lps: LpsPoint;
  /** Weighted correlation of the patches, -1 to 1. */
  readonly ncc: number;
  /** Standard deviation of the answer (root of the summed variances of x, y, z), mm: Laplace's approximation. */
  readonly sdMm: number;
  /** From the prior's centre, mm. */
  readonly movedMm: number;
  /** Share of the window that lies in view on both sides. */
  readonly overlap: number;
  /** Weighted mean of the target less that of the query, where the answer is, registration units (HU of a CT). */
  readonly offset: number;
  /** Displacement's coefficients in units of the last stage's sigma, in query offsets before `linear`. */
  readonly coefficients: Coefficients;
  readonly sigma: number;
}

/** Neighbouring voxels share noise and interpolation errors: each counts as this share of an independent one. */
const INDEPENDENT_SHARE = { fine: 0.1, coarse: 0.3 } as const;
/** Residuals are never known better than this, registration units (HU): calibration of scanners, interpolation. */
const LEAST_NOISE = 5;
/** A step smaller than this changes nothing that matters, mm: the coarse level only has to hand over to the fine one. */
const CONVERGED_MM = { fine: 0.05, coarse: 0.5 } as const;
/** One step of the point is at most this long, mm: the linearisation ends where the texture does. */
const LONGEST_STEP_MM = 6;
/** A registration that has ended well is misaligned by less than this, mm. */
const AGREEMENT_SLACK_MM = 1;

const N = 3 * TERMS;

/** Registers patches; keeps its memory from point to point. One per thread is enough. */
export class LocalRegistration {
  readonly #patch = new Patch();
  #extracted: { readonly level: Level; readonly point: LpsPoint; readonly stage: Stage } | undefined;
  readonly #system = new Float64Array(N * N);
  readonly #right = new Float64Array(N);

  /**
   * Finds the target point of a query point (LPS, mm).
   * @returns undefined where too little of the window is in view
   */
  register(
    query: Readonly<Record<Stage['level'], Level>>,
    target: Readonly<Record<Stage['level'], Level>>,
    point: LpsPoint,
    prior: Prior,
    stages: readonly Stage[],
    start: Pick<Registered, 'coefficients' | 'sigma'> = startAt(prior, prior.centre),
  ): Registered | undefined {
    let { coefficients: state, sigma } = start;
    let comparison: Comparison | undefined;
    for (const stage of stages) {
      state = rescaled(state, sigma, stage.sigma);
      sigma = stage.sigma;
      this.#extract(query[stage.level], point, stage);
      comparison = this.#rounds(target[stage.level], prior, stage, state);
      if (comparison === undefined) return undefined;
    }
    if (comparison === undefined) return undefined;
    const { centre } = prior;
    const own = [state[0] ?? NaN, state[TERMS] ?? NaN, state[2 * TERMS] ?? NaN] as const;
    const shift = times(prior.linear, own);
    return {
      lps: lpsPoint(centre[0] + shift[0], centre[1] + shift[1], centre[2] + shift[2]),
      ncc: comparison.ncc,
      sdMm: this.#deviation(stages.at(-1)?.terms ?? TERMS),
      movedMm: Math.hypot(...shift),
      overlap: comparison.overlap,
      offset: comparison.offset,
      coefficients: state,
      sigma,
    };
  }

  /**
   * Share of the tissue near the point of the last registration that looks the same in both scans where that ended, 0 to 1: what a
   * misalignment of {@link AGREEMENT_SLACK_MM} explains does not count as a change.
   */
  agreementNear(): number {
    return this.#patch.agreementNear(AGREEMENT_SLACK_MM);
  }

  /** Extracts the patch, unless it is the one that the last start used. */
  #extract(level: Level, point: LpsPoint, stage: Stage): void {
    const last = this.#extracted;
    if (last?.level === level && last.point === point && last.stage === stage) return;
    this.#patch.extract(level, point, stage);
    this.#extracted = { level, point, stage };
  }

  #rounds(level: Level, prior: Prior, stage: Stage, state: Coefficients): Comparison | undefined {
    if (stage.slacksMm === undefined) return this.#run(level, prior, stage, state);
    let comparison: Comparison | undefined;
    for (const slackMm of stage.slacksMm) {
      // Twice: the first time, the offset between the scans is that of changed regions, too.
      for (let pass = 0; pass < 2; pass++) {
        if (this.#patch.compare(level, prior, state, true) === undefined) return undefined;
        this.#patch.lowerChanged(slackMm);
      }
      // Its weights are no longer those of a fresh patch.
      this.#extracted = undefined;
      comparison = this.#run(level, prior, stage, state);
      if (comparison === undefined) return undefined;
    }
    return comparison;
  }

  #run(level: Level, prior: Prior, stage: Stage, state: Coefficients): Comparison | undefined {
    let comparison: Comparison | undefined;
    for (let iteration = 0; ; iteration++) {
      comparison = this.#patch.compare(level, prior, state, stage.slacksMm !== undefined);
      if (comparison === undefined) return undefined;
      const step = this.#step(prior, stage, state, comparison);
      if (iteration >= stage.iterations || step < CONVERGED_MM[stage.level]) return comparison;
    }
  }

  /** One Gauss-Newton step; changes the state, and keeps the factored system for {@link #deviation}. @returns its length, mm */
  #step(prior: Prior, stage: Stage, state: Coefficients, comparison: Comparison): number {
    this.#fill(prior, stage, state, comparison);
    const { terms } = stage;
    const right = this.#right;
    if (!factor(this.#system, 3 * terms)) return 0;
    solveFactored(this.#system, 3 * terms, right);
    const length = Math.hypot(right[0] ?? NaN, right[terms] ?? NaN, right[2 * terms] ?? NaN);
    const factorOfStep = length > LONGEST_STEP_MM ? LONGEST_STEP_MM / length : 1;
    for (let c = 0, row = 0; c < 3; c++)
      for (let a = 0; a < terms; a++, row++)
        state[c * TERMS + a] = (state[c * TERMS + a] ?? NaN) + factorOfStep * (right[row] ?? NaN);
    return length * factorOfStep;
  }

  /** Writes the system of a step: what the images say, and what is known beforehand. */
  #fill(
    prior: Prior,
    { level, terms, sigma, thinned }: Stage,
    state: Coefficients,
    comparison: Comparison,
  ): void {
    const share = (thinned === true ? 2 : 1) * INDEPENDENT_SHARE[level];
    const precision = share / Math.max(comparison.noise, LEAST_NOISE) ** 2;
    const active = 3 * terms;
    const { hessian } = this.#patch;
    const pull = this.#patch.pull(comparison);
    for (let c = 0, row = 0; c < 3; c++) {
      for (let a = 0; a < terms; a++, row++) {
        const at = c * TERMS + a;
        for (let d = 0, column = 0; d < 3; d++)
          for (let b = 0; b < terms; b++, column++)
            this.#system[row * active + column] = precision * (hessian[at * N + d * TERMS + b] ?? NaN);
        const trust = 1 / priorVariance(prior, a, sigma);
        this.#system[row * active + row] = (this.#system[row * active + row] ?? NaN) + trust;
        this.#right[row] = precision * (pull[row] ?? NaN) - trust * (state[at] ?? NaN);
      }
    }
  }

  /** Standard deviation of the point from the system that the last step factored. */
  #deviation(terms: number): number {
    let variance = 0;
    for (let c = 0; c < 3; c++) {
      const unit = this.#right.fill(0);
      unit[c * terms] = 1;
      solveFactored(this.#system, 3 * terms, unit);
      variance += unit[c * terms] ?? NaN;
    }
    return Math.sqrt(Math.max(variance, 0));
  }
}

/** A start whose displacement puts the point at a place in the target (LPS, mm). */
export function startAt(
  { centre, linear }: Prior,
  lps: LpsPoint,
): Pick<Registered, 'coefficients' | 'sigma'> {
  const coefficients = new Float64Array(N);
  if (lps !== centre) {
    const inverse = inverse3(linear);
    const [x, y, z] = [lps[0] - centre[0], lps[1] - centre[1], lps[2] - centre[2]];
    for (const [c, mm] of times(inverse, [x, y, z]).entries()) coefficients[c * TERMS] = mm;
  }
  return { coefficients, sigma: 1 };
}

/** A row-major 3 x 3 matrix times a vector. */
function times(m: Linear, [x, y, z]: readonly [number, number, number]): [number, number, number] {
  const row = (at: number): number => (m[at] ?? NaN) * x + (m[at + 1] ?? NaN) * y + (m[at + 2] ?? NaN) * z;
  return [row(0), row(3), row(6)];
}

/** Inverse of a row-major 3 x 3 matrix. */
function inverse3(m: Linear): Linear {
  const [a = NaN, b = NaN, c = NaN, d = NaN, e = NaN, f = NaN, g = NaN, h = NaN, i = NaN] = m;
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return Float64Array.of(
    (e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det,
    (f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det,
    (d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det,
  ); // prettier-ignore
}

function priorVariance({ shiftMm, strain, curvature }: Prior, term: number, sigma: number): number {
  if (term === 0) return shiftMm * shiftMm;
  const deviation = term < AFFINE_TERMS ? strain * sigma : curvature * sigma * sigma;
  return deviation * deviation;
}
