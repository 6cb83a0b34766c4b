/**
 * Linked scrolling and the live cursor in stock OHIF: two studies of the phantom, whose true map is known.
 */
import type { Page } from 'playwright-core';
import type { Lps } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';
import type { Demo, DemoTruth } from '../support/demo.ts';
import { answerFields, hasFields, trueMapOfDemo } from '../support/linkedFields.ts';
import type { TrueMap } from '../support/linkedFields.ts';
import { LinkedPage } from '../support/linkedPage.ts';
import { viewerVersions } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { ViewerPage } from '../support/viewerPage.ts';

type Study = DemoTruth['studies'][number];

/** A phantom that is made in seconds: slices of 5 and 6 mm. */
const COARSENESS = 2;
const PRIOR_SLICE_MM = 6;
const PIXEL_MM = 2.8;
/** How far the slice may be beside the true level: half a slice, and the error of the map. */
const LEVEL_MM = PRIOR_SLICE_MM / 2;
const STATED_MM = { isTrue: 0.5, isComputed: 5 };
const FIELD_TIMEOUT_MS = 240_000;

describeWith(['chromium'], 'linked panes', () => {
  let browser: Browser;
  let map: TrueMap;

  beforeAll(async () => {
    browser = await startBrowser();
    map = trueMapOfDemo();
  });

  afterAll(async () => {
    await browser.close();
  });

  describe.each(viewerVersions())('OHIF %s', (version) => {
    let demo: Demo;
    let viewer: ViewerPage;
    let linked: LinkedPage;
    let page: Page;
    let errors: readonly string[];
    let current: Study;
    let prior: Study;
    let mapMm: number;

    /** The level of the prior that truly belongs to the middle of what the current study shows, mm. */
    const trueLevel = async (): Promise<number> =>
      map.toPrior(await viewer.shownCentre(current.seriesInstanceUid))[2];

    beforeAll(async () => {
      demo = await startDemo('linked', { coarseness: COARSENESS, viewer: version });
      [current, prior] = [demo.truth.studies[0]!, demo.truth.studies[1]!];
      const opened = await browser.newPage();
      ({ page, errors } = opened);
      const isComputed = await hasFields(demo.url);
      mapMm = isComputed ? STATED_MM.isComputed : STATED_MM.isTrue;
      if (!isComputed) await answerFields(page, map.field);
      viewer = new ViewerPage(page, demo.url);
      linked = new LinkedPage(page);
      await viewer.open([current.studyInstanceUid, prior.studyInstanceUid], { compare: true });
    });

    afterAll(async () => {
      await page.close();
      await demo.stop();
    });

    test('the button links the panes, and each says so', async () => {
      await linked.moveTo(current.seriesInstanceUid, [0.5, 0.5]);
      await page.locator('[data-cy="SamepointLink"]').first().click();
      await linked.overlay(/^Linked ± \d+ mm$/u, FIELD_TIMEOUT_MS);
      await screenshot(page, `linked-${version}`);
      expect(await page.locator('[data-cy="SamepointLink"][data-active="true"]').count()).toBeGreaterThan(0);
    });

    test('the wheel over the current study brings the prior to the same level, and nothing is requested', async () => {
      const requests = linked.requests();
      for (const steps of [4, 5, 6, -9, -12]) {
        await linked.scroll(current.seriesInstanceUid, steps);
        const shown = (await viewer.shownCentre(prior.seriesInstanceUid))[2];
        expect(Math.abs(shown - (await trueLevel()))).toBeLessThan(LEVEL_MM + mapMm);
      }
      expect(requests()).toEqual([]);
    });

    test('the wheel over the prior leads as well', async () => {
      await linked.scroll(prior.seriesInstanceUid, 7);
      const shown = (await viewer.shownCentre(current.seriesInstanceUid))[2];
      const level = map.toCurrent(await viewer.shownCentre(prior.seriesInstanceUid))[2];
      expect(Math.abs(shown - level)).toBeLessThan(LEVEL_MM + mapMm);
    });

    test('without the link the other pane stays', async () => {
      await page.keyboard.press('t');
      const before = await viewer.shownCentre(prior.seriesInstanceUid);
      await linked.scroll(current.seriesInstanceUid, 5);
      expect(await viewer.shownCentre(prior.seriesInstanceUid)).toEqual(before);
    });

    test('the live cursor is drawn at the true place, and nothing is requested', async () => {
      await page.keyboard.press('t');
      await page.keyboard.press('p');
      const requests = linked.requests();
      for (const place of [
        [0.5, 0.5],
        [0.4, 0.45],
        [0.6, 0.55],
      ] as const) {
        const lps = await linked.moveTo(current.seriesInstanceUid, place);
        const cursor = await linked.cursor(prior.seriesInstanceUid);
        expect(distance(cursor, map.toPrior(lps))).toBeLessThan(LEVEL_MM + 2 * mapMm);
      }
      await screenshot(page, `live-cursor-${version}`);
      expect(requests()).toEqual([]);
    });

    test('volumes that are seen from the front follow along their own normal', async () => {
      await page.keyboard.press('p');
      await linked.showVolumes('coronal');
      for (const steps of [6, -10]) {
        await linked.scroll(current.seriesInstanceUid, steps);
        const [, shown] = await viewer.shownCentre(prior.seriesInstanceUid);
        const [, level] = map.toPrior(await viewer.shownCentre(current.seriesInstanceUid));
        expect(Math.abs(shown - level)).toBeLessThan(PIXEL_MM / 2 + mapMm);
      }
      await screenshot(page, `linked-coronal-${version}`);
    });

    test('a browser without WebGL has the same link and cursor', async () => {
      const other = await browser.newPage();
      const [plainViewer, plain] = [new ViewerPage(other.page, demo.url), new LinkedPage(other.page)];
      await plain.withoutWebGl();
      if (mapMm === STATED_MM.isTrue) await answerFields(other.page, map.field);
      await plainViewer.open([current.studyInstanceUid, prior.studyInstanceUid], { compare: true });
      await plain.scroll(current.seriesInstanceUid, 3);
      await other.page.keyboard.press('t');
      await plain.overlay(/^Linked ± \d+ mm$/u, FIELD_TIMEOUT_MS);
      await plain.scroll(current.seriesInstanceUid, 6);
      const shown = (await plainViewer.shownCentre(prior.seriesInstanceUid))[2];
      const level = map.toPrior(await plainViewer.shownCentre(current.seriesInstanceUid))[2];
      expect(Math.abs(shown - level)).toBeLessThan(LEVEL_MM + mapMm);
      await other.page.keyboard.press('p');
      const lps = await plain.moveTo(current.seriesInstanceUid, [0.45, 0.5]);
      const cursor = await plain.cursor(prior.seriesInstanceUid);
      expect(distance(cursor, map.toPrior(lps))).toBeLessThan(LEVEL_MM + 2 * mapMm);
      expect(other.errors).toEqual([]);
      await other.page.close();
    });

    test('the page raised no uncaught error', () => {
      expect(errors).toEqual([]);
    });
  });
});

function distance(a: Lps | undefined, b: Lps): number {
  return a === undefined ? Infinity : Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
