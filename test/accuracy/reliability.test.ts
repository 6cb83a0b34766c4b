import { chi3, chi3Quantile, coverageCurve, NOMINAL } from './coverage.ts';
import { coverageByRadius, reliabilityByCase, reliabilitySvg } from './reliability.ts';
import { summarise } from './statistics.ts';
import type { Row, Scored } from './statistics.ts';

describe('the length of a normal vector in three dimensions', () => {
  it('has the quantiles of the tables: square roots of chi square with 3 degrees of freedom', () => {
    // Chi square, 3 degrees: 2.366 (0.5), 6.251 (0.9), 7.815 (0.95).
    expect(chi3Quantile(0.5) ** 2).toBeCloseTo(2.366, 3);
    expect(chi3Quantile(0.9) ** 2).toBeCloseTo(6.251, 3);
    expect(chi3Quantile(0.95) ** 2).toBeCloseTo(7.815, 3);
    expect(chi3(0)).toBeCloseTo(0, 6);
  });
});

/** Errors at the quantiles of the normal model for a radius of 5 mm: perfectly calibrated. */
const calibrated: Scored[] = Array.from({ length: 1000 }, (_, n) => ({
  errorMm: (5 * chi3Quantile((n + 0.5) / 1000)) / chi3Quantile(0.9),
  radiusMm: 5,
}));

describe('coverage', () => {
  it('is the diagonal where the errors follow the model', () => {
    const observed = coverageCurve(calibrated);
    NOMINAL.forEach((nominal, n) => {
      expect(observed[n]).toBeCloseTo(nominal, 2);
    });
  });

  it('omits failed points and answers without a radius', () => {
    const points: Scored[] = [{ errorMm: 1, radiusMm: 2 }, { errorMm: undefined }, { errorMm: 99 }];
    expect(coverageCurve(points).at(-1)).toBe(1);
  });

  it('is given for tenths of the points by radius', () => {
    const points = Array.from({ length: 100 }, (_, n) => ({ radiusMm: n, errorMm: n < 20 ? n + 1 : n / 2 }));
    const bins = coverageByRadius(points);
    expect(bins.map(({ observed }) => observed)).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(bins[0]?.radiusMm).toBe(4.5);
  });
});

describe('reliabilitySvg', () => {
  it('draws what has a radius, with its label, and nothing else', () => {
    const svg = reliabilitySvg(
      [
        { label: 'without', points: [{ errorMm: 1 }] },
        { label: 'a <b>', points: calibrated },
      ],
      'caption',
    );
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('a &lt;b&gt;, n = 1000');
    expect(svg).not.toContain('without');
    expect(svg).not.toMatch(/NaN|undefined|<image|href/);
  });

  it('is not drawn without a radius', () => {
    expect(reliabilitySvg([{ label: 'x', points: [{ errorMm: 1 }] }], '')).toBeUndefined();
  });
});

describe('reliabilityByCase', () => {
  const rowOf = (data: string, name: string, points: readonly Scored[]): Row =>
    summarise({ data, case: name, model: 'm', method: 'refined' }, points, []);

  it('draws one panel for each case and one curve for each set of data', () => {
    const rows = [
      rowOf('chest', 'easy', calibrated),
      rowOf('abdomen', 'easy', calibrated),
      rowOf('chest', 'turned', calibrated),
      { ...rowOf('chest', 'turned', calibrated), method: 'nearest' },
      rowOf('chest', 'outside', [{ errorMm: 1 }]),
    ];
    const svg = reliabilityByCase(rows, 'refined') ?? '';
    expect(svg.match(/<polyline/g)).toHaveLength(3);
    expect(svg.match(/<g transform/g)).toHaveLength(2);
    expect(svg).toContain('abdomen: 0.90 of 1000');
    expect(svg).not.toMatch(/NaN|undefined|outside/);
  });

  it('names the models where a panel has several', () => {
    const row = rowOf('chest', 'easy', calibrated);
    const svg = reliabilityByCase([row, { ...row, model: 'other' }], 'refined') ?? '';
    expect(svg).toContain('chest, m: 0.90 of 1000');
    expect(svg).toContain('chest, other: 0.90 of 1000');
  });

  it('is not drawn where no row has a curve', () => {
    expect(reliabilityByCase([rowOf('chest', 'easy', [{ errorMm: 1 }])], 'refined')).toBeUndefined();
  });
});
