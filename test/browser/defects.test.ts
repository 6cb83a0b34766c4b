/**
 * What went wrong when readers used it in stock OHIF: a slab that is compared instead of the scan, findings that are not seen after
 * reopening, clicks that a measurement swallows, priors that have to be on the screen, pictures without marks, undo, buttons without keys.
 */
import { readFileSync } from 'node:fs';
import { createPhantom, writeSeries } from '../../server/src/phantom/index.ts';
import { distanceMm } from '../support/api.ts';
import type { Lps } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';
import type { Demo, DemoTruth } from '../support/demo.ts';
import { Dicomweb } from '../support/dicomweb.ts';
import { Picture } from '../support/picture.ts';
import { describeWith } from '../support/requirements.ts';
import { slab } from '../support/smallPatient.ts';
import { ViewerPage } from '../support/viewerPage.ts';

type Study = DemoTruth['studies'][number];

/** Voxels twice as large as the demo's: an eighth of the work. */
const COARSENESS = 2;
/** Slices of the slab: too few for the lesions, enough for a volume. */
const SLAB_SLICES = 12;
const SCREEN_TIMEOUT_MS = 30_000;
const FOUND_TIMEOUT_MS = 240_000;
const SETTLE_MS = 700;
/** Two slices of the coarse scan. */
const NEAR_MM = 12;

