import fc from 'fast-check';
import { coverageByCase, wilsonInterval } from './coverageByCase.ts';
import type { CoverageRow } from './coverageByCase.ts';

const ROW: CoverageRow = {
  data: 'crlm',
  case: 'lesion-gone',
  model: 'samepoint-ct',
  method: 'refined',
  n: 10,
  radiusCoverage: 0.9,
};

describe('coverage by case', () => {
  it('counts the points of all sets together', () => {
    const rows = [ROW, { ...ROW, data: 'organs', n: 30, radiusCoverage: 0.8333 }];
    const [found, ...others] = coverageByCase(rows, 'samepoint-ct', 'refined');
    expect(others).toEqual([]);
    expect(found).toMatchObject({ case: 'lesion-gone', data: ['crlm', 'organs'], points: 40, share: 34 / 40 });
  });

  it.each([
    ['pools of sets, whose points would count twice', { data: 'cmbcrc+crlm' }],
    ['other models', { model: 'mind-ssc' }],
    ['other methods', { method: 'field' }],
    ['rows without a radius', { radiusCoverage: null }],
  ])('omits %s', (_, other) => {
    const found = coverageByCase([ROW, { ...ROW, case: 'easy', ...other }], 'samepoint-ct', 'refined');
    expect(found.map((one) => one.case)).toEqual(['lesion-gone']);
  });
});

describe("Wilson's interval", () => {
  it('is that of the textbook: 81 of 263 (Newcombe 1998)', () => {
    const [low, high] = wilsonInterval(81 / 263, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
  });

  it('holds the share, within 0 and 1, and is narrower with more points', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const share = Math.round(part * n) / n;
        const [low, high] = wilsonInterval(share, n);
        const [low4, high4] = wilsonInterval(share, 4 * n);
        expect(low).toBeLessThanOrEqual(share + 1e-12);
        expect(high).toBeGreaterThanOrEqual(share - 1e-12);
        expect([low >= 0, high <= 1]).toEqual([true, true]);
        expect(high4 - low4).toBeLessThan(high - low);
      }),
    );
  });
});
