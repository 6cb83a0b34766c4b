import { lpsPoint } from '../../server/src/geometry/index.ts';
import { seededNumbers } from '../../server/src/geometry/seededNumbers.ts';
import type { Found } from '../../server/src/matchMethods/types.ts';
import { coverageOf, fitCalibration, solve, withPixelCoefficient, withStepTerm } from './fitCalibration.ts';
import type { Sample } from './fitCalibration.ts';

/** Errors that are log-normal about twice the cycle error. @param sd of their logarithm */
function samples(count: number, seed: number, sliceMm = 2, sd = 0.5): Sample[] {
  const spacing = { sliceMm, pixelMm: 1 };
  const random = seededNumbers(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, () => {
    const cycleErrorMm = 10 * random();
    const lps = lpsPoint(0, 0, 0);
    const found: Found = { lps, similarity: 0.9, cycleErrorMm, step: 'local', evidence: { predicted: lps } };
    return { found, spacing, errorMm: 2 * (0.5 + cycleErrorMm) * Math.exp(sd * normal()) };
  });
}

describe('solve', () => {
  it('solves a system by hand', () => {
    // 2x + y = 5, x + 3y = 10
    const [x, y] = solve([[2, 1], [1, 3]], [5, 10]); // prettier-ignore
    expect(x).toBeCloseTo(1, 12);
    expect(y).toBeCloseTo(3, 12);
  });
});

describe('fitCalibration', () => {
  const calibration = fitCalibration(samples(2000, 1), samples(2000, 2));

  it('finds what the error depends on', () => {
    expect(calibration.coefficients['cycle']).toBeGreaterThan(0.85);
    expect(calibration.coefficients['cycle']).toBeLessThan(1.1);
  });

  it('covers 90 % of other answers, and claims as matched only what keeps the promise', () => {
    const others = samples(4000, 3);
    const { coverage, matched } = coverageOf(others, calibration);
    expect(coverage).toBeGreaterThan(0.88);
    expect(coverage).toBeLessThan(0.92);
    expect(matched).toBeGreaterThan(0.05);
    expect(matched).toBeLessThan(0.6);
  });

  it('covers 90 % of the answers in thin and in thick slices, whose errors have a longer tail', () => {
    const [thin, thick] = [samples(1000, 11), samples(1000, 12, 8, 0.9)];
    const made = fitCalibration([...thin, ...thick], [...thin, ...thick]);
    for (const others of [samples(4000, 13), samples(4000, 14, 8, 0.9)]) {
      expect(coverageOf(others, made).coverage).toBeGreaterThan(0.88);
      expect(coverageOf(others, made).coverage).toBeLessThan(0.92);
    }
  });

  it('learns how little the matches of inter-patient pairs agree, but never calls a pair of one patient inter-patient', () => {
    const agreeing = (made: Sample[], least: number): Sample[] =>
      made.map(({ found, spacing, errorMm }, n) => ({
        spacing,
        found: { ...found, evidence: { ...found.evidence, pairAgreement: least + (n % 10) / 100 } },
        errorMm,
      }));
    const interPatient = agreeing(samples(100, 8), 0.2).map((sample, n) => ({ ...sample, errorMm: n }));
    const learned = (least: number): ReturnType<typeof fitCalibration>['differentPatients'] =>
      fitCalibration(agreeing(samples(100, 6), least), agreeing(samples(100, 7), least), interPatient)
        .differentPatients;
    expect(learned(0.4)?.agreement).toBeCloseTo(0.281, 3);
    expect(learned(0.4)?.radiusMm).toBeCloseTo(89, 0);
    expect(learned(0.25)?.agreement).toBe(0.2);
    const cut = agreeing(samples(10, 9), 0.2);
    const known = agreeing(samples(100, 6), 0.4);
    expect(fitCalibration(known, known, interPatient, cut).differentPatients?.agreement).toBe(0.16);
    expect(calibration.differentPatients).toBeUndefined();
  });

  it('gives a step with its own errors its own size', () => {
    const worse = samples(500, 4).map(({ found, spacing, errorMm }) => ({
      spacing,
      found: { ...found, step: 'nearest' as const },
      errorMm: 5 * errorMm,
    }));
    const { steps } = fitCalibration([...samples(500, 5), ...worse], [...samples(500, 6), ...worse]);
    // log 5 = 1.609
    expect((steps['nearest'] ?? 0) - (steps['local'] ?? 0)).toBeCloseTo(1.609, 0);
  });
});

describe('withPixelCoefficient', () => {
  const calibration = fitCalibration(samples(2000, 15), samples(2000, 16));
  const coarse = (seed: number, pixelMm: number): Sample[] =>
    samples(2000, seed).map(({ found, spacing, errorMm }) => ({
      found,
      spacing: { ...spacing, pixelMm },
      errorMm: (errorMm * pixelMm) / 2,
    }));

  it('covers 90 % of the answers of coarse pixels, and changes nothing else', () => {
    const made = withPixelCoefficient(calibration, [...coarse(17, 3), ...coarse(18, 4)]);
    for (const others of [coarse(19, 3), coarse(20, 4)]) {
      expect(coverageOf(others, made).coverage).toBeGreaterThan(0.88);
      expect(coverageOf(others, made).coverage).toBeLessThan(0.92);
    }
    const { pixels } = calibration.coefficients;
    expect({ ...made, coefficients: { ...made.coefficients, pixels } }).toEqual(calibration);
  });
});

describe('withStepTerm', () => {
  const calibration = fitCalibration(samples(500, 5), samples(500, 6));
  const around = samples(400, 9).map(({ found, spacing, errorMm }) => ({
    spacing,
    found: { ...found, step: 'surroundings' as const },
    errorMm: 3 * errorMm,
  }));

  it('covers 90 % of the answers of the step, and changes nothing else', () => {
    const made = withStepTerm(calibration, 'surroundings', [...samples(300, 10), ...around]);
    expect(coverageOf(around, made).coverage).toBeCloseTo(0.9, 2);
    const { surroundings, ...others } = made.steps;
    expect({ ...made, steps: others }).toEqual(calibration);
    // log 3 = 1.099
    expect((surroundings ?? NaN) - (calibration.steps.local ?? NaN)).toBeCloseTo(1.099, 0);
  });

  it('refuses too few answers', () => {
    expect(() => withStepTerm(calibration, 'surroundings', around.slice(0, 19))).toThrow(RangeError);
  });
});
