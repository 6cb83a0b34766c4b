import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/paths.ts';
import { chartOf } from './storedSeriesChart.ts';
import type { StoredSeriesResults, StoredSeriesRow } from './storedSeriesChart.ts';

const row = (series: number, matchMs: number): StoredSeriesRow => ({
  ...{ series, diskMib: series, startS: 2, idleMib: 400, matchingMib: 500, matchMs },
  ...(series > 1 && { firstMatchMs: 2 * matchMs }),
});
const results: StoredSeriesResults = {
  ...{ processors: 2, loadAverage: [0, 0, 0], model: 'samepoint-ct' },
  rows: [row(1, 50), row(10, 50), row(100, 50), row(1000, 100)],
};
/** The points of the curves, in their order. */
function pointsOf(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/gu)].map(([, points = '']) =>
    points.split(' ').map((point) => point.split(',').map(Number)),
  );
}

describe('the chart of stored series', () => {
  it('places the numbers of series on a logarithmic axis and the values between zero and a round number', () => {
    const later = pointsOf(chartOf(results)).at(-1);
    // The largest value of the panel is 200 ms: it is the top.
    expect(later).toEqual([
      [0, 225],
      [100, 225],
      [200, 225],
      [300, 150],
    ]);
  });

  it('omits what was not measured', () => {
    const first = pointsOf(chartOf(results)).at(-2);
    expect(first?.map(([x]) => x)).toEqual([100, 200, 300]);
  });

  it('is that of the documents, of the file of results', () => {
    const file: unknown = JSON.parse(readFileSync(join(ROOT, 'test/results/storedSeries.json'), 'utf8'));
    const drawn = readFileSync(join(ROOT, 'docs/images/stored-series.svg'), 'utf8');
    expect(chartOf(file as StoredSeriesResults)).toBe(drawn);
  });
});
