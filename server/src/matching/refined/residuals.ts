import type { Template } from './template.ts';

/** How alike the patch and the warped target are. */
export interface Comparison {
  /** Weighted correlation, -1 to 1. */
  readonly ncc: number;
  /** Robust standard deviation of the residuals, registration units. */
  readonly noise: number;
  readonly overlap: number;
}

/** Less of the window than this in view says too little. */
const LEAST_OVERLAP = 0.35;
/** Gain between two scans of the same tissue: another contrast phase at most. */
const [LEAST_GAIN, LARGEST_GAIN] = [0.33, 3];
/** Residuals beyond this many robust deviations lose weight (Cauchy). */
const TUNING = 2;
/** Mean of |x| of a normal distribution, in standard deviations: sqrt(2 / pi). */
const MEAN_ABSOLUTE = 0.798;

/**
 * Fits gain and offset, writes the residuals and lowers the weights of outliers.
 * @returns undefined where too little of the window is in view
 */
export function compareValues(
  template: Template,
  moved: Float32Array,
  weights: Float32Array,
  residuals: Float32Array,
): Comparison | undefined {
  const { count, values } = template;
  let sum = 0;
  let st = 0;
  let sm = 0;
  let stt = 0;
  let smm = 0;
  let stm = 0;
  for (let n = 0; n < count; n++) {
    const w = weights[n] as number;
    if (w === 0) continue;
    const t = values[n] as number;
    const m = moved[n] as number;
    sum += w;
    st += w * t;
    sm += w * m;
    stt += w * t * t;
    smm += w * m * m;
    stm += w * t * m;
  }
  const overlap = sum / template.fullWeight;
  if (!(overlap >= LEAST_OVERLAP)) return undefined;
  const [meanT, meanM] = [st / sum, sm / sum];
  const [varT, varM, cov] = [stt / sum - meanT * meanT, smm / sum - meanM * meanM, stm / sum - meanT * meanM];
  const gain = Math.min(Math.max(cov / (varM + 1e-6), LEAST_GAIN), LARGEST_GAIN);
  const ncc = cov / Math.sqrt((varT + 1e-6) * (varM + 1e-6));
  const absolute = writeResiduals(template, moved, weights, residuals, {
    gain,
    offset: meanT - gain * meanM,
  });
  const noise = absolute / sum / MEAN_ABSOLUTE;
  lowerOutliers(count, weights, residuals, noise);
  return { ncc, noise, overlap };
}

/** Writes template - (gain moved + offset) of every voxel in view; the weighted sum of their absolute values. */
function writeResiduals(
  { count, values }: Template,
  moved: Float32Array,
  weights: Float32Array,
  residuals: Float32Array,
  { gain, offset }: { readonly gain: number; readonly offset: number },
): number {
  let absolute = 0;
  for (let n = 0; n < count; n++) {
    const w = weights[n] as number;
    if (w === 0) continue;
    const value = (values[n] as number) - offset - gain * (moved[n] as number);
    residuals[n] = value;
    absolute += w * Math.abs(value);
  }
  return absolute;
}

function lowerOutliers(count: number, weights: Float32Array, residuals: Float32Array, noise: number): void {
  const scale = 1 / (TUNING * noise + 1e-6);
  for (let n = 0; n < count; n++) {
    const r = (residuals[n] as number) * scale;
    weights[n] = (weights[n] as number) / (1 + r * r);
  }
}
