import type { RegistrationKernel } from './registrationKernel.ts';

/** Edge of the regions that are judged as one, mm: below a lesion that matters, above the noise of single voxels. */
const REGION_MM = 6;
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

/**
 * Which regions of a window differ between the scans, though a small misalignment would not explain it: a lesion that has grown,
 * shrunk, come or gone. One per kernel.
 */
export class Regions {
  readonly #kernel: RegistrationKernel;
  #count = 0;
  #sigma = 1;

  constructor(kernel: RegistrationKernel) {
    this.#kernel = kernel;
  }

  /**
   * Divides the window that was extracted, while it has its own weights.
   * @param count of its voxels
   * @param sigma unit of the offsets, mm
   */
  open(count: number, sigma: number): void {
    [this.#count, this.#sigma] = [count, sigma];
    this.#kernel.run.openRegions(count, sigma / REGION_MM);
  }

  /**
   * Judges the regions after a comparison.
   * @param slackMm misalignment that may remain: residuals up to it times the gradient are expected
   */
  judge(slackMm: number): void {
    const { run, ratios, seenRegions, kept } = this.#kernel;
    const seen = run.judgeRegions(this.#count, NOISE, slackMm);
    const limit = LIMIT * Math.max(run.medianRatio(seen), LEAST_MEDIAN);
    kept.fill(1);
    for (let n = 0; n < seen; n++) {
      const region = seenRegions[n] ?? NaN;
      kept[region] = 1 / (1 + ((ratios[region] ?? NaN) / limit) ** POWER);
    }
  }

  /** Writes the weights that remain. @returns their share of all */
  lower(): number {
    return this.#kernel.run.lowerWeights(this.#count);
  }

  /** Share of the weight near the point that remains, 0 to 1; 0 where nothing near it is known. */
  agreementNear(): number {
    return this.#kernel.run.keptWithin(this.#count, NEAR_MM / this.#sigma);
  }
}
