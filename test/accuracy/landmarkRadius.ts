/**
 * The error radius of landmarks between patients: a quantile in which every organ counts alike, and its upper limit over patients.
 * @module
 */
import { seededNumbers } from '../../server/src/geometry/index.ts';
import type { LandmarkError } from './landmarkErrors.ts';
import { quantile } from './statistics.ts';

const COVERAGE = 0.9;
/** Of a sum of shares. */
const ROUNDING = 1e-9;
/** Draws of patients, and the share of them whose quantile the radius reaches. */
const [DRAWS, CONFIDENCE] = [1000, 0.9];

type Errors = readonly Pick<LandmarkError, 'name' | 'errorMm'>[];

/** The error that 90 % of the landmarks do not exceed, each name with the same weight: some organs are contoured more often. */
export function balancedQuantile(errors: Errors): number {
  const counts = new Map<string, number>();
  for (const { name } of errors) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...errors].sort((a, b) => a.errorMm - b.errorMm);
  let sum = 0;
  for (const { name, errorMm } of sorted) {
    sum += 1 / ((counts.get(name) ?? NaN) * counts.size);
    if (sum >= COVERAGE - ROUNDING) return errorMm;
  }
  return sorted.at(-1)?.errorMm ?? NaN;
}

/**
 * The radius that holds 90 % of the landmarks of other patients: the upper limit, in nine of ten cases, of the quantile over patients drawn
 * with replacement (Efron 1979). The patients are few, and most of them have trained the model, so that their own quantile is too small.
 * @param patients errors of the landmarks that were found in each patient
 */
export function landmarkRadiusMm(patients: readonly Errors[]): number {
  const random = seededNumbers(1);
  const draw = (): Errors => patients.flatMap(() => patients[Math.floor(random() * patients.length)] ?? []);
  return quantile(
    Array.from({ length: DRAWS }, () => balancedQuantile(draw())),
    CONFIDENCE,
  );
}
