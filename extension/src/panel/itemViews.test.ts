/**
 * What a pair and a search say about how far their place can be trusted.
 * @jest-environment jsdom
 */
import { describe, expect, test } from '@jest/globals';
import type { Certainty } from '../pairs/types.ts';
import type { Pair } from '../pairs/types.ts';
import { certaintyOf } from '../pairs/certainty.ts';
import { matchBetween, pairOf } from '../testing/examples.ts';
import type { PanelActions } from './actions.ts';
import { PairView } from './pairView.ts';
import { SearchView } from './searchView.ts';

const calls: string[] = [];
const actions = new Proxy({} as PanelActions, {
  get: (_target, name) => (id: string) => void calls.push(`${String(name)} ${id}`),
});

function shown(changes: Partial<Pair>): { readonly view: PairView; part: (name: string) => HTMLElement } {
  const pair = pairOf('a', changes);
  const view = new PairView(pair, actions, () => ({
    locked: false,
    moving: false,
    foundIn: '',
    timePoints: '',
  }));
  view.update(pair);
  return { view, part: (name) => view.root.querySelector<HTMLElement>(`[data-samepoint="${name}"]`)! };
}

describe('a pair', () => {
  const uncertain: Certainty = {
    ...certaintyOf(matchBetween('current', 'prior')),
    verdict: 'uncertain',
    errorRadiusMm: 13.6,
    step: 'local',
  };

  test('has the verdict and the error radius above the numbers they were made of', () => {
    const { view, part } = shown({ certainty: uncertain });
    expect(part('certainty').textContent).toBe('± 14 mm, uncertain — check');
    expect(part('certainty').title).toContain('90 %');
    expect(part('score').textContent).toBe('similarity 0.87 · cycle error 1.3 mm · step local');
    expect(view.root.dataset.uncertain).toBe('true');
    view.update(pairOf('a', { certainty: uncertain, state: 'moved' }));
    expect(part('certainty').hidden).toBe(true);
    expect(view.root.dataset.uncertain).toBe('false');
  });

  test('whose place is outside of the scan is not offered to be accepted, but can be set by hand', () => {
    const certainty: Certainty = { ...uncertain, verdict: 'out-of-view', outOfView: ['superior'] };
    const { view, part } = shown({ certainty });
    expect(part('certainty').textContent).toBe('not in this scan: lies above the field of view');
    expect(part('accept').hidden).toBe(true);
    expect(part('reject').hidden).toBe(false);
    expect(part('move').textContent).toBe('Place by hand');
    expect(part('move').getAttribute('aria-label')).toBe('Place by hand Lesion a');
    part('move').click();
    expect(calls).toEqual(['startMove a']);
    view.update(pairOf('a', { certainty, state: 'moved' }));
    expect(part('accept').hidden).toBe(false);
    expect(part('state').textContent).toBe('moved by you');
  });

  test('says what became of the lesion, until the reader sets another place', () => {
    const sizes = { isUnchanged: false, currentMm: 12.2, priorMm: 6.1 };
    const { view, part } = shown({ certainty: uncertain, sizes });
    expect(part('lesion-size').textContent).toBe('larger: about 12 mm, was 6 mm');
    expect(part('lesion-size').hidden).toBe(false);
    view.update(pairOf('a', { sizes, state: 'moved' }));
    expect(part('lesion-size').hidden).toBe(true);
  });

  test('of an earlier report has no verdict', () => {
    expect(shown({}).part('certainty').hidden).toBe(true);
  });
});

test('a search says that a preview is shown, and how rough it is', () => {
  const search = {
    id: 's',
    label: 'Point 1',
    query: { studyInstanceUid: '1', seriesInstanceUid: '2' },
    frameOfReferenceUid: '3',
    lps: [0, 0, 0],
    progress: { text: 'Analysing the images', fraction: 0.4 },
  } as const;
  const view = new SearchView(search, actions);
  view.update(search);
  const preview = view.root.querySelector<HTMLElement>('[data-samepoint="preview"]')!;
  expect(preview.hidden).toBe(true);
  view.update({ ...search, previews: [{ point: pairOf('a').prior, errorRadiusMm: 12.2, shownAt: 0 }] });
  expect(preview.hidden).toBe(false);
  expect(preview.textContent).toBe('Preview shown, ± 12 mm. The exact place follows.');
});
