/**
 * Fits the size of errors to what a method knows of its answers, and scales it to 90 % (server/src/matching/confidence).
 * @module
 */
import type { ErrorCalibration } from '@samepoint/server';
import { FEATURES } from '../../server/src/model/index.ts';
import type { MatchStep } from '../../server/src/model/index.ts';
import { expectedErrorMm } from '../../server/src/matching/confidence/calibration.ts';
import { featuresOf, similarityOf } from '../../server/src/matching/confidence/features.ts';
import type { PairSpacing } from '../../server/src/matching/confidence/features.ts';
import type { Found } from '../../server/src/matchMethods/types.ts';
import { quantile } from './statistics.ts';

/** An answer and its error. */
export interface Sample {
  readonly found: Found;
  readonly spacing: PairSpacing;
  readonly errorMm: number;
}

/** Errors enter as log(offset + mm): below it they are the interpolation's, not the answer's. */
const OFFSET_MM = 0.2;
/** Pulls coefficients towards zero, in samples: features are correlated, and with some methods some are constant. */
const RIDGE = 5;
/** A step with fewer answers shares the intercept. */
const MIN_OF_STEP = 20;
const COVERAGE = 0.9;
/** What "matched" promises: this share within {@link PROMISED_MM}. */
const PROMISED_SHARE = 0.995;
const PROMISED_MM = 10;
/** Share of the right answers that "matched" may lose for their low similarity: another patient looks like them. */
const LEAST_SIMILAR_SHARE = 0.005;
/**
 * Share of the inter-patient pairs that are recognised by how little their matches agree. Not all: real follow-ups agree less than
 * synthetic ones, and to be called inter-patient costs a reader every answer of a pair.
 */
const RECOGNISED_SHARE = 0.9;
/** ... and none that agrees more than this share of the least of one patient: of the pairs of other volumes, some agree less. */
const SHARE_OF_KNOWN = 0.8;
/** Radii that are tried as the limit of "matched", mm: none is larger than what it promises. */
const LIMITS_MM = Array.from({ length: 19 }, (_, n) => PROMISED_MM - n / 2);

/** The solution of A x = b for a small symmetric positive matrix, by Gaussian elimination with pivoting. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, r) => [...row, right[r] ?? 0]);
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row, r) => (Math.abs(row[c]!) > Math.abs(rows[best]![c]!) ? r + c : best), c);
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r]![c]! / rows[c]![c]!;
      for (let k = c; k <= n; k++) rows[r]![k]! -= factor * rows[c]![k]!;
    }
  }
  return rows.map((row, r) => row[n]! / row[r]!);
}

function stepsOf(samples: readonly Sample[]): MatchStep[] {
  const counts = new Map<MatchStep, number>();
  for (const { found } of samples) counts.set(found.step, (counts.get(found.step) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= MIN_OF_STEP)
    .map(([step]) => step)
    .sort();
}

function regress(
  samples: readonly Sample[],
): Omit<ErrorCalibration, 'quantile' | 'matchedRadiusMm' | 'matchedSimilarity'> {
  const steps = stepsOf(samples);
  const rows = samples.map(({ found, spacing }) => [
    1,
    ...featuresOf(found, spacing),
    ...steps.map((step) => (found.step === step ? 1 : 0)),
  ]);
  const targets = samples.map(({ errorMm }) => Math.log(OFFSET_MM + errorMm));
  const size = rows[0]?.length ?? 0;
  const normal = Array.from({ length: size }, (_, r) =>
    Array.from({ length: size }, (__, c) =>
      rows.reduce((sum, row) => sum + row[r]! * row[c]!, r === c && r > 0 ? RIDGE : 0),
    ),
  );
  const right = Array.from({ length: size }, (_, r) =>
    rows.reduce((sum, row, n) => sum + row[r]! * targets[n]!, 0),
  );
  const [intercept = 0, ...others] = solve(normal, right);
  const rounded = (value: number | undefined): number => Number((value ?? 0).toFixed(4));
  return {
    intercept: rounded(intercept),
    coefficients: Object.fromEntries(FEATURES.map((name, n) => [name, rounded(others[n])])),
    steps: Object.fromEntries(steps.map((step, n) => [step, rounded(others[FEATURES.length + n])])),
  };
}

/** Radius of a sample without the bounds of an answer's (`errorRadiusMm`), mm. */
function radiusOf({ found, spacing }: Sample, calibration: ErrorCalibration): number {
  return expectedErrorMm(found, spacing, calibration) * calibration.quantile;
}

