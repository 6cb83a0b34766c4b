/**
 * A follow-up in stock OHIF in which something fails at each step: the companion server is killed, the PACS fails, the login expires. The
 * panel says what is wrong and has the button that mends it; no decision is lost, and each report is saved once. The whole table of steps
 * and faults is in extension/src/session.faults.test.ts.
 */
import type { Locator, Page } from 'playwright-core';
import type { FindingsAnswer } from '../../server/src/index.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import type { Fault } from '../support/faultProxy.ts';
import { ReadingSite } from '../support/readingSite.ts';
import { describeWith } from '../support/requirements.ts';
import { ViewerPage } from '../support/viewerPage.ts';

const FIRST_LOGIN = 'Bearer first';
const SECOND_LOGIN = 'Bearer second';
const UNAVAILABLE: Fault = { kind: 'answer', status: 503, type: 'text/plain', body: '' };
/** Analysis of two scans on two busy cores. */
const LONG_MS = 60_000;
const KEY_MS = 600;
const DECIDED = /accepted|corrected/u;

describeWith(['chromium'], 'a follow-up with faults', () => {
  let site: ReadingSite;
  let browser: Browser;
  let viewer: ViewerPage;
  let page: Page;
  let current: string;
  let prior: string;
  let series: string;

  const part = (name: string): Locator => page.locator(`[data-samepoint="${name}"]`);
  const press = async (key: string): Promise<void> => {
    await page.keyboard.press(key);
    await page.waitForTimeout(KEY_MS);
  };
  /** Each lesion as a screen reader has it: number, name, state, size. */
  const rows = async (which = /^/u): Promise<readonly string[]> => {
    const texts = await viewer.lesions.locator('[data-samepoint="spoken"]').allInnerTexts();
    return texts.map((text) => text.trim()).filter((text) => which.test(text));
  };
  /** Waits until the list is as it was. */
  const untilRows = async (expected: readonly string[], which = /^/u): Promise<void> => {
    for (let turn = 0; turn < 100 && (await rows(which)).join() !== expected.join(); turn += 1)
      await page.waitForTimeout(KEY_MS);
    expect(await rows(which)).toEqual(expected);
  };
  const decided = (): Promise<string> => part('review-progress').locator('[role="status"]').innerText();
  const notice = (words: RegExp): Locator => viewer.notices.filter({ hasText: words });
  /** The reader reads what is wrong and presses the button of the message. */
  const tryAgain = async (words: RegExp): Promise<void> => {
    await notice(words)
      .first()
      .locator('[data-samepoint="mend"]', { hasText: 'Try again' })
      .click({ timeout: LONG_MS });
  };
  const saved = async (): Promise<void> => {
    await page
      .locator('[data-samepoint="save"]:disabled')
      .filter({ hasNotText: 'Saving' })
      .waitFor({ timeout: LONG_MS });
    await page.waitForTimeout(KEY_MS);
    expect(await viewer.notices.filter({ hasNotText: 'restored' }).allInnerTexts()).toEqual([]);
  };

  const openBrowser = async (login: string): Promise<void> => {
    browser = await startBrowser();
    ({ page } = await browser.newPage());
    page.on('dialog', (dialog) => void dialog.accept());
    await page.setExtraHTTPHeaders({ authorization: login });
    await page.setViewportSize({ width: 1920, height: 1080 });
    viewer = new ViewerPage(page, site.server.url);
  };
  /** Opens the current study beside the prior, until the panel shows something. */
  const openPanel = async (): Promise<void> => {
    await page.locator('[data-cy$="samepoint-btn"]').first().click({ timeout: LONG_MS });
    await part('time-points').waitFor({ timeout: LONG_MS });
  };
  const openStudies = async (): Promise<void> => {
    await viewer.open([current, prior], { compare: true });
    await openPanel();
  };
  const reload = async (): Promise<void> => {
    await page.reload();
    await openPanel();
    await part('review-progress').waitFor({ timeout: LONG_MS });
  };
  /** What the PACS says of the current study, by the server. */
  const reported = async (): Promise<FindingsAnswer> => {
    const answer = await fetch(`${site.server.url}/samepoint/api/findings?studyInstanceUid=${current}`, {
      headers: { authorization: SECOND_LOGIN },
    });
    return (await answer.json()) as FindingsAnswer;
  };

  beforeAll(async () => {
    site = await ReadingSite.open();
    const [first, second] = site.demo.truth.studies;
    [current, prior, series] = [first!.studyInstanceUid, second!.studyInstanceUid, first!.seriesInstanceUid];
    site.setLogin(FIRST_LOGIN);
    await openBrowser(FIRST_LOGIN);
  });

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  test('opening the priors: the PACS answers 503', async () => {
    site.network.strike({ path: /\/studies\?PatientID=/u }, UNAVAILABLE);
    await openStudies();
    await notice(/^Earlier scans: The PACS does not answer/u).waitFor({ timeout: LONG_MS });
    await screenshot(page, 'faults-opening');
    site.network.heal();
    await tryAgain(/^Earlier scans/u);
    await part('time-point').nth(2).waitFor({ timeout: LONG_MS });
    await part('findAll').waitFor({ timeout: LONG_MS });
    await viewer.seriesReady();
    expect(await viewer.notices.allInnerTexts()).toEqual([]);
  });

  test('finding: the server is killed before it has answered', async () => {
    site.network.strike({ path: /^/u }, { kind: 'stall' });
    await page.mouse.move(600, 800);
    await press('f');
    await site.killServer();
    await notice(/The Samepoint server does not answer/u)
      .first()
      .waitFor({ timeout: LONG_MS });
    await screenshot(page, 'faults-finding');
    site.network.heal();
    await site.startServer();
    await tryAgain(/^Findings of the/u);
    await part('review-progress').waitFor({ timeout: LONG_MS });
    expect(await decided()).toBe('0 of 8');
    await page.locator('[data-samepoint="lesion-row"][aria-expanded="true"]').waitFor();
  });

  test('saving some decisions: the login has expired', async () => {
    for (let n = 0; n < 3; n += 1) await press('Shift+Y');
    expect(await decided()).toBe('3 of 8');
    const before = await rows();
    site.setLogin(SECOND_LOGIN);
    await press('Shift+P');
    await notice(/The PACS did not accept your login/u).waitFor({ timeout: LONG_MS });
    expect(await rows()).toEqual(before);
    await screenshot(page, 'faults-saving');
    await page.setExtraHTTPHeaders({ authorization: SECOND_LOGIN });
    await tryAgain(/did not accept your login/u);
    await saved();
    expect(await site.reportsOf(current)).toBe(1);
    expect((await reported()).findings).toHaveLength(3);
  });

  test('correcting: the server is killed, and the page is reloaded when it is back', async () => {
    await site.killServer();
    const opened = part('lesion-row').and(page.locator('[aria-expanded="true"]'));
    const label = await part('label').inputValue();
    expect(await opened.count()).toBe(1);
    await press('m');
    const [x, y, z] = await viewer.shownCentre(series);
    const [place] = await viewer.onPage(series, [[x + 20, y + 5, z]]);
    await page.mouse.click(place!.x, place!.y);
    await page.waitForTimeout(KEY_MS);
    expect(await decided()).toBe('4 of 8');
    const before = await rows();
    await site.startServer();
    await reload();
    await notice(/restored/u).waitFor({ timeout: LONG_MS });
    await untilRows(before);
    expect(await viewer.lesion(label).locator('[data-samepoint="spoken"]').innerText()).toContain(
      'corrected',
    );
  });

  test('measuring: the connections to the PACS break, and the page is reloaded afterwards', async () => {
    await viewer.seriesReady();
    await viewer.lesions.first().click();
    await page.waitForTimeout(KEY_MS);
    site.network.strike({ path: /^/u }, { kind: 'cut', afterBytes: 100 });
    await page.locator('[data-cy="MeasurementTools-split-button-secondary"]').click();
    await page.locator('[data-cy="Bidirectional"]').click();
    const [x, y, z] = await viewer.shownCentre(series);
    const [from, to] = await viewer.onPage(series, [
      [x - 15, y, z],
      [x + 15, y, z],
    ]);
    await viewer.drag(from!, to!);
    await page.waitForTimeout(KEY_MS);
    await screenshot(page, 'faults-measuring');
    const before = await rows();
    expect(before.filter((row) => row.includes('30 mm'))).toHaveLength(1);
    site.network.heal();
    await reload();
    await untilRows(before);
  });

  test('saving: the PACS stores the report, and its answer is lost', async () => {
    site.network.strike({ method: 'POST', path: /\/studies/u, times: 1 }, { kind: 'misreport' });
    await press('Shift+P');
    await page
      .locator('[data-samepoint="save"]:disabled')
      .filter({ hasNotText: 'Saving' })
      .or(part('mend'))
      .first()
      .waitFor({ timeout: LONG_MS });
    await page.waitForTimeout(KEY_MS);
    if ((await part('mend').count()) > 0) await tryAgain(/^Saving/u);
    await saved();
    expect(await site.reportsOf(current)).toBe(2);
    const { findings, reports } = await reported();
    expect([findings.length, reports.length]).toEqual([4, 1]);
  });

  test('saving: the server is killed when the PACS has the report', async () => {
    // A study that was begun before opens at a lesion: the key is about the one that is shown.
    await part('lesion-row').and(page.locator('[aria-expanded="true"]')).waitFor({ timeout: LONG_MS });
    await press('Shift+Y');
    expect(await decided()).toBe('5 of 8');
    const stored = new Promise<void>((done) => {
      site.network.strike({ method: 'POST', path: /\/studies/u, times: 1 }, { kind: 'withhold', done });
    });
    await press('Shift+P');
    await stored;
    await site.killServer();
    await site.startServer();
    await tryAgain(/The Samepoint server does not answer/u);
    await saved();
    expect(await site.reportsOf(current)).toBe(3);
    const { findings, reports } = await reported();
    expect([findings.length, reports.length]).toEqual([5, 1]);
  });

  test('reopening in a fresh browser: the PACS does not list the reports', async () => {
    const before = await rows(DECIDED);
    expect(before).toHaveLength(5);
    await browser.close();
    site.network.strike({ path: /\/series\?includefield=00080060$/u }, UNAVAILABLE);
    await openBrowser(SECOND_LOGIN);
    await openStudies();
    await notice(/^Earlier reports: The PACS does not answer/u).waitFor({ timeout: LONG_MS });
    site.network.heal();
    await tryAgain(/^Earlier reports/u);
    await part('review-progress').waitFor({ timeout: LONG_MS });
    await untilRows(before, DECIDED);
    // What was on its way when the PACS came back fails a moment later.
    for (let turn = 0; turn < 5 && (await part('mend').count()) > 0; turn += 1) {
      await part('mend').first().click();
      await page.waitForTimeout(KEY_MS);
    }
    expect(await viewer.notices.allInnerTexts()).toEqual([]);
  });
});
