/**
 * The details of the selected lesion.
 * @jest-environment jsdom
 */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Observation } from '../lesions/types.ts';
import {
  carriedOverFrom,
  lesionOf,
  observationOf,
  stateOf,
  timePointOf,
  trackingUidOf,
  verdictOf,
} from '../testing/lesions.ts';
import { mountedPanel } from '../testing/mountedPanel.ts';
import type { MountedPanel } from '../testing/mountedPanel.ts';
import type { PanelState } from './model.ts';

const A = trackingUidOf('a');

beforeEach(() => {
  localStorage.clear();
  localStorage.setItem('samepoint.onboarding', 'seen');
});

/** One lesion, found in the current study, open. */
function opened(observation: Partial<Observation> = {}, changes: Partial<PanelState> = {}): MountedPanel {
  const lesion = lesionOf('a', [
    observationOf('prior', { longAxis: { mm: 20 } }),
    observationOf('current', { review: 'proposed', carriedOver: carriedOverFrom('prior'), ...observation }),
  ]);
  return mountedPanel(
    stateOf([lesion], { review: { order: [A], selected: A, decided: 0, total: 1 }, ...changes }),
  );
}

const texts = (parts: readonly HTMLElement[]): readonly string[] =>
  parts.map(({ textContent }) => textContent);

describe('an open lesion', () => {
  test.each<readonly [standing: string, observation: Partial<Observation>, commands: readonly string[]]>([
    ['proposed', {}, ['accept', 'correct', 'reject', 'resolved', 'notEvaluable']],
    [
      'uncertain',
      { carriedOver: verdictOf('uncertain', 8) },
      ['confirm', 'correct', 'reject', 'resolved', 'notEvaluable'],
    ],
    [
      'absent',
      { carriedOver: verdictOf('absent', 13), status: 'resolved' },
      ['confirm', 'correct', 'reject', 'notEvaluable'],
    ],
    ['proposed-resolved', { status: 'resolved' }, ['accept', 'correct', 'reject', 'notEvaluable']],
    [
      'out-of-view',
      { carriedOver: verdictOf('out-of-view', 30), status: 'not-covered' },
      ['accept', 'correct', 'reject', 'notEvaluable'],
    ],
    ['accepted', { review: 'accepted' }, ['correct', 'reject', 'resolved', 'notEvaluable']],
    ['resolved', { review: 'corrected', status: 'resolved' }, ['correct', 'reject', 'notEvaluable']],
    ['rejected', { review: 'rejected' }, ['confirm', 'correct']],
  ])('that is %s offers what can be decided', (standing, observation, commands) => {
    const panel = opened(observation);
    expect(panel.part('lesion').dataset['standing']).toBe(standing);
    const buttons = [...panel.part('decisions').querySelectorAll('button')];
    expect(buttons.map((button) => button.dataset['samepoint'])).toEqual(commands);
    for (const command of commands) panel.click(command);
    expect(panel.calls()).toEqual(commands.map((command) => `run ${command}`));
  });

  test('names the keys of the viewer', () => {
    const panel = opened({}, { keys: { accept: 'A' } });
    expect(panel.part('accept').textContent).toBe('AcceptA');
    expect(panel.part('accept').getAttribute('aria-keyshortcuts')).toBe('A');
    expect(panel.part('reject').textContent).toBe('Reject');
  });

  test('says how far the place can be trusted, and what became of the lesion', () => {
    const sizes = { isUnchanged: false, laterMm: 12.2, earlierMm: 6.1 };
    const panel = opened({ carriedOver: verdictOf('uncertain', 8.4, { sizes }) });
    expect(panel.part('state').textContent).toBe('uncertain, check');
    expect(panel.part('certainty').textContent).toBe('± 8 mm: look closely, then confirm.');
    expect(panel.part('certainty').title).toContain('90 %');
    expect(panel.part('lesion-size').textContent).toBe('larger: about 12 mm, was 6 mm');
  });

  test('says where the counterpart lies that is not in the scan', () => {
    const panel = opened({ carriedOver: verdictOf('out-of-view', 30, { outOfView: ['superior', 'left'] }) });
    expect(panel.part('certainty').textContent).toBe('It lies above and left of the field of view.');
    expect(panel.part('accept').textContent).toBe('Accept: not in this scan');
    expect(panel.all('radius')[0]?.textContent).toBe('');
  });

  test.each<readonly [observation: Partial<Observation>, button: string, text: string]>([
    [{ status: 'resolved' }, 'accept', 'Accept: resolved'],
    [{ status: 'resolved', carriedOver: verdictOf('absent', 13) }, 'confirm', 'Confirm: resolved'],
    [{ carriedOver: verdictOf('uncertain', 8) }, 'confirm', 'Confirm'],
  ])('says what is accepted: %j', (observation, button, text) => {
    expect(opened(observation).part(button).textContent).toBe(text);
  });

  test('that the reader marked says what was found from it at the time point before', () => {
    const from = observationOf('current').studyInstanceUid;
    const lesion = lesionOf('a', [
      observationOf('prior', {
        review: 'proposed',
        carriedOver: verdictOf('uncertain', 8, { fromStudyInstanceUid: from }),
      }),
      observationOf('current'),
    ]);
    const review = { order: [A], selected: A, decided: 1, total: 1 };
    const panel = mountedPanel(stateOf([lesion], { review }));
    expect(panel.part('lesion').dataset).toMatchObject({ standing: 'uncertain', uncertain: 'true' });
    expect(panel.part('state').textContent).toBe('02-Mar-2026: uncertain, check');
    expect(panel.part('radius').textContent).toBe('± 8');
    expect(texts(panel.all('place-size'))).toEqual(['', '± 8 mm']);
    // The buttons decide on what the words and the keys are about.
    expect(panel.all('decisions')[0]?.querySelector('button')?.dataset['samepoint']).toBe('confirm');
    const decided = {
      ...lesion,
      observations: lesion.observations.map((one) => ({ ...one, review: 'accepted' as const })),
    };
    panel.set(stateOf([decided], { review }));
    expect(panel.part('state').textContent).toBe('marked by you');
  });

  test('keeps what the verdict was made of behind “Why?”', () => {
    const why = opened().part('why');
    expect(why.hasAttribute('open')).toBe(false);
    expect(texts([...why.querySelectorAll<HTMLElement>('dd')])).toEqual([
      '0.87',
      '1.3 mm',
      'local',
      'nearest',
      'samepoint-ct 1.0.0',
      '02-Mar-2026',
    ]);
  });

  test('that is read from a report has the numbers that the report has', () => {
    const { fromStudyInstanceUid, provenance, outOfView } = carriedOverFrom('prior');
    const reported = { fromStudyInstanceUid, provenance, outOfView };
    const why = opened({ review: 'accepted', carriedOver: reported }).part('why');
    expect(texts([...why.querySelectorAll<HTMLElement>('dt')])).toEqual([
      'Step',
      'Method',
      'Model',
      'Looked for from',
    ]);
  });

  test('of which the reader has set the place has no error radius, and the numbers are those of the proposal', () => {
    const panel = opened({ review: 'corrected' });
    expect(panel.all('certainty')).toEqual([]);
    expect(panel.part('why').textContent).toContain('Of the place that was proposed:');
  });

  test('without an answer can be marked', () => {
    const lesion = lesionOf('a', [observationOf('prior')]);
    const panel = mountedPanel(
      stateOf([lesion], { review: { order: [A], selected: A, decided: 0, total: 1 } }),
    );
    expect(panel.all('decisions')).toEqual([]);
    panel.click('place-place');
    expect(panel.calls()).toEqual([`place ${A} 1.2.current`]);
  });

  test('goes to its places, and shows a series that is not on the screen', () => {
    const panel = opened(
      {},
      {
        timePoints: [
          timePointOf('prior', '2026-03-02', { isShown: false }),
          timePointOf('current', '2026-09-14', { isCurrent: true }),
        ],
      },
    );
    expect(panel.part('place-show').getAttribute('aria-label')).toBe('Show: Lesion a, 02-Mar-2026');
    panel.click('place-show');
    panel.click('place-goTo');
    expect(panel.calls()).toEqual(['show 1.2.prior', `goTo ${A} 1.2.current`]);
  });

  test('while its place waits for a click, that can be ended', () => {
    const panel = opened({}, { placing: A });
    expect(panel.part('placing').textContent).toContain('or press Escape');
    expect(panel.all('decisions')).toEqual([]);
    panel.click('stop-placing');
    expect(panel.calls()).toEqual(['stopPlacing']);
  });

  test('has a role, and can be removed from the list', () => {
    const panel = opened();
    panel.change(panel.part('role') as HTMLSelectElement, 'non-target');
    panel.click('remove');
    expect(panel.calls()).toEqual([`setRole ${A} non-target`, `remove ${A}`]);
  });
});

