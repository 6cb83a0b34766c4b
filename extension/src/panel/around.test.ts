/**
 * What stands around the list: time points, carry-over, messages, first steps and the footer.
 * @jest-environment jsdom
 */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Readiness } from '../lesions/types.ts';
import type { Notice, Search } from '../lesions/activity.ts';
import { pointIn, refOf } from '../testing/examples.ts';
import { EMPTY_STATE, lesionOf, observationOf, stateOf, timePointOf } from '../testing/lesions.ts';
import { mountedPanel } from '../testing/mountedPanel.ts';
import type { MountedPanel } from '../testing/mountedPanel.ts';
import { exampleReview } from '../testing/exampleReview.ts';
import type { PanelState } from './model.ts';

beforeEach(() => {
  localStorage.clear();
  localStorage.setItem('samepoint.onboarding', 'seen');
});

const panelOf = (changes: Partial<PanelState>): MountedPanel => mountedPanel({ ...EMPTY_STATE, ...changes });

describe('time points', () => {
  const names = (panel: MountedPanel): readonly (string | null | undefined)[] =>
    panel
      .all('time-point-show')
      .map((button) => button.querySelector('[data-samepoint="spoken"]')?.textContent);

  test('stand from the oldest to the newest, with what is known of them', () => {
    expect(names(mountedPanel(exampleReview()))).toEqual([
      '08-Sep-2025, CT, 7 findings, covers 100 %, being analysed',
      '02-Mar-2026, CT, on the screen, 9 findings, covers 96 %, ready',
      '14-Sep-2026, CT, current, on the screen, 6 findings, ready',
    ]);
  });

  test('a rejected place is no finding', () => {
    const lesion = lesionOf('a', [observationOf('current', { review: 'rejected' }), observationOf('prior')]);
    expect(names(mountedPanel(stateOf([lesion]))).map((name) => /\d finding/u.exec(name ?? '')?.[0])).toEqual(
      ['1 finding', '0 finding'],
    );
  });

  test.each<readonly [readiness: Readiness, text: string]>([
    [{ state: 'idle' }, 'not analysed yet'],
    [{ state: 'working', text: 'Reading the images', fraction: 0.2 }, 'Reading the images'],
    [{ state: 'failed', message: 'no pixel data' }, 'analysis failed: no pixel data'],
  ])('%j is said', (readiness, text) => {
    const panel = panelOf({ timePoints: [timePointOf('prior', '', { readiness })] });
    expect(names(panel)[0]).toBe(`no date, CT, on the screen, 0 findings, covers 100 %, ${text}`);
  });

  test('a click shows one', () => {
    const panel = mountedPanel(exampleReview());
    panel.all('time-point-show')[0]?.click();
    expect(panel.calls()).toEqual(['show 1.2.baseline']);
  });

  test('the menu chooses the series that is compared, and says why one is not', () => {
    const panel = mountedPanel(exampleReview());
    panel.all('series-menu')[1]?.click();
    panel.set(exampleReview());
    expect(panel.all('series-option').map(({ textContent }) => textContent)).toEqual([
      'CT · 1 mm · 412 images · B30fcovers 96 %',
      'CT · 1 mm · 412 images · B70fcovers 96 % · sharp kernel',
      'CT · 5 mm · 82 images · B30fcovers 71 % · thick slices · covers less',
      'CT · 2 imagescovers 0 % · a localizer has no volume',
    ]);
    const options = [...panel.container.querySelectorAll<HTMLInputElement>('input[type="radio"]')];
    expect(options.map(({ checked, disabled }) => [checked, disabled])).toEqual([
      [true, false],
      [false, false],
      [false, false],
      [false, true],
    ]);
    options[2]?.click();
    expect(panel.calls()).toEqual(['choose 1.2.prior 1.2.prior.thick']);
  });

  test('Escape closes the menu, and puts the keyboard back', () => {
    const panel = mountedPanel(exampleReview());
    const menu = panel.all('series-menu')[1]!;
    menu.click();
    panel.set(exampleReview());
    expect(menu.getAttribute('aria-expanded')).toBe('true');
    panel.press(panel.part('series-choices'), 'Escape');
    expect(panel.all('series-choices')).toEqual([]);
    expect(document.activeElement).toBe(menu);
  });

  test('the prior can be put beside the current study', () => {
    const panel = mountedPanel(exampleReview({ canCompare: true }));
    panel.click('compare');
    expect(panel.calls()).toEqual(['compare']);
    expect(mountedPanel(exampleReview()).all('compare')).toEqual([]);
  });
});

