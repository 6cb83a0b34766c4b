/**
 * The table of lesions and its chart, as the reader sees and exports them.
 * @jest-environment jsdom
 */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { lesionOf, observationOf, stateOf, trackingUidOf } from '../testing/lesions.ts';
import { mountedPanel } from '../testing/mountedPanel.ts';
import type { MountedPanel } from '../testing/mountedPanel.ts';
import { exampleReview } from '../testing/exampleReview.ts';
import { axisTop, spread } from './chart.tsx';
import type { PanelState } from './model.ts';

beforeEach(() => {
  localStorage.clear();
  localStorage.setItem('samepoint.onboarding', 'seen');
});

function tableOfState(state: PanelState): MountedPanel {
  const panel = mountedPanel(state);
  panel.click('view-table');
  panel.set(state);
  return panel;
}

const shrunk = stateOf([
  lesionOf('a', [
    observationOf('prior', { longAxis: { mm: 40 } }),
    observationOf('current', { longAxis: { mm: 20.5 } }),
  ]),
  lesionOf('b', [
    observationOf('prior', { longAxis: { mm: 10 } }),
    observationOf('current', { status: 'resolved' }),
  ]),
]);

const rowsOf = (panel: MountedPanel): readonly string[] =>
  [...panel.container.querySelectorAll('tr')].map((row) =>
    [...row.children].map(({ textContent }) => textContent).join('|'),
  );

describe('the table', () => {
  test('has sizes, sum, changes and response', () => {
    expect(rowsOf(tableOfState(shrunk))).toEqual([
      'Lesion, mm|02-Mar-26|14-Sep-26',
      '1 Lesion a|40|20.5',
      '2 Lesion b|10|gone',
      'Sum of targets, mm|50|20.5',
      'From baseline, %|–|−59',
      'From nadir, %|–|−59',
      'Response|BL|PR',
    ]);
  });

  test('has what does not count in brackets, and says so', () => {
    const panel = tableOfState(exampleReview());
    expect(rowsOf(panel)[2]).toBe('2 Liver S4|25|19|(18.2)');
    expect(panel.part('table-warnings').textContent).toBe('5 proposals do not count before you accept them.');
    expect(panel.part('aid').textContent).toContain('An aid, to be checked');
  });

  test('says what is against the rules', () => {
    const many = Array.from({ length: 6 }, (_, index) =>
      lesionOf(`t${index}`, [observationOf('prior', { longAxis: { mm: index === 0 ? 8 : 12 } })]),
    );
    expect(
      [...tableOfState(stateOf(many)).part('table-warnings').children].map((item) => item.textContent),
    ).toEqual([
      '6 targets; RECIST 1.1 allows 5.',
      'Too small for a target at the baseline (10 mm; lymph node 15 mm short axis): 1.',
    ]);
  });

  test('opens a lesion, and goes back to the list', () => {
    const panel = tableOfState(shrunk);
    panel.all('table-lesion')[1]?.click();
    expect(panel.calls()).toEqual([`select ${trackingUidOf('b')}`]);
    panel.click('view-list');
    panel.set(shrunk);
    expect(panel.all('lesion-row')).toHaveLength(2);
  });

  test('without lesions says so', () => {
    expect(tableOfState(stateOf([])).part('hint').textContent).toBe('No lesion is followed yet.');
  });
});

describe('export', () => {
  function withClipboard(writeText: (text: string) => Promise<void>): void {
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
  }

  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

  test('copies the table with tabs, in the numbers of the language', async () => {
    const copied: string[] = [];
    withClipboard((text) => Promise.resolve(void copied.push(text)));
    localStorage.setItem('i18nextLng', 'de-DE');
    const panel = tableOfState(shrunk);
    panel.click('copy');
    await settled();
    panel.set(shrunk);
    expect(panel.part('copy-outcome').textContent).toBe('Kopiert');
    expect(copied[0]?.split('\n').slice(0, 7)).toEqual([
      '\tLäsion\tRolle\t02.03.2026\t14.09.2026',
      '1\tLesion a\tZiel\t40\t20,5',
      '2\tLesion b\tZiel\t10\tverschwunden',
      '\tSumme der Zielläsionen, mm\t\t50\t20,5',
      '\tZur Baseline, %\t\t\t-59',
      '\tZum Nadir, %\t\t\t-59',
      '\tAnsprechen\t\tBaseline\tPR',
    ]);
  });

  test('says that the browser refused', async () => {
    withClipboard(() => Promise.reject(new Error('denied')));
    const panel = tableOfState(shrunk);
    panel.click('copy');
    await settled();
    panel.set(shrunk);
    expect(panel.part('copy-outcome').textContent).toBe('The browser refused to copy.');
  });

  test('downloads the table as a file', async () => {
    const files: Blob[] = [];
    Object.assign(URL, {
      createObjectURL: (file: Blob) => `blob:${files.push(file)}`,
      revokeObjectURL: () => undefined,
    });
    const names: string[] = [];
    HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
      names.push(this.download);
    };
    tableOfState(shrunk).click('download');
    expect(names).toEqual(['lesions.csv']);
    const bytes = await new Promise<unknown>((resolve) => {
      const reader = new FileReader();
      reader.addEventListener('load', () => {
        resolve(reader.result);
      });
      reader.readAsText(files[0]!);
    });
    expect(bytes).toContain('1,Lesion a,Target,40,20.5\r\n');
  });
});

describe('the chart', () => {
  test('has a line per lesion and one for the sum, and says their values', () => {
    const panel = tableOfState(shrunk);
    expect(panel.all('chart-line')).toHaveLength(3);
    expect(panel.part('chart').getAttribute('aria-label')).toBe(
      'Diameters over time. 1, Lesion a: 02-Mar-2026 40 mm, 14-Sep-2026 20.5 mm. 2, Lesion b: 02-Mar-2026 10 mm, 14-Sep-2026 0 mm. Sum of targets: 02-Mar-2026 50 mm, 14-Sep-2026 20.5 mm.',
    );
  });

  test('needs two time points and a size', () => {
    expect(tableOfState({ ...shrunk, timePoints: shrunk.timePoints.slice(0, 1) }).all('chart')).toEqual([]);
    expect(tableOfState(stateOf([lesionOf('a', [observationOf('current')])])).all('chart')).toEqual([]);
  });

  test.each([
    [0.4, 1],
    [1, 1],
    [26, 30],
    [101, 120],
    [120, 120],
    [999, 1000],
  ])('%d mm has an axis up to %d mm', (mm, top) => {
    expect(axisTop(mm)).toBe(top);
  });

  test('numbers at the ends of lines do not cover each other', () => {
    const placed = [...spread([50, 51, 10, 111, 112], 9)].sort((a, b) => a - b);
    const gaps = placed.slice(1).map((y, index) => y - placed[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(9);
    expect(placed[0]).toBe(10);
  });
});
