import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeRows, metricsTableOf, readRows, saveRows, tableOf } from './results.ts';
import type { Row } from './statistics.ts';

const row = (method: string, over: Partial<Row> = {}): Row => ({
  data: 'd',
  case: 'easy',
  model: 'm',
  method,
  n: 2,
  medianMm: 1,
  meanMm: 1,
  p95Mm: 2,
  within10mm: 1,
  within5mm: 0.5,
  seconds: 4,
  ...over,
});

describe('mergeRows', () => {
  it('replaces the rows of the same data, case, model and method and keeps the others where they are', () => {
    const old = [row('nearest'), row('refined'), row('nearest', { case: 'crop' })];
    const merged = mergeRows(old, [row('refined', { n: 9 }), row('refined', { model: 'x' })]);
    expect(merged).toEqual([old[0], row('refined', { n: 9 }), old[2], row('refined', { model: 'x' })]);
  });
});

describe('saveRows', () => {
  it('adds to what earlier runs have written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'samepoint-rows-'));
    const file = join(folder, 'results', 'accuracy.json');
    try {
      expect(await readRows(file)).toEqual([]);
      await saveRows(file, [row('nearest')]);
      await saveRows(file, [row('refined'), row('nearest', { n: 3 })]);
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([row('nearest', { n: 3 }), row('refined')]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('tableOf', () => {
  it('omits empty columns and compares wall time, and processor time where it is known, with elastix on the same data and case', () => {
    const rows = [
      row('refined'),
      row('elastix', { model: '-', seconds: 240, cpuSeconds: 200 }),
      row('nearest', { seconds: 100, cpuSeconds: 5 }),
      row('refined', { case: 'crop', medianMm: null }),
    ];
    const lines = tableOf(rows).split('\n');
    expect(lines[0]).toMatch(
      /^data +case +model +method +n +median +mean +p95 mm +<=10 mm +<=5 mm +s +CPU s +elastix is$/,
    );
    expect(lines[1]).toMatch(/^d +easy +m +refined +2 +1\.00 +1\.00 +2\.00 +100\.0 % +50\.0 % +4\.0 +60x$/);
    expect(lines[2]).toMatch(/240\.0 +200\.0$/);
    expect(lines[3]).toMatch(/100\.0 +5\.0 +2x \(CPU 40x\)$/);
    expect(lines[4]).toMatch(/^d +crop +m +refined +2 +1\.00 +2\.00 /);
  });
});

describe('metricsTableOf', () => {
  it('has the rows with measures of a published benchmark, lengths in mm and shares in percent', () => {
    const rows = [row('nearest'), row('refined', { metrics: { medMm: 5.5, cpm10: 0.789 } })];
    expect(metricsTableOf(rows)).toMatch(
      /^\ndata +case +model +method +n +MED +CPM@10mm\nd +easy +m +refined +2 +5\.50 +78\.9 %\n$/,
    );
  });

  it('has what was published of the same data and case', () => {
    const measured = row('refined', {
      data: 'deeplesion',
      case: 'test',
      metrics: { medMm: 4, cpm10Plain: 0.9, cpmBox: 1 },
    });
    const lines = metricsTableOf([measured])
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/u));
    expect(lines.slice(1).map(([, , model, method, n, med]) => [model, method, n, med])).toEqual([
      ['m', 'refined', '2', '4.00'],
      ['published', 'DLT-Mix', '960', '6.98'],
      ['published', 'UAE-S structural', '960', '5.57'],
    ]);
    const shares = lines.map((line) => line.slice(-1)[0]);
    expect(shares).toEqual(['in box', '100.0 %', '95.3 %', '96.7 %']);
    expect(metricsTableOf([{ ...measured, case: 'valid' }])).not.toContain('published');
  });

  it('is empty without any', () => {
    expect(metricsTableOf([row('nearest')])).toBe('');
  });
});