describe('the name of a lesion', () => {
  const label = (panel: MountedPanel): HTMLInputElement => panel.part('label') as HTMLInputElement;

  test('is changed without the blanks around it, and is never empty', () => {
    const panel = opened();
    panel.change(label(panel), '  Segment 8 ');
    expect(panel.calls()).toEqual([`rename ${A} Segment 8`]);
    panel.change(label(panel), '   ');
    expect(label(panel).value).toBe('Lesion a');
    expect(panel.calls()).toEqual([]);
  });

  test('that is being typed is not overwritten; Escape restores it', () => {
    const panel = opened();
    const named = (name: string): void => {
      const review = { order: [], selected: A, decided: 0, total: 0 };
      panel.set(stateOf([lesionOf('a', [], { label: name })], { review }));
    };
    named('Second');
    expect(label(panel).value).toBe('Second');
    label(panel).focus();
    label(panel).value = 'Segm';
    named('Third');
    expect(label(panel).value).toBe('Segm');
    panel.press(label(panel), 'Escape');
    expect(label(panel).value).toBe('Third');
  });

  test('does not reach the hotkeys of the viewer; the keys of the review do', () => {
    const panel = opened();
    const reached: string[] = [];
    const listen = ({ key }: KeyboardEvent): unknown => reached.push(key);
    document.addEventListener('keydown', listen);
    panel.press(label(panel), 'a');
    panel.press(panel.part('lesion-row'), 'ArrowDown');
    panel.press(panel.part('lesion-row'), 'Enter');
    panel.press(panel.part('lesion-row'), 'a');
    document.removeEventListener('keydown', listen);
    expect(reached).toEqual(['a']);
  });
});
