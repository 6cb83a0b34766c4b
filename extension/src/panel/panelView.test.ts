/**
 * What the reader sees and can do in the panel.
 * @jest-environment jsdom
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PairStore } from '../pairs/store.ts';
import { pairOf } from '../testing/examples.ts';
import type { PanelActions } from './actions.ts';
import { PanelView } from './panelView.ts';

let store: PairStore;
let container: HTMLElement;
let view: PanelView;
let calls: string[];
let openStudies: Set<string>;
let canCompare: boolean;

function recorder(): PanelActions {
  const record =
    (name: string) =>
    (...given: string[]): void => {
      calls.push([name, ...given].join(' '));
    };
  return {
    accept: record('accept'),
    reject: record('reject'),
    startMove: record('startMove'),
    stopMove: record('stopMove'),
    goTo: record('goTo'),
    remove: record('remove'),
    rename: record('rename'),
    save: record('save'),
    cancelSearch: record('cancelSearch'),
    dismissNotice: record('dismissNotice'),
    mendNotice: record('mendNotice'),
    dismissSeriesWarnings: record('dismissSeriesWarnings'),
    compare: record('compare'),
  };
}

beforeEach(() => {
  store = new PairStore();
  calls = [];
  openStudies = new Set(['1.2.current', '1.2.prior']);
  canCompare = false;
  container = document.createElement('div');
  document.body.append(container);
  const model = {
    store,
    isOpenStudy: (study: string) => openStudies.has(study),
    dateOf: (series: string) => (series === '1.2.current.9' ? '2024-03-01' : '2023-02-11'),
    canCompare: () => canCompare,
  };
  view = new PanelView(container, model, recorder());
});

afterEach(() => {
  view.destroy();
  container.remove();
});

function part(name: string): HTMLElement {
  const found = container.querySelector<HTMLElement>(`[data-samepoint="${name}"]`);
  if (found === null) throw new Error(`no part "${name}" in the panel`);
  return found;
}

const parts = (name: string): HTMLElement[] => [
  ...container.querySelectorAll<HTMLElement>(`[data-samepoint="${name}"]`),
];
const isDisabled = (name: string): boolean => (part(name) as HTMLButtonElement).disabled;

describe('pairs', () => {
  test('a pair shows its label, time points, numbers and state', () => {
    store.addPair(pairOf('a'));
    expect((part('label') as HTMLInputElement).value).toBe('Lesion a');
    expect(part('time-points').textContent).toBe('2024-03-01 ↔ 2023-02-11');
    expect(part('score').textContent).toBe('similarity 0.87 · cycle error 1.3 mm');
    expect(part('state').textContent).toBe('proposed');
    expect(part('pair').dataset).toMatchObject({ pairId: 'a', state: 'proposed', saved: 'false' });
  });

  test('a label is text, never markup', () => {
    store.addPair(pairOf('a', { label: '<img src=x onerror=alert(1)>' }));
    expect(container.querySelector('img')).toBeNull();
    expect((part('label') as HTMLInputElement).value).toContain('<img');
  });

  test.each([
    ['accept', 'accept a'],
    ['reject', 'reject a'],
    ['move', 'startMove a'],
    ['go', 'goTo a'],
    ['delete', 'remove a'],
  ])('the button "%s" does it, and has a name that says to which pair', (name, call) => {
    store.addPair(pairOf('a'));
    const pressed = part(name) as HTMLButtonElement;
    pressed.click();
    expect(calls).toEqual([call]);
    expect(pressed.getAttribute('aria-label')).toContain('Lesion a');
    expect(pressed.type).toBe('button');
  });

  test('after the move the numbers are said to be those of the proposal', () => {
    store.addPair(pairOf('a', { state: 'moved' }));
    expect(part('score').textContent).toBe('before the move: similarity 0.87 · cycle error 1.3 mm');
    expect(part('state').textContent).toBe('moved by you');
  });

  test('a match that contradicts itself is called uncertain, until the reader sets the place', () => {
    store.addPair(pairOf('a', { cycleErrorMm: 28.9 }));
    expect(part('pair').dataset.uncertain).toBe('true');
    expect(part('score').textContent).toBe('similarity 0.87 · cycle error 28.9 mm · uncertain, look closely');
    store.movePair('a', pairOf('a').prior);
    expect(part('pair').dataset.uncertain).toBe('false');
  });

  test('while a pair is moved, the panel shows what to do and the reader can stop', () => {
    store.addPair(pairOf('a'));
    expect(part('move-hint').hidden).toBe(true);
    store.setMoving('a');
    expect(part('move-hint').hidden).toBe(false);
    expect(part('move-hint').textContent).toBe(
      'Click the right place in the scan of 2023-02-11, or press Escape.',
    );
    expect(part('pair').dataset.moving).toBe('true');
    expect(part('move').textContent).toBe('Cancel move');
    part('move').click();
    expect(calls).toEqual(['stopMove']);
  });

  test('a saved pair can be shown and hidden, and nothing else', () => {
    store.addPair(pairOf('a', { state: 'accepted', saved: true }));
    expect(['accept', 'move', 'reject'].map(isDisabled)).toEqual([true, true, true]);
    expect(['accept', 'move', 'reject'].map((name) => part(name).hidden)).toEqual([true, true, true]);
    expect(['go', 'delete'].map(isDisabled)).toEqual([false, false]);
    expect(part('delete').textContent).toBe('Hide');
    expect((part('label') as HTMLInputElement).readOnly).toBe(true);
    expect(part('state').textContent).toBe('accepted, in the PACS');
  });

  test('pairs of another patient are not shown and not counted', () => {
    store.addPair(pairOf('a', { state: 'accepted' }));
    openStudies.clear();
    view.update();
    expect(parts('pair')).toEqual([]);
    expect(isDisabled('save')).toBe(true);
  });

  test('a new answer is scrolled into view, above the footer that stays', () => {
    const height = { content: 300, pair: 190 };
    const original = Object.getOwnPropertyDescriptor(Element.prototype, 'getBoundingClientRect')!;
    Element.prototype.getBoundingClientRect = function (this: HTMLElement) {
      if (this === part('content')) return new DOMRect(0, 50, 200, height.content);
      const top = 50 - part('content').scrollTop + parts('pair').indexOf(this) * height.pair;
      return new DOMRect(0, top, 200, height.pair);
    };
    store.addPair(pairOf('a'));
    expect(part('content').scrollTop).toBe(0);
    store.addPair(pairOf('b'));
    expect(part('content').scrollTop).toBe(2 * height.pair - height.content);
    part('content').scrollTop = 0;
    store.setState('b', 'accepted');
    expect(part('content').scrollTop).toBe(0);
    Object.defineProperty(Element.prototype, 'getBoundingClientRect', original);
    expect(part('content').contains(part('pairs'))).toBe(true);
    expect(part('content').contains(part('save'))).toBe(false);
  });

  test('a row keeps its element, and with it the focus, when others come and go', () => {
    store.addPair(pairOf('a'));
    store.addPair(pairOf('b'));
    const [, second] = parts('pair');
    second?.querySelector('button')?.focus();
    store.removePair('a');
    store.setState('b', 'accepted');
    expect(parts('pair')).toEqual([second]);
    expect(document.activeElement).toBe(second?.querySelector('button'));
  });
});

describe('label', () => {
  function type(text: string): HTMLInputElement {
    const label = part('label') as HTMLInputElement;
    label.value = text;
    label.dispatchEvent(new Event('change'));
    return label;
  }

  test('is renamed when it changes, without the blanks around it', () => {
    store.addPair(pairOf('a'));
    type('  Segment 8 ');
    expect(calls).toEqual(['rename a Segment 8']);
  });

  test('is never empty', () => {
    store.addPair(pairOf('a'));
    expect(type('   ').value).toBe('Lesion a');
    expect(calls).toEqual([]);
  });

  test('what is being typed is not overwritten by an update, and does not reach the hotkeys of the viewer', () => {
    store.addPair(pairOf('a'));
    const label = part('label') as HTMLInputElement;
    label.focus();
    label.value = 'Segm';
    store.setState('a', 'accepted');
    expect(label.value).toBe('Segm');
    let reached = 0;
    document.addEventListener('keydown', () => (reached += 1), { once: true });
    label.dispatchEvent(new KeyboardEvent('keydown', { key: 'c', bubbles: true }));
    expect(reached).toBe(0);
    label.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(label.value).toBe('Lesion a');
  });
});

describe('searches and notices', () => {
  const search = {
    id: 's',
    label: 'Point 1',
    query: { studyInstanceUid: '1', seriesInstanceUid: '2' },
    frameOfReferenceUid: '3',
    lps: [0, 0, 0] as const,
    progress: { text: 'Sending the request to the Samepoint server', fraction: undefined },
  };

  test('a search says what the server does, how far it is, and can be cancelled', () => {
    store.addSearch(search);
    expect(part('search-text').textContent).toBe('Point 1: Sending the request to the Samepoint server …');
    expect(part('progress').hasAttribute('value')).toBe(false);
    store.setProgress('s', { text: 'Analysing the images', fraction: 0.25 });
    expect(part('search-text').textContent).toBe('Point 1: Analysing the images …');
    expect((part('progress') as HTMLProgressElement).value).toBe(0.25);
    part('cancel').click();
    expect(calls).toEqual(['cancelSearch s']);
    store.removeSearch('s');
    expect(parts('search')).toEqual([]);
  });

  test('a notice says what happened and what to do, aloud, and can be dismissed', () => {
    store.addNotice({
      id: 'n',
      subject: 'Point 1',
      code: 'matching/in-air',
      message: 'in air',
      remedy: 'Click on tissue.',
    });
    expect(part('notices').getAttribute('role')).toBe('alert');
    expect(part('notice').dataset.code).toBe('matching/in-air');
    expect(part('notice-message').textContent).toBe('Point 1: in air');
    expect(part('notice-remedy').textContent).toBe('Click on tissue.');
    expect(parts('mend')).toEqual([]);
    expect(part('notice-message').title).toBe('matching/in-air');
    part('dismiss').click();
    expect(calls).toEqual(['dismissNotice n']);
  });

  test('a notice has the button that mends what it complains of', () => {
    const mend = { label: 'Try again', run: () => undefined };
    store.addNotice({ id: 'n', subject: 'Point 1', code: 'x', message: 'm', remedy: 'r', mend });
    expect(part('mend').textContent).toBe('Try again');
    expect(part('mend').getAttribute('aria-label')).toBe('Try again: Point 1');
    part('mend').click();
    expect(calls).toEqual(['mendNotice n']);
  });
});

describe('warnings on series', () => {
  const warnings = { id: '9', studyInstanceUid: '1.2.prior', title: 'CT of 2023-02-11', messages: ['metal'] };

  test('a series has one line with the words of the server, and it can be dismissed', () => {
    expect(part('series-warnings').hidden).toBe(true);
    store.addSeriesWarnings(warnings);
    expect(part('series-warning-text').textContent).toBe('CT of 2023-02-11: metal');
    store.addSeriesWarnings({ ...warnings, messages: ['metal', '<b>thin</b>'] });
    expect(parts('series-warning-text').map(({ textContent }) => textContent)).toEqual([
      'CT of 2023-02-11: metal · <b>thin</b>',
    ]);
    part('dismiss').click();
    expect(calls).toEqual(['dismissSeriesWarnings 9']);
  });

  test('series of another patient are not shown', () => {
    store.addSeriesWarnings(warnings);
    openStudies.clear();
    view.update();
    expect(parts('series-warning')).toEqual([]);
  });
});

describe('saving', () => {
  test('save is possible with a confirmed pair, and not while one is being saved', () => {
    store.addPair(pairOf('a'));
    expect(isDisabled('save')).toBe(true);
    store.setState('a', 'accepted');
    expect(isDisabled('save')).toBe(false);
    part('save').click();
    expect(calls).toEqual(['save']);
    store.setSaving(['a']);
    expect(isDisabled('save')).toBe(true);
    expect(isDisabled('delete')).toBe(true);
    expect(part('status').textContent).toBe('Saving to the PACS …');
  });

  test('the status says how the list stands, and is announced', () => {
    expect(part('status').getAttribute('aria-live')).toBe('polite');
    store.addPair(pairOf('a'));
    store.addPair(pairOf('b', { state: 'accepted' }));
    store.addPair(pairOf('c', { state: 'accepted', saved: true }));
    expect(part('status').textContent).toBe(
      '1 pair to decide on · 1 pair not saved yet · 1 pair in the PACS',
    );
  });

  test('the panel always says what it is not', () => {
    expect(part('disclaimer').textContent).toBe('Research software, not a medical device.');
  });
});

test('side by side is offered when it would change something', () => {
  expect(part('compare').hidden).toBe(true);
  canCompare = true;
  view.update();
  expect(part('compare').hidden).toBe(false);
  part('compare').click();
  expect(calls).toEqual(['compare']);
});

test('a destroyed panel keeps no element and receives no change', () => {
  view.destroy();
  store.addPair(pairOf('a'));
  expect(container.children).toHaveLength(0);
});
