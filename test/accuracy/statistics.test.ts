import { quantile, summarise, summariseOutside } from './statistics.ts';
import type { Scored } from './statistics.ts';

const KEY = { data: 'd', case: 'easy', model: 'm', method: 'nearest' };
const cost = (seconds: number, cpuSeconds: number) => ({ seconds, cpuSeconds });
const TIME = { embed: cost(3, 5), match: cost(0.5, 0.25) };
const of = (...errors: readonly (number | undefined)[]): Scored[] => errors.map((errorMm) => ({ errorMm }));

describe('quantile', () => {
  it('interpolates between order statistics, as numpy does', () => {
    // numpy.quantile([1, 2, 4, 8], [0.5, 0.95, 0, 1]) = [3, 7.4, 1, 8]
    expect([0.5, 0.95, 0, 1].map((share) => quantile([8, 1, 4, 2], share))).toEqual([
      3,
      expect.closeTo(7.4, 9),
      1,
      8,
    ]);
  });

  it('is infinite where an infinite value contributes, and only there', () => {
    expect(quantile([1, 2, Infinity], 0.5)).toBe(2);
    expect(quantile([1, 2, Infinity], 0.6)).toBe(Infinity);
    expect(quantile([Infinity, Infinity], 0.5)).toBe(Infinity);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('summarise', () => {
  it('gives median, mean, 95th percentile and inclusive shares', () => {
    expect(summarise(KEY, of(1, 5, 10, 40), [TIME])).toEqual({
      ...KEY,
      n: 4,
      medianMm: 7.5,
      meanMm: 14,
      p95Mm: 35.5,
      within10mm: 0.75,
      within5mm: 0.5,
      seconds: 3.5,
      embedSeconds: 3,
      cpuSeconds: 5.25,
      failed: 0,
      gross: 0.25,
    });
  });

  it('counts a failed point as farther off than anything, but not in the mean', () => {
    const row = summarise(KEY, of(1, 3, undefined, undefined), []);
    expect(row).toMatchObject({
      n: 4,
      failed: 2,
      medianMm: null,
      meanMm: 2,
      p95Mm: null,
      within10mm: 0.5,
      gross: 0.5,
    });
    expect(summarise(KEY, of(1, 3, 4, undefined), []).medianMm).toBe(3.5);
    expect(summarise(KEY, of(undefined), []).meanMm).toBeNull();
  });

  it('averages the time over pairs', () => {
    const row = summarise(KEY, of(1), [TIME, { embed: cost(5, 6), match: cost(1.5, 1.75) }]);
    expect(row).toMatchObject({ seconds: 5, embedSeconds: 4, cpuSeconds: 6.5 });
  });

  it('has fields of verdict and radius only where the method gives them', () => {
    const judged: Scored[] = [
      { errorMm: 1, radiusMm: 2, verdict: 'matched' },
      { errorMm: 20, radiusMm: 4, verdict: 'matched' },
      { errorMm: 9, radiusMm: 9, verdict: 'uncertain' },
      { errorMm: 3, verdict: 'out-of-view' },
      { errorMm: undefined },
    ];
    expect(summarise(KEY, judged, [])).toMatchObject({
      answered: 0.4,
      uncertain: 0.2,
      outOfView: 0.2,
      absent: 0,
      within10mmMatched: 0.5,
      radiusCoverage: 0.6667,
      medianRadiusMm: 4,
    });
    const bare = summarise(KEY, of(1), []);
    expect(Object.keys(bare)).not.toContain('answered');
    expect(Object.keys(bare)).not.toContain('radiusCoverage');
  });

  it('counts what is said of lesions against the truth; silence is neither right nor wrong', () => {
    const truth = { kind: 'larger', queryDiameterMm: 8, targetDiameterMm: 16 } as const;
    const points: Scored[] = [
      { errorMm: 1, change: { truth, said: { ...truth, queryDiameterMm: 9, targetDiameterMm: 13 } } },
      { errorMm: 1, change: { truth, said: { kind: 'gone', queryDiameterMm: 30 } } },
      { errorMm: 1, change: { truth, said: undefined } },
      { errorMm: 1, change: { truth, said: undefined } },
    ];
    expect(summarise(KEY, points, [])).toMatchObject({
      changeRight: 0.25,
      changeWrong: 0.25,
      diameterErrorMm: 2,
    });
    expect(Object.keys(summarise(KEY, points.slice(2), []))).not.toContain('changeRight');
  });
});

describe('summariseOutside', () => {
  it('scores what is said, not where it is', () => {
    const points: Scored[] = [
      { errorMm: 50, verdict: 'out-of-view' },
      { errorMm: 12, verdict: 'out-of-view' },
      { errorMm: 80, verdict: 'matched' },
      { errorMm: undefined },
    ];
    expect(summariseOutside(KEY, points, [])).toMatchObject({
      n: 4,
      medianMm: null,
      within10mm: null,
      outOfView: 0.5,
      answered: 0.25,
      failed: 1,
    });
  });
});
