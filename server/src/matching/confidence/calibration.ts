/**
 * The error radius: a log-linear model of the error's size, scaled so that 90 % of the errors of the calibration set lie
 * within it (split conformal prediction, Vovk et al. 2005; Romano et al. 2019). test/accuracy/calibrate.ts fits it.
 * @module
 */
import { FEATURES } from '../../model/types.ts';
import type { ErrorCalibration } from '../../model/index.ts';
import type { Found } from '../../matchMethods/types.ts';
import { featuresOf } from './features.ts';
import type { PairSpacing } from './features.ts';

/** Radius of a model or method without a calibration: twice of what samepoint-ct's nearest neighbours need. */
export const UNCALIBRATED: ErrorCalibration = {
  intercept: 0.6,
  coefficients: {
    cycle: 0.35,
    dissimilarity: 2,
    rivalry: 1,
    spread: 0.2,
    disagreement: 0.2,
    patchMismatch: 0,
  },
  steps: {},
  quantile: 3,
  matchedRadiusMm: 15,
  // Below what an absent body part gives (0.64 in the example figure of the published code of SAM and UAE).
  matchedSimilarity: 0.55,
};

/** Nothing is known better than this, mm: a fifth of a working voxel. */
const LEAST_RADIUS_MM = 0.4;
/** More than this is "somewhere in the body", mm. */
export const LARGEST_RADIUS_MM = 200;

/** Size of the error that an answer's evidence suggests, mm; its scale is arbitrary until multiplied by the quantile. */
export function expectedErrorMm(found: Found, spacing: PairSpacing, calibration: ErrorCalibration): number {
  const features = featuresOf(found, spacing);
  const log = FEATURES.reduce(
    (sum, name, index) => sum + (calibration.coefficients[name] ?? 0) * (features[index] ?? 0),
    calibration.intercept + (calibration.steps[found.step] ?? 0),
  );
  return Math.exp(log);
}

/** Radius that holds the true point with 90 % probability, mm. */
export function errorRadiusMm(found: Found, spacing: PairSpacing, calibration: ErrorCalibration): number {
  const radius = expectedErrorMm(found, spacing, calibration) * calibration.quantile;
  return Math.min(Math.max(radius, LEAST_RADIUS_MM), LARGEST_RADIUS_MM);
}