/** What the expected errors have to be multiplied by to cover {@link COVERAGE} of the errors. */
function quantileOf(samples: readonly Sample[], calibration: ErrorCalibration): number {
  const ratios = samples.map(
    ({ found, spacing, errorMm }) => errorMm / expectedErrorMm(found, spacing, calibration),
  );
  return quantile(ratios, COVERAGE);
}

/** Changes of the coefficient of the slice distance that are tried. */
const SLICE_CHANGES = Array.from({ length: 201 }, (_, n) => (n - 100) / 100);

/**
 * The calibration whose radius grows with the slice distance as the quantile of the errors does: the regression sees their middle, and thick
 * slices have the longer tail. Quantile regression on one feature (Koenker and Bassett 1978).
 */
function withSliceQuantile(samples: readonly Sample[], draft: ErrorCalibration): ErrorCalibration {
  const index = FEATURES.indexOf('slices');
  const known = samples.map(({ found, spacing, errorMm }) => ({
    errorMm,
    expectedMm: expectedErrorMm(found, spacing, draft),
    slices: featuresOf(found, spacing)[index] ?? 0,
  }));
  const fits = SLICE_CHANGES.map((change) => {
    const expected = known.map(({ expectedMm, slices }) => expectedMm * Math.exp(change * slices));
    const scale = quantile(
      known.map(({ errorMm }, n) => errorMm / (expected[n] ?? NaN)),
      COVERAGE,
    );
    const radii = expected.map((mm) => mm * scale);
    return { change, scale, loss: pinballLoss(known, radii) };
  });
  const best = fits.reduce((a, b) => (b.loss < a.loss ? b : a));
  const slices = Number(((draft.coefficients.slices ?? 0) + best.change).toFixed(4));
  const coefficients = { ...draft.coefficients, slices };
  return { ...draft, coefficients, quantile: Number(best.scale.toFixed(4)) };
}

/** What a quantile minimises, of the logarithms of the errors and of the radii. */
function pinballLoss(samples: readonly Pick<Sample, 'errorMm'>[], radiiMm: readonly number[]): number {
  return samples.reduce((sum, { errorMm }, n) => {
    const excess = Math.log(OFFSET_MM + errorMm) - Math.log(OFFSET_MM + (radiiMm[n] ?? NaN));
    return sum + excess * (excess > 0 ? COVERAGE : COVERAGE - 1);
  }, 0);
}

/** Coefficients of the pixels that are tried. */
const PIXEL_COEFFICIENTS = Array.from({ length: 151 }, (_, n) => n / 100);

/**
 * A calibration whose radius grows with the pixels as the quantile of the errors does; everything else stays.
 * @param samples answers of pairs with coarse pixels
 */
export function withPixelCoefficient(
  calibration: ErrorCalibration,
  samples: readonly Sample[],
): ErrorCalibration {
  const fits = PIXEL_COEFFICIENTS.map((pixels) => {
    const made = { ...calibration, coefficients: { ...calibration.coefficients, pixels } };
    const radii = samples.map((sample) => radiusOf(sample, made));
    return { made, loss: pinballLoss(samples, radii) };
  });
  return fits.reduce((a, b) => (b.loss < a.loss ? b : a)).made;
}