describe('carry-over', () => {
  const carryOver = { fromStudyInstanceUid: '1', fromDate: '2026-03-02', count: 9, progress: undefined };

  test('names the prior and its findings, and looks for all of them', () => {
    const panel = panelOf({ carryOver, keys: { findAll: 'F' } });
    expect(panel.part('carry-over').textContent).toBe('Prior of 02-Mar-2026: 9 findings.Find allF');
    panel.click('findAll');
    expect(panel.calls()).toEqual(['run findAll']);
  });

  test('says how far it is', () => {
    const panel = panelOf({ carryOver: { ...carryOver, progress: { text: '4 of 9', fraction: 4 / 9 } } });
    expect(panel.all('findAll')).toEqual([]);
    expect(panel.part('carry-over-progress').textContent).toBe('4 of 9 …');
    expect((panel.part('progress') as HTMLProgressElement).value).toBeCloseTo(4 / 9);
  });
});

describe('messages', () => {
  const notice: Notice = {
    id: 'n',
    subject: 'Point 1',
    code: 'matching/in-air',
    message: 'in air',
    remedy: 'Click on tissue.',
  };

  test('a notice says what happened and what to do, aloud, and can be dismissed', () => {
    const panel = panelOf({ notices: [notice] });
    expect(panel.part('notices').getAttribute('role')).toBe('alert');
    expect(panel.part('notice').dataset['code']).toBe('matching/in-air');
    expect(panel.part('notice-message').textContent).toBe('Point 1: in air');
    expect(panel.part('notice-remedy').textContent).toBe('Click on tissue.');
    expect(panel.part('notice-message').title).toBe('matching/in-air');
    expect(panel.all('mend')).toEqual([]);
    panel.click('dismiss');
    expect(panel.calls()).toEqual(['dismissNotice n']);
  });

  test('a notice has the button that mends what it complains of, and the detail for the administrator', () => {
    const mend = { label: 'Try again', run: () => undefined };
    const panel = panelOf({ notices: [{ ...notice, mend, detail: 'HTTP 502' }] });
    expect(panel.part('mend').getAttribute('aria-label')).toBe('Try again: Point 1');
    expect(panel.part('notice-message').title).toBe('matching/in-air: HTTP 502');
    panel.click('mend');
    expect(panel.calls()).toEqual(['mendNotice n']);
  });

  test('a warning of a series has the words of the server as text', () => {
    const warnings = {
      id: '9',
      studyInstanceUid: '1',
      title: 'CT of 2023-02-11',
      messages: ['metal', '<b>thin</b>'],
    };
    const panel = panelOf({ seriesWarnings: [warnings] });
    expect(panel.part('series-warning-text').textContent).toBe('CT of 2023-02-11 metal · <b>thin</b>');
    panel.click('dismiss');
    expect(panel.calls()).toEqual(['dismissSeriesWarnings 9']);
  });

  const search: Search = {
    id: 's',
    label: 'Point 1',
    query: refOf('current'),
    frameOfReferenceUid: '3',
    lps: [0, 0, 0],
    progress: { text: 'Sending the request', fraction: undefined },
  };

  test('a search says what the server does, how far it is, and can be cancelled', () => {
    const panel = panelOf({ searches: [search] });
    expect(panel.part('search-text').textContent).toBe('Point 1: Sending the request …');
    expect(panel.part('progress').hasAttribute('value')).toBe(false);
    panel.set({ ...EMPTY_STATE, searches: [{ ...search, progress: { text: 'Analysing', fraction: 0.25 } }] });
    expect((panel.part('progress') as HTMLProgressElement).value).toBe(0.25);
    expect(panel.all('preview')).toEqual([]);
    panel.click('cancel');
    expect(panel.calls()).toEqual(['cancelSearch s']);
  });

  test('a search says that a preview is shown, and how rough it is', () => {
    const previews = [{ point: pointIn('prior', [0, 0, 0]), errorRadiusMm: 12.2, shownAt: 0 }];
    const panel = panelOf({ searches: [{ ...search, previews }] });
    expect(panel.part('preview').textContent).toBe('Preview shown, ± 12 mm. The exact place follows.');
  });
});

