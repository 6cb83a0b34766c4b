import { metricsOf } from './metrics.ts';
import type { Measured } from './metrics.ts';

const landmark = (errorMm: number, snappedMm: number): Measured => ({
  errorMm,
  measures: { of: 'landmark', snappedMm },
});
const keypoint = (errorMm: number, pair: string): Measured => ({
  errorMm,
  measures: { of: 'keypoint' },
  pair,
});
const lesion = (
  errorMm: number,
  radiusMm: number,
  isInBox: boolean,
  axesMm: readonly [number, number, number] = [0, 0, 0],
): Measured => ({ errorMm, measures: { of: 'lesion', axesMm, radiusMm, isInBox } });
const FAILED: Measured = { errorMm: undefined };

/** TRE of 15 NLST cases in examples/l2r_SCB/results/results_NLST_lm.json of github.com/MDL-UzL/L2R, and what that file has of them. */
const PUBLISHED_CASES = [
  1.7449964593572, 1.40083578782656, 1.65047553507678, 3.64864282257776, 1.77379814988632, 4.1544472062767,
  1.93736600735458, 2.36738963359712, 3.01344038106003, 1.53030793977465, 1.63512587460997, 5.32166455070214,
  2.23476091763668, 1.8309293901193, 2.07761578786073,
];
const PUBLISHED_TRE30 = 1.75075699746302;
const PUBLISHED_MEAN = 2.42145316291443;

describe('metricsOf', () => {
  it('has nothing of points that no published benchmark measures', () => {
    expect(metricsOf([{ errorMm: 3 }, FAILED])).toBeUndefined();
    expect(metricsOf([])).toBeUndefined();
  });

  it('DIR-Lab: mean and standard deviation, exact and snapped', () => {
    // 1 and 5: mean 3, deviations of 2; 0 and 4: mean 2, deviations of 2.
    expect(metricsOf([landmark(1, 0), landmark(5, 4), FAILED])).toEqual({
      treMm: 3,
      treSdMm: 2,
      snappedTreMm: 2,
      snappedTreSdMm: 2,
    });
  });

  it('Learn2Reg: mean, deviation and the 0.3 quantile of the means of the pairs, not of the points', () => {
    // Means of the pairs: 1, 2 and 6. Mean 3; squares of deviations 4, 1, 9; 0.3 x 2 = 0.6 of the way from 1 to 2.
    const points = [keypoint(1, 'a'), keypoint(1, 'a'), keypoint(2, 'b'), keypoint(4, 'c'), keypoint(8, 'c')];
    expect(metricsOf(points)).toEqual({ treMm: 3, treSdMm: 2.1602, tre30Mm: 1.6 });
  });

  it('Learn2Reg: repeats the aggregates that its authors published of their own cases', () => {
    const metrics = metricsOf(PUBLISHED_CASES.map((mm, n) => keypoint(mm, String(n))))!;
    expect(metrics.treMm).toBeCloseTo(PUBLISHED_MEAN, 4);
    expect(metrics.tre30Mm).toBeCloseTo(PUBLISHED_TRE30, 4);
  });

  it('deep longitudinal study: both definitions of both CPM', () => {
    const metrics = metricsOf([
      // Within the radius and 10 mm.
      lesion(4, 5, true, [4, 0, 0]),
      // Within 10 mm, outside of a small radius, inside a long box.
      lesion(6, 3, true, [0, 6, 0]),
      // Within a large radius, beyond 10 mm.
      lesion(12, 20, true, [0, 0, 12]),
      // On the radius: CPM@10mm holds it, CPM@Radius does not; outside the box.
      lesion(10, 10, false, [6, 8, 0]),
      FAILED,
    ])!;
    expect(metrics).toMatchObject({ cpm10: 0.4, cpm10Plain: 0.6, cpmRadius: 0.4, cpmBox: 0.6 });
    // 4, 6, 12, 10: mean 8, squares of deviations 16, 4, 16, 4.
    expect(metrics).toMatchObject({ medMm: 8, medSdMm: 3.1623 });
    // 4, 0, 0, 6; 0, 6, 0, 8; 0, 0, 12, 0.
    expect(metrics).toMatchObject({ xMm: 2.5, yMm: 3.5, zMm: 3, zSdMm: 5.1962 });
  });

  it('PanTrack: a point without an answer is a miss', () => {
    const hit = (errorMm: number, isHit: boolean): Measured => ({
      errorMm,
      measures: { of: 'segmented lesion', isHit },
    });
    expect(metricsOf([hit(2, true), hit(6, false), FAILED, FAILED])).toEqual({
      pointErrorMm: 4,
      pointErrorSdMm: 2,
      hit: 0.25,
    });
  });
});