/** The largest radius below which answers keep what "matched" promises. */
function matchedLimit(samples: readonly Sample[], calibration: ErrorCalibration): number {
  const holds = (limit: number): boolean => {
    const inside = samples.filter((sample) => radiusOf(sample, calibration) <= limit);
    const right = inside.filter(({ errorMm }) => errorMm <= PROMISED_MM).length;
    return inside.length > 0 && right >= PROMISED_SHARE * inside.length;
  };
  return LIMITS_MM.find(holds) ?? LIMITS_MM.at(-1) ?? 1;
}

/** How little the matches of two patients agree, and how far off their answers are; nothing for methods that do not know. */
function interPatientLimits(
  known: readonly Sample[],
  interPatient: readonly Sample[],
): Pick<ErrorCalibration, 'differentPatients'> {
  const agreements = (samples: readonly Sample[]): number[] =>
    samples.flatMap(({ found }) => found.evidence?.pairAgreement ?? []);
  const between = agreements(interPatient);
  if (between.length === 0) return {};
  const least = Math.min(...agreements(known));
  const limit = Math.min(quantile(between, RECOGNISED_SHARE), SHARE_OF_KNOWN * least);
  const errors = interPatient.map(({ errorMm }) => errorMm);
  return {
    differentPatients: {
      agreement: Number(limit.toFixed(3)),
      radiusMm: Number(quantile(errors, COVERAGE).toFixed(1)),
    },
  };
}

/**
 * Calibrates one method.
 * @param fitted answers that the regression sees
 * @param held answers of other volumes, which set the quantile and the limit of "matched"
 * @param interPatient answers between patients
 * @param cut answers where one of the scans has a small field of view: how little such pairs of one patient agree
 */
export function fitCalibration(
  fitted: readonly Sample[],
  held: readonly Sample[],
  interPatient: readonly Sample[] = [],
  cut: readonly Sample[] = [],
): ErrorCalibration {
  const draft = { ...regress(fitted), quantile: 1, matchedRadiusMm: 1, matchedSimilarity: -1 };
  const scaled = withSliceQuantile(held, draft);
  const right = held.filter(({ errorMm }) => errorMm <= PROMISED_MM).map(({ found }) => similarityOf(found));
  return {
    ...scaled,
    matchedRadiusMm: matchedLimit(held, scaled),
    matchedSimilarity: Number(quantile(right, LEAST_SIMILAR_SHARE).toFixed(3)),
    ...interPatientLimits([...fitted, ...held, ...cut], interPatient),
  };
}

/**
 * A calibration in which one step has a term of its own, such that {@link COVERAGE} of its answers lie within their radius (Mondrian
 * conformal prediction, Vovk 2012); everything else stays.
 * @param samples answers; those of other steps do not count
 * @throws RangeError where there are fewer than {@link MIN_OF_STEP} of the step
 */
export function withStepTerm(
  calibration: ErrorCalibration,
  step: MatchStep,
  samples: readonly Sample[],
): ErrorCalibration {
  const own = samples.filter(({ found }) => found.step === step);
  if (own.length < MIN_OF_STEP) throw new RangeError(`only ${own.length} answers of the step ${step}`);
  const withoutTerm = { ...calibration, steps: { ...calibration.steps, [step]: 0 } };
  const term = Math.log(quantileOf(own, withoutTerm) / calibration.quantile);
  return { ...calibration, steps: { ...calibration.steps, [step]: Number(term.toFixed(4)) } };
}

/** Share of the errors within the radius, and the median radius, mm. */
export function coverageOf(
  samples: readonly Sample[],
  calibration: ErrorCalibration,
): { readonly coverage: number; readonly medianRadiusMm: number; readonly matched: number } {
  const radii = samples.map((sample) => radiusOf(sample, calibration));
  const within = samples.filter(({ errorMm }, n) => errorMm <= radii[n]!).length;
  return {
    coverage: within / samples.length,
    medianRadiusMm: quantile(radii, 0.5),
    matched: radii.filter((radius) => radius <= calibration.matchedRadiusMm).length / samples.length,
  };
}
