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
import type { Picture } from '../support/linkedPage.ts';
import { viewerVersions } from '../support/paths.ts';
import { colouredShare, strongestNear, strongestPoint } from '../support/pictures.ts';
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
/** By this much larger a lesion has grown, mm. */
const LARGER_MM = 1;
/** A colour that is seen: opacity of 255. */
const VISIBLE = 60;
/** Of the places of a slice that has not changed, at most so many have a colour. */
const UNCHANGED_SHARE = 0.05;
const SETTLE_MS = 700;
/** Both scans are analysed: no more than a look at each place. */
const LOOK_TIMEOUT_MS = 60_000;
/** The brightest place of a similarity map is one of its lattice, and beside the slice. */
const LIKE_MM = 10;

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
      const studies = [current.studyInstanceUid, prior.studyInstanceUid];
      await Promise.all([viewer.storedFindingsRead(studies), viewer.open(studies, { compare: true })]);
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

    test('a prior that was away, while the current study was enlarged by a double click, comes back at its level', async () => {
      await linked.doubleClick(current.seriesInstanceUid, 1);
      await linked.scroll(current.seriesInstanceUid, 6);
      await linked.doubleClick(current.seriesInstanceUid, 2);
      const shown = (await viewer.shownCentre(prior.seriesInstanceUid))[2];
      expect(Math.abs(shown - (await trueLevel()))).toBeLessThan(LEVEL_MM + mapMm);
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

    describe('the subtraction of the prior', () => {
      /** Brings the current study to a lesion; gives the picture there. */
      const pictureAt = async (lps: Lps): Promise<Picture> => {
        await viewer.scrollTo(current.seriesInstanceUid, lps);
        const picture = await linked.picture(current.seriesInstanceUid);
        if (picture === undefined)
          throw new Error(`no picture: ${await linked.saidOver(current.seriesInstanceUid)}`);
        return picture;
      };
      const colourAt = async (lps: Lps, radiusMm: number): Promise<string> => {
        const [red, , blue, opacity] = strongestNear(await pictureAt(lps), lps, radiusMm);
        if (opacity < VISIBLE) return 'none';
        return red > blue ? 'red' : 'blue';
      };
      /** Of a lesion that is new or has grown: a metastasis of the phantom is less dense than the liver. */
      const colourOf = (label: string): string => (label.startsWith('Metastasis') ? 'blue' : 'red');
      const lesionsWhere = (isWanted: (now: number, before: number) => boolean): DemoTruth['lesions'] =>
        demo.truth.lesions.filter(({ radiusMm }) => isWanted(radiusMm.current ?? 0, radiusMm.prior ?? 0));

      beforeAll(async () => {
        // The cursor and the link of the tests before.
        await page.keyboard.press('p');
        await page.keyboard.press('t');
        await page.keyboard.press('Shift+D');
        await linked.overlay(/^Change since /u, FIELD_TIMEOUT_MS);
      });

      afterAll(async () => {
        await page.keyboard.press('Shift+W');
        await page.keyboard.press('t');
        await page.keyboard.press('p');
      });

      test('is red where a dense lesion is new or has grown, and blue where one has gone; nothing is requested', async () => {
        const requests = linked.requests();
        const grown = lesionsWhere((now, before) => now > before + LARGER_MM);
        const resolved = lesionsWhere((now, before) => now === 0 && before > 0);
        expect([grown.length, resolved.length]).not.toContain(0);
        for (const { label, currentLps, radiusMm } of grown)
          expect([label, await colourAt(currentLps, radiusMm.current ?? 0)]).toEqual([
            label,
            colourOf(label),
          ]);
        await screenshot(page, `subtraction-${version}`);
        for (const { label, currentLps, radiusMm } of resolved)
          expect([label, await colourAt(currentLps, radiusMm.prior ?? 0)]).toEqual([label, 'blue']);
        expect(requests()).toEqual([]);
      });

      test('says that it is computed, and colours little of what has not changed', async () => {
        const [unchanged] = lesionsWhere((now, before) => now === before);
        const picture = await pictureAt(unchanged?.currentLps ?? [0, 0, 0]);
        expect(picture.text).toMatch(/^Change since .*Computed, not an acquired image/u);
        expect(colouredShare(picture)).toBeLessThan(UNCHANGED_SHARE);
      });

      test('gives way to the prior in its place', async () => {
        await page.keyboard.press('Shift+W');
        await page.waitForTimeout(SETTLE_MS);
        const picture = await linked.picture(current.seriesInstanceUid);
        expect(picture?.text).toMatch(/warped onto this scan.*Computed, not an acquired image/u);
        await screenshot(page, `prior-in-place-${version}`);
      });
    });

    test('the similarity map of a lesion is brightest at the same place, and the same key removes it', async () => {
      const [lesion] = demo.truth.lesions;
      if (lesion === undefined) throw new Error('the phantom has no lesions');
      const { label, currentLps } = lesion;
      await viewer.openPanel();
      await viewer.lesion(label).first().click();
      await viewer.scrollTo(current.seriesInstanceUid, currentLps);
      await page.keyboard.press('Shift+S');
      await linked.overlay(/^Similarity to /u, LOOK_TIMEOUT_MS);
      await screenshot(page, `similarity-${version}`);
      const picture = await linked.picture(current.seriesInstanceUid);
      if (picture === undefined) throw new Error(await linked.saidOver(current.seriesInstanceUid));
      expect(distance(strongestPoint(picture), currentLps)).toBeLessThan(LIKE_MM);
      await page.keyboard.press('Shift+S');
      expect(await linked.picture(current.seriesInstanceUid)).toBeUndefined();
    });

    test('volumes that are seen from the front follow along their own normal', async () => {
      // By the link itself: the live cursor brings the other pane to its place as well.
      const withCursor = page.locator('[data-cy="SamepointLiveCursor"][data-active="true"]');
      if ((await withCursor.count()) > 0) await page.keyboard.press('p');
      await linked.showVolumes('coronal');
      for (const steps of [6, -10]) {
        await linked.scroll(current.seriesInstanceUid, steps);
        const [, shown] = await viewer.shownCentre(prior.seriesInstanceUid);
        const [, level] = map.toPrior(await viewer.shownCentre(current.seriesInstanceUid));
        expect(Math.abs(shown - level)).toBeLessThan(PIXEL_MM / 2 + mapMm);
      }
      await screenshot(page, `linked-coronal-${version}`);
    });

    test('a browser without WebGL has the same link, cursor and subtraction', async () => {
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
      await other.page.keyboard.press('Shift+D');
      await plain.overlay(/^Change since /u, LOOK_TIMEOUT_MS);
      expect((await plain.picture(current.seriesInstanceUid))?.text).toMatch(
        /Computed, not an acquired image/u,
      );
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