describeWith(['chromium'], 'the viewer of a reader', () => {
  let demo: Demo | undefined;
  let browser: Browser | undefined;
  let viewer: ViewerPage;
  let errors: readonly string[];
  let current: Study;
  let prior: Study;
  let slabUid: string;

  const part = (name: string) => viewer.page.locator(`[data-samepoint="${name}"]`);
  const decided = (): Promise<string> => part('review-progress').locator('[role="status"]').innerText();
  const placeOf = (label: string): Lps =>
    demo!.truth.lesions.find((lesion) => lesion.label.startsWith(label))!.currentLps;
  const badge = (): Promise<string> =>
    viewer.page.evaluate(() => {
      const tab = document.querySelector('[data-cy$="samepoint-btn"]')!;
      return getComputedStyle(tab, '::after').content.replaceAll('"', '');
    });
  const open = async (studies: readonly Study[], compare: boolean): Promise<void> => {
    const opened = await browser!.newPage();
    errors = opened.errors;
    viewer = new ViewerPage(opened.page, demo!.url);
    await viewer.page.setViewportSize({ width: 1366, height: 768 });
    await viewer.open(
      studies.map(({ studyInstanceUid }) => studyInstanceUid),
      { compare },
    );
  };
  /** OHIF offers to track what was drawn. */
  const trackNothing = (): Promise<void> =>
    viewer.page
      .locator('button:has-text("No")')
      .first()
      .click({ timeout: 5_000 })
      .catch(() => undefined);
  const activeTool = (): Promise<string | undefined> =>
    viewer.page.evaluate(() => window.services!.toolGroupService.getActivePrimaryMouseButtonTool('default'));

  beforeAll(async () => {
    demo = await startDemo('defects', { coarseness: COARSENESS });
    [current, prior] = demo.truth.studies.slice(0, 2) as [Study, Study];
    const phantom = createPhantom({ seed: 1, coarseness: COARSENESS });
    const [, { volume, ...tags }] = phantom.timePoints as unknown as [never, (typeof phantom.timePoints)[1]];
    const part10 = { ...slab(volume, 0, SLAB_SLICES), studyInstanceUid: prior.studyInstanceUid };
    slabUid = part10.seriesInstanceUid;
    const { patientId, patientName } = phantom;
    await new Dicomweb(`${demo.url}/dicom-web`).store(
      writeSeries(part10, { patientId, patientName, ...tags, seriesDescription: 'A slab' }),
    );
    browser = await startBrowser();
    await open([current, prior], true);
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  test('the whole scan is shown and compared, not the slab of its study', async () => {
    expect(await viewer.displaySets('CT')).toContain(slabUid);
    expect(await viewer.series()).toEqual([current.seriesInstanceUid, prior.seriesInstanceUid]);
  });

  test('while the panel is closed, its tab says how many findings there are', async () => {
    await viewer.page.waitForFunction(
      () => document.querySelector('[data-cy$="samepoint-btn"]') !== null,
      undefined,
      { timeout: SCREEN_TIMEOUT_MS },
    );
    for (let turn = 0; turn < 200 && (await badge()) !== '8'; turn += 1)
      await viewer.page.waitForTimeout(100);
    await screenshot(viewer.page, 'defects-badge');
    expect(await badge()).toBe('8');
  });

  test('Enter and Space press the button and the tab', async () => {
    const { page } = viewer;
    expect(await activeTool()).not.toBe('SamepointFindMatch');
    await page.locator('[data-cy="SamepointFindMatch"] button').first().focus();
    await page.keyboard.press('Enter');
    expect(await activeTool()).toBe('SamepointFindMatch');
    const isOnTab = (): Promise<boolean> =>
      page.evaluate(() => document.activeElement?.matches('[data-cy$="samepoint-btn"]') ?? false);
    for (let stop = 0; stop < 60 && !(await isOnTab()); stop += 1) await page.keyboard.press('Tab');
    expect(await isOnTab()).toBe(true);
    await page.keyboard.press(' ');
    await part('footer').waitFor({ timeout: SCREEN_TIMEOUT_MS });
  });

  test('each answer names the series that it is about', async () => {
    if ((await part('footer').count()) === 0) await viewer.openPanel();
    await viewer.page.mouse.move(500, 400);
    await viewer.page.keyboard.press('f');
    await part('review-progress').waitFor({ timeout: FOUND_TIMEOUT_MS });
    await part('place-series').first().waitFor({ timeout: SCREEN_TIMEOUT_MS });
    await screenshot(viewer.page, 'defects-series');
    const named = await part('place-series').allInnerTexts();
    expect(named).toHaveLength(3);
    for (const text of named) expect(text).toMatch(/^CT · [\d.]+ mm · \d+ images/u);
    expect(named.join(' ')).not.toContain(` ${SLAB_SLICES} images`);
  });

  test('Ctrl+Z undoes a decision and Ctrl+Y does it again, in turn with the key of the review', async () => {
    const { page } = viewer;
    const press = async (key: string): Promise<string> => {
      await page.keyboard.press(key);
      await page.waitForTimeout(SETTLE_MS);
      return await decided();
    };
    expect(await decided()).toBe('0 of 8');
    expect(await press('Shift+Y')).toBe('1 of 8');
    expect(await press('Shift+Y')).toBe('2 of 8');
    expect(await press('Control+z')).toBe('1 of 8');
    expect(await press('Control+y')).toBe('2 of 8');
    expect(await press('u')).toBe('1 of 8');
    expect(await press('Control+z')).toBe('0 of 8');
    expect(await press('Shift+Y')).toBe('1 of 8');
  });

  test('a click on a lesion that has a measurement of OHIF looks for the lesion', async () => {
    const { page } = viewer;
    const place = placeOf('Metastasis, liver segment 4');
    await viewer.scrollTo(current.seriesInstanceUid, place);
    await page.locator('[data-cy="MeasurementTools-split-button-secondary"]').click();
    await page.locator('[role="menuitem"][data-cy="Length"]').click();
    const ends = [0, 15].map((mm): Lps => [place[0] + mm, place[1], place[2]]);
    const [from, to] = await viewer.onPage(current.seriesInstanceUid, ends);
    await page.mouse.move(from!.x, from!.y);
    await page.mouse.down();
    await page.mouse.move(to!.x - 3, to!.y, { steps: 4 });
    await page.mouse.move(to!.x, to!.y);
    await page.mouse.up();
    await trackNothing();
    const before = await viewer.lesions.count();
    await viewer.chooseTool();
    // On the end of the measurement, which any tool of the viewer would move.
    await viewer.clickPoint(current.seriesInstanceUid, place);
    await viewer.lesionFound('Lesion 1');
    await screenshot(page, 'defects-measured');
    expect(await viewer.lesions.count()).toBe(before + 1);
    const [mark] = await viewer.markersOfClick(current.seriesInstanceUid, 1);
    expect(distanceMm(mark!.lps, place)).toBeLessThan(NEAR_MM);
  });

  test('an exported picture has the marks', async () => {
    const { page } = viewer;
    await page.locator('[data-cy="Capture"]').first().click();
    const label = page.locator('[data-viewport-uid="cornerstone-viewport-download-form"] svg text');
    await label.filter({ hasText: 'Lesion 1' }).waitFor({ timeout: SCREEN_TIMEOUT_MS });
    await screenshot(page, 'defects-export');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save Image' }).click(),
    ]);
    const picture = await Picture.decode(page, readFileSync(await download.path()), 'image/jpeg');
    // The ring and the label of an accepted place.
    expect(picture.count(([r, g, b]) => g > 180 && r < 120 && b > 110 && b < 220)).toBeGreaterThan(60);
  });

  test('the report is saved; reopened without a click, the viewer shows the first finding', async () => {
    const { page } = viewer;
    await page.mouse.move(500, 400);
    await page.keyboard.press('Shift+P');
    await viewer.saved();
    const radii = await part('radius').allInnerTexts();
    expect(radii.filter((text) => text !== '').length).toBeGreaterThan(0);
    expect(errors).toEqual([]);
    page.on('dialog', (dialog) => void dialog.accept());
    await page.close({ runBeforeUnload: false });
    await open([current], false);
    const first = async (): Promise<number> => {
      const shown = await viewer.markers(current.seriesInstanceUid);
      return shown.length;
    };
    for (let turn = 0; turn < 100 && (await first()) === 0; turn += 1) await viewer.page.waitForTimeout(100);
    await screenshot(viewer.page, 'defects-reopened');
    expect(await first()).toBeGreaterThan(0);
    expect(await badge()).toBe('9');
    await viewer.openPanel();
    expect([...(await part('radius').allInnerTexts())].sort()).toEqual([...radii].sort());
  });

  test.each([
    { layout: 'one scan', protocol: 'default', panes: 1, beside: 20, label: 'Lesion 2' },
    { layout: 'MPR', protocol: 'mpr', panes: 3, beside: 30, label: 'Lesion 3' },
  ])('in the layout "$layout" the prior need not be on the screen', async (shown) => {
    const { page } = viewer;
    await page.evaluate((id) => {
      window.services!.hangingProtocolService.setProtocol(id);
    }, shown.protocol);
    await page.waitForFunction(
      (panes) => (window.samepointTest?.viewports() ?? []).length === panes,
      shown.panes,
      { timeout: SCREEN_TIMEOUT_MS },
    );
    // The volume is loaded, and what the panel has said of the restored work is read.
    await page.waitForTimeout(2_000);
    for (const notice of await part('dismiss').all()) await notice.click();
    const [x, y, z] = placeOf('Metastasis, liver segment 7');
    await viewer.chooseTool();
    await viewer.clickPoint(current.seriesInstanceUid, [x + shown.beside, y, z]);
    await viewer.lesionFound(shown.label);
    await screenshot(page, `defects-${shown.protocol}`);
    expect(await part('place').filter({ hasText: '± ' }).count()).toBeGreaterThan(0);
  });

  test('the page raised no uncaught error', () => {
    expect(errors).toEqual([]);
  });
});
