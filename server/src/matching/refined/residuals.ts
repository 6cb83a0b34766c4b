import type { Level } from '../image/level.ts';
import { TERMS } from './basis.ts';
import type { Coefficients } from './basis.ts';
import type { Prior } from './registration.ts';
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

/** Reads the target where the current map puts the template's voxels; `weights` is 0 where that is out of view. */
export function sampleWarped(
  template: Template,
  level: Level,
  { centre, linear }: Prior,
  theta: Coefficients,
  moved: Float32Array,
  weights: Float32Array,
): void {
  const { values, origin, spacing, dims } = level;
  const [ni, nj, nk] = dims;
  const [stepJ, stepK] = [ni, ni * nj];
  const { offsets, sigma, count } = template;
  const [l0, l1, l2, l3, l4, l5, l6, l7, l8] = linear as unknown as readonly number[] as Nine;
  const [cx, cy, cz] = [centre[0] - origin[0], centre[1] - origin[1], centre[2] - origin[2]];
  const [sx, sy, sz] = [1 / spacing[0], 1 / spacing[1], 1 / spacing[2]];
  for (let n = 0; n < count; n++) {
    const [x, y, z] = [offsets[3 * n] as number, offsets[3 * n + 1] as number, offsets[3 * n + 2] as number];
    const [u, v, w] = [x / sigma, y / sigma, z / sigma];
    const px = x + displacement(theta, 0, u, v, w);
    const py = y + displacement(theta, TERMS, u, v, w);
    const pz = z + displacement(theta, 2 * TERMS, u, v, w);
    const fx = (cx + l0 * px + l1 * py + l2 * pz) * sx;
    const fy = (cy + l3 * px + l4 * py + l5 * pz) * sy;
    const fz = (cz + l6 * px + l7 * py + l8 * pz) * sz;
    if (!(fx >= 0 && fy >= 0 && fz >= 0 && fx < ni - 1 && fy < nj - 1 && fz < nk - 1)) {
      weights[n] = 0;
      continue;
    }
    const [i, j, k] = [Math.floor(fx), Math.floor(fy), Math.floor(fz)];
    const [tx, ty, tz] = [fx - i, fy - j, fz - k];
    const at = k * stepK + j * stepJ + i;
    const a = (values[at] as number) + tx * ((values[at + 1] as number) - (values[at] as number));
    const atJ = at + stepJ;
    const b = (values[atJ] as number) + tx * ((values[atJ + 1] as number) - (values[atJ] as number));
    const atK = at + stepK;
    const c = (values[atK] as number) + tx * ((values[atK + 1] as number) - (values[atK] as number));
    const atJK = atK + stepJ;
    const d = (values[atJK] as number) + tx * ((values[atJK + 1] as number) - (values[atJK] as number));
    const near = a + ty * (b - a);
    moved[n] = near + tz * (c + ty * (d - c) - near);
    weights[n] = template.weights[n] as number;
  }
}

type Nine = readonly [number, number, number, number, number, number, number, number, number];

function displacement(t: Coefficients, at: number, x: number, y: number, z: number): number {
  return (
    (t[at] as number) +
    x *
      ((t[at + 1] as number) +
        (t[at + 4] as number) * x +
        (t[at + 7] as number) * y +
        (t[at + 8] as number) * z) +
    y * ((t[at + 2] as number) + (t[at + 5] as number) * y + (t[at + 9] as number) * z) +
    z * ((t[at + 3] as number) + (t[at + 6] as number) * z)
  );
}

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
  let [sum, st, sm, stt, smm, stm] = [0, 0, 0, 0, 0, 0];
  for (let n = 0; n < count; n++) {
    const w = weights[n] as number;
    if (w === 0) continue;
    const [t, m] = [values[n] as number, moved[n] as number];
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
  const noise = writeResiduals(
    count,
    weights,
    residuals,
    (n) => (values[n] as number) - meanT - gain * ((moved[n] as number) - meanM),
    sum,
  );
  lowerOutliers(count, weights, residuals, noise);
  return { ncc, noise, overlap };
}

function writeResiduals(
  count: number,
  weights: Float32Array,
  residuals: Float32Array,
  residual: (n: number) => number,
  sum: number,
): number {
  let absolute = 0;
  for (let n = 0; n < count; n++) {
    const w = weights[n] as number;
    if (w === 0) continue;
    const value = residual(n);
    residuals[n] = value;
    absolute += w * Math.abs(value);
  }
  return absolute / sum / MEAN_ABSOLUTE;
}

function lowerOutliers(count: number, weights: Float32Array, residuals: Float32Array, noise: number): void {
  const scale = 1 / (TUNING * noise + 1e-6);
  for (let n = 0; n < count; n++) {
    const r = (residuals[n] as number) * scale;
    weights[n] = (weights[n] as number) / (1 + r * r);
  }
}
