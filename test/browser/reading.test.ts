/**
 * A follow-up in stock OHIF, as a reader has it: only the current study is opened, the findings of the prior are found in it, decided on
 * by keys, saved, and what is not decided on is there again after a reload.
 */
import type { Locator, Page } from 'playwright-core';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';
import type { Demo, DemoTruth } from '../support/demo.ts';
import { describeInViewers } from '../support/requirements.ts';
import { ViewerPage } from '../support/viewerPage.ts';

type Study = DemoTruth['studies'][number];

/** Embeddings of two scans on two busy cores, and the matches. */
const FOUND_TIMEOUT_MS = 240_000;
const SCREEN_TIMEOUT_MS = 60_000;
const FINDINGS = 8;

describeInViewers(['chromium'], 'reading a follow-up', (version) => {
  let demo: Demo | undefined;
  let browser: Browser | undefined;
  let viewer: ViewerPage;
  let page: Page;
  let errors: readonly string[];
  let current: Study;
  let prior: Study;

  const part = (name: string): Locator => page.locator(`[data-samepoint="${name}"]`);
  const openPanel = async (): Promise<void> => {
    await page.locator('[data-cy$="samepoint-btn"]').first().click();
    await part('time-points').waitFor({ timeout: SCREEN_TIMEOUT_MS });
  };
  /** "2 of 8 · Nodule, left lower lobe · ± 2 mm", from the overlay of the current study. */
  const overlay = (): Promise<string> =>
    page.evaluate(
      () =>
        [...document.querySelectorAll('div')]
          .map(({ textContent }) => textContent)
          .find((text) => /^\d+ of \d+ · /u.test(text)) ?? '',
    );
  const untilOverlay = async (start: string): Promise<void> => {
    for (let turn = 0; turn < 100 && !(await overlay()).startsWith(start); turn += 1)
      await page.waitForTimeout(100);
    expect(await overlay()).toMatch(new RegExp(`^${start}`, 'u'));
  };
  const decided = (): Promise<string> => part('review-progress').locator('[role="status"]').innerText();

  beforeAll(async () => {
    demo = await startDemo('reading', { viewer: version });
    const [first, second] = demo.truth.studies;
    [current, prior] = [first!, second!];
    browser = await startBrowser();
    const opened = await browser.newPage();
    ({ page, errors } = opened);
    await page.setViewportSize({ width: 1920, height: 1080 });
    viewer = new ViewerPage(page, demo.url);
    await viewer.open([current.studyInstanceUid], { compare: false });
    await openPanel();
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  test('the findings of the prior are offered, though only the current study is open', async () => {
    await part('findAll').waitFor({ timeout: SCREEN_TIMEOUT_MS });
    expect(await part('time-point').count()).toBe(3);
    expect(await part('lesion').count()).toBe(FINDINGS);
    expect(await viewer.notices.allInnerTexts()).toEqual([]);
  });

  test('the prior is loaded and shown beside the current study, without an empty pane', async () => {
    await part('compare').click();
    await page.waitForFunction(() => (window.samepointTest?.viewports() ?? []).length === 2, undefined, {
      timeout: SCREEN_TIMEOUT_MS,
    });
    expect(await viewer.series()).toEqual([current.seriesInstanceUid, prior.seriesInstanceUid]);
  });

  test('one key finds them all, and goes to the first', async () => {
    await page.mouse.move(600, 500);
    await page.keyboard.press('f');
    await part('review-progress').waitFor({ timeout: FOUND_TIMEOUT_MS });
    expect(await decided()).toBe(`0 of ${FINDINGS}`);
    await untilOverlay(`1 of ${FINDINGS} · `);
  });

  test('keys decide and go on; both panes follow', async () => {
    const shown = async (): Promise<readonly number[]> => [
      (await viewer.shownCentre(current.seriesInstanceUid))[2],
      (await viewer.shownCentre(prior.seriesInstanceUid))[2],
    ];
    await page.keyboard.press('j');
    await untilOverlay('2 of');
    await page.waitForTimeout(700);
    const before = await shown();
    await page.keyboard.press('Shift+Y');
    await untilOverlay('3 of');
    await page.waitForTimeout(700);
    const after = await shown();
    expect(after.map((z, pane) => z === before[pane])).toEqual([false, false]);
    expect(await decided()).toBe(`1 of ${FINDINGS}`);
    await screenshot(page, `reading-${version}-review`);
    await page.keyboard.press('g');
    await untilOverlay('4 of');
    await page.keyboard.press('u');
    await untilOverlay('3 of');
    expect(await decided()).toBe(`1 of ${FINDINGS}`);
  });

  test('what is typed is no key of the review', async () => {
    await part('label').first().click();
    await page.keyboard.type('gyx');
    expect(await decided()).toBe(`1 of ${FINDINGS}`);
    await page.keyboard.press('Escape');
    await page.mouse.move(600, 500);
  });

  test('the report is stored, and shown in the list of studies', async () => {
    await viewer.save();
    await page.getByText('Samepoint lesions').first().waitFor({ timeout: SCREEN_TIMEOUT_MS });
    expect(await viewer.notices.allInnerTexts()).toEqual([]);
  });

  test('after a reload the report is read, and what was not decided on is there again', async () => {
    // The page warns of what is not decided on.
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await openPanel();
    await viewer.notices.filter({ hasText: 'restored' }).waitFor({ timeout: SCREEN_TIMEOUT_MS });
    await part('lesion')
      .nth(FINDINGS - 1)
      .waitFor({ timeout: SCREEN_TIMEOUT_MS });
    expect(await decided()).toBe(`1 of ${FINDINGS}`);
    expect(await viewer.saveButton.isDisabled()).toBe(true);
    await screenshot(page, `reading-${version}-restored`);
  });

  test('the page raised no uncaught error', () => {
    expect(errors).toEqual([]);
  });
});