describe('the review', () => {
  test('says how far it is, and goes on and back', () => {
    const panel = mountedPanel(exampleReview());
    const progress = panel.part('review-progress');
    expect(progress.querySelector('[role="status"]')?.textContent).toBe('3 of 9');
    panel.click('next');
    panel.click('previous');
    expect(panel.calls()).toEqual(['run next', 'run previous']);
    expect(panel.part('next').title).toBe('Next lesion (N)');
  });

  test('without lesions the panel says how to begin', () => {
    expect(panelOf({}).part('hint').textContent).toContain('Find matching point');
  });
});

describe('the footer', () => {
  const isDisabled = (panel: MountedPanel, name: string): boolean =>
    (panel.part(name) as HTMLButtonElement).disabled;

  test('saves and undoes what there is', () => {
    const panel = panelOf({ unsaved: 2, canUndo: true });
    expect(panel.part('save').textContent).toBe('Save to PACS (2)');
    panel.click('save');
    panel.click('undo');
    expect(panel.calls()).toEqual(['run save', 'run undo']);
  });

  test('offers neither without anything to do, nor while a report is being saved', () => {
    for (const panel of [panelOf({}), panelOf({ unsaved: 2, canUndo: true, isSaving: true })]) {
      expect(isDisabled(panel, 'save')).toBe(true);
      expect(isDisabled(panel, 'undo')).toBe(true);
    }
  });

  test('says that a report is being saved', () => {
    const panel = panelOf({ isSaving: true });
    expect(panel.part('footer').querySelector('[role="status"]')?.textContent).toBe('Saving to the PACS …');
    expect(panel.part('save').textContent).toBe('Saving to the PACS …');
  });

  test('says what the software is', () => {
    expect(panelOf({}).part('disclaimer').textContent).toBe('Research software, not a medical device');
  });
});

describe('first steps', () => {
  beforeEach(() => {
    localStorage.clear();
  });

  test('lead through find, review and save, and do not come back', () => {
    const panel = panelOf({});
    const titles = ['Find', 'Review', 'Save'];
    for (const title of titles) {
      expect(panel.part('onboarding').querySelector('h2')?.textContent).toBe(title);
      if (title === 'Review') expect(panel.all('onboarding-back')).toHaveLength(1);
      panel.click('onboarding-next');
      panel.set(EMPTY_STATE);
    }
    expect(panel.all('onboarding')).toEqual([]);
    expect(panelOf({}).all('onboarding')).toEqual([]);
  });

  test('can be skipped, and opened again', () => {
    const panel = panelOf({});
    panel.click('onboarding-skip');
    panel.set(EMPTY_STATE);
    expect(panel.all('onboarding')).toEqual([]);
    panel.click('help');
    panel.set(EMPTY_STATE);
    expect(panel.part('onboarding').textContent).toContain('Step 1 of 3');
  });

  test('do not stop a browser that keeps nothing', () => {
    const original = Object.getOwnPropertyDescriptor(window, 'localStorage')!;
    Object.defineProperty(window, 'localStorage', {
      configurable: true,
      get: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
    const panel = panelOf({});
    expect(panel.all('onboarding')).toEqual([]);
    panel.click('help');
    panel.set(EMPTY_STATE);
    panel.click('onboarding-skip');
    panel.set(EMPTY_STATE);
    expect(panel.all('onboarding')).toEqual([]);
    Object.defineProperty(window, 'localStorage', original);
  });
});
