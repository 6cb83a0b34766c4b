/**
 * The panel: what it shows of a state, and what each control does.
 * @jest-environment jsdom
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import { EMPTY_STATE, lesionOf, observationOf, stateOf, trackingUidOf } from '../testing/lesions.ts';
import { mountedPanel } from '../testing/mountedPanel.ts';
import type { MountedPanel } from '../testing/mountedPanel.ts';
import { busyReview, lesionCalled, exampleReview } from '../testing/exampleReview.ts';
import type { PanelState } from './model.ts';

const A = trackingUidOf('a');

beforeEach(() => {
  localStorage.clear();
  localStorage.setItem('samepoint.onboarding', 'seen');
});

const texts = (parts: readonly HTMLElement[]): readonly string[] =>
  parts.map(({ textContent }) => textContent);

describe('rows', () => {
  const example = mountedPanel.bind(undefined, exampleReview());
  const spoken = (panel: MountedPanel): readonly string[] =>
    panel.all('lesion-row').map((row) => row.querySelector('[data-samepoint="spoken"]')?.textContent ?? '');

  test('stand in the order of the review, and keep the number of their lesion', () => {
    const panel = example();
    expect(texts(panel.all('lesion-row')).length).toBe(10);
    expect(spoken(panel).map((text) => text.split(', ')[0])).toEqual([
      '3',
      '8',
      '1',
      '2',
      '4',
      '5',
      '6',
      '7',
      '9',
      '10',
    ]);
  });

  test('say number, name, state, error radius, size and change', () => {
    expect(spoken(example())).toEqual([
      '3, Liver S2 subcapsular, uncertain, check, ± 8 mm, about 12 mm, 98 % larger',
      '8, Iliac node, not found',
      '1, Liver S7, accepted, ± 1 mm, 24 mm, 19 % smaller',
      '2, Liver S4, proposed, ± 2 mm, 18 mm, 4 % smaller',
      '4, Lung right upper lobe, corrected by you, 12 mm, 3 % larger',
      '5, Paratracheal 4R, proposed, ± 3 mm, 9 mm, 25 % smaller',
      '6, Lung right lower lobe, basal, not in this scan',
      '7, Adrenal left, resolved',
      '9, Lesion 9, proposed, 11 mm',
      '10, Rib 6 left, not looked for',
    ]);
  });

  test('of uncertain answers look different', () => {
    const marked = example()
      .all('lesion')
      .filter((item) => item.dataset['uncertain'] === 'true');
    expect(marked.map((item) => item.dataset['standing'])).toEqual(['uncertain', 'absent']);
  });

  test('a label is text, never markup', () => {
    const panel = mountedPanel(stateOf([lesionOf('a', [], { label: '<img src=x onerror=alert(1)>' })]));
    expect(panel.container.querySelector('img')).toBeNull();
    expect(panel.part('name').textContent).toContain('<img');
  });

  test('a click opens a lesion, one on the open lesion shows it again', () => {
    const panel = mountedPanel(stateOf([lesionOf('a', [observationOf('current')])]));
    panel.click('lesion-row');
    expect(panel.calls()).toEqual([`select ${A}`]);
    expect(panel.part('lesion-row').getAttribute('aria-expanded')).toBe('true');
    panel.click('lesion-row');
    expect(panel.calls()).toEqual([`goTo ${A}`]);
  });

  test('highlight their marker while the pointer or the focus is on them', () => {
    const panel = mountedPanel(stateOf([lesionOf('a', [observationOf('current')])]));
    panel.part('lesion').dispatchEvent(new MouseEvent('mouseenter'));
    panel.part('lesion').dispatchEvent(new MouseEvent('mouseleave'));
    panel.part('lesion-row').focus();
    panel.part('lesion-row').blur();
    expect(panel.highlights()).toEqual([`highlight ${A}`, 'highlight', `highlight ${A}`, 'highlight']);
  });

  test('are marked while the reader points at their marker', () => {
    const lesions = [lesionOf('a', [observationOf('current')]), lesionOf('b', [observationOf('current')])];
    const panel = mountedPanel(stateOf(lesions, { highlighted: A }));
    expect(panel.all('lesion').map(({ dataset }) => dataset['highlighted'])).toEqual(['true', 'false']);
  });

  test('one is a stop of the Tab key; the arrow keys lead to the others', () => {
    const panel = example();
    const rows = panel.all('lesion-row');
    const stops = (): readonly number[] => rows.map(({ tabIndex }) => tabIndex);
    expect(stops().filter((index) => index === 0)).toHaveLength(1);
    rows[0]?.focus();
    panel.press(rows[0]!, 'ArrowDown');
    expect(document.activeElement).toBe(rows[1]);
    panel.press(rows[1]!, 'End');
    expect(document.activeElement).toBe(rows[9]);
    expect(stops()).toEqual([-1, -1, -1, -1, -1, -1, -1, -1, -1, 0]);
    panel.press(rows[9]!, 'ArrowDown');
    expect(document.activeElement).toBe(rows[9]);
    panel.press(rows[9]!, 'Home');
    expect(document.activeElement).toBe(rows[0]);
  });

  test('a row keeps its element, and with it the focus, when others come and go', () => {
    const [a, b] = [lesionOf('a', [observationOf('current')]), lesionOf('b', [observationOf('current')])];
    const panel = mountedPanel(stateOf([a, b]));
    const row = panel.all('lesion-row')[1];
    row?.focus();
    panel.set(stateOf([b, lesionOf('c', [])]));
    expect(panel.all('lesion-row')[0]).toBe(row);
    expect(document.activeElement).toBe(row);
  });
});

describe('what is in view', () => {
  const ROW_PX = 28;
  const BOX_PX = 100;
  const original = Object.getOwnPropertyDescriptor(Element.prototype, 'getBoundingClientRect')!;

  beforeEach(() => {
    Element.prototype.getBoundingClientRect = function (this: HTMLElement) {
      const content = document.querySelector('[data-samepoint="content"]');
      if (this === content) return new DOMRect(0, 0, 200, BOX_PX);
      if (this.dataset['samepoint'] !== 'lesion') return new DOMRect(0, 0, 0, 0);
      const index = [...document.querySelectorAll('[data-samepoint="lesion"]')].indexOf(this);
      return new DOMRect(0, index * ROW_PX - (content?.scrollTop ?? 0), 200, ROW_PX);
    };
  });

  afterEach(() => {
    Object.defineProperty(Element.prototype, 'getBoundingClientRect', original);
  });

  const lesions = (count: number) =>
    Array.from({ length: count }, (_, index) => lesionOf(`l${index}`, [observationOf('current')]));

  test('is a new answer, unless the reader works in the list', () => {
    const panel = mountedPanel(stateOf(lesions(5)));
    expect(panel.part('content').scrollTop).toBe(0);
    panel.set(stateOf(lesions(6)));
    expect(panel.part('content').scrollTop).toBe(6 * ROW_PX - BOX_PX);
    panel.all('lesion-row')[5]?.focus();
    panel.set(stateOf(lesions(8)));
    expect(panel.part('content').scrollTop).toBe(6 * ROW_PX - BOX_PX);
  });

  test('is the selected lesion', () => {
    const panel = mountedPanel(stateOf(lesions(8)));
    const review = { order: [], selected: trackingUidOf('l7'), decided: 0, total: 8 };
    panel.set(stateOf(lesions(8), { review }));
    expect(panel.part('content').scrollTop).toBe(8 * ROW_PX - BOX_PX);
  });
});

test('a decision that leads to the next lesion moves the focus to it', () => {
  const example = exampleReview();
  const panel = mountedPanel({
    ...example,
    review: { ...example.review, selected: lesionCalled('Liver S4').trackingUid },
  });
  panel.part('accept').focus();
  panel.click('accept');
  expect(document.activeElement?.getAttribute('aria-expanded')).toBe('true');
  expect(document.activeElement?.textContent).toContain('Lung right upper lobe');
});

describe('accessibility', () => {
  const states: Readonly<Record<string, () => PanelState>> = {
    empty: () => EMPTY_STATE,
    review: () => exampleReview(),
    busy: busyReview,
    placing: () => ({ ...busyReview(), placing: lesionCalled('Liver S2 subcapsular').trackingUid }),
  };

  async function serious(): Promise<readonly string[]> {
    // jsdom draws nothing: colours are looked at in a browser.
    const { violations } = await axe.run(document.body, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
    });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  test.each(Object.keys(states))('axe finds nothing serious in the state "%s"', async (name) => {
    mountedPanel(states[name]!());
    expect(await serious()).toEqual([]);
  });

  test('nor in the table, the first steps and the menu of series', async () => {
    localStorage.clear();
    const panel = mountedPanel(exampleReview());
    panel.all('series-menu')[1]?.click();
    panel.click('view-table');
    expect(await serious()).toEqual([]);
  });

  test('every button has a name', () => {
    const panel = mountedPanel(busyReview());
    const unnamed = [...panel.container.querySelectorAll('button')].filter(
      (button) => (button.getAttribute('aria-label') ?? button.textContent) === '',
    );
    expect(unnamed).toEqual([]);
  });
});

test('an unmounted panel keeps no element and receives no change', () => {
  const panel = mountedPanel(exampleReview());
  panel.unmount();
  panel.set(busyReview());
  expect(panel.container.children).toHaveLength(0);
});
