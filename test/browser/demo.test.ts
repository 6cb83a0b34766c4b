/**
 * The demo as a newcomer sees it: one command, the printed URL, a click on each lesion of the phantom in stock OHIF. The place
 * in the prior is compared with the place that the phantom's deformation gives, also where the lesion is gone or new. The follow-up of
 * the prior's report is in followUpByKeyboard.test.ts.
 */
import { distanceMm } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';
import type { Demo, DemoTruth } from '../support/demo.ts';
import { describeWith } from '../support/requirements.ts';
import { ViewerPage } from '../support/viewerPage.ts';

const LESIONS = [
  'Nodule, right upper lobe',
  'Nodule, left lower lobe (grown)',
  'Nodule, right lower lobe (gone)',
  'Metastasis, liver segment 7',
  'Metastasis, liver segment 4 (new)',
  'Lymph node, right paratracheal (shrunken)',
  'Lymph node, retroperitoneal (new)',
  'Cyst, left kidney',
  'Sclerotic lesion, left iliac bone',
];

/** The acceptance of the demo. */
const NEAR_MM = 10;

describeWith(['chromium'], 'the demo', () => {
  let demo: Demo | undefined;
  let browser: Browser | undefined;
  let viewer: ViewerPage;
  let errors: readonly string[];
  let truth: DemoTruth;
  let current: string;
  let prior: string;

  beforeAll(async () => {
    demo = await startDemo('demo');
    ({ truth } = demo);
    [current = '', prior = ''] = truth.studies.map(({ seriesInstanceUid }) => seriesInstanceUid);
    browser = await startBrowser();
    const opened = await browser.newPage();
    errors = opened.errors;
    viewer = new ViewerPage(opened.page, demo.url);
    await viewer.open(
      truth.studies.slice(0, 2).map(({ studyInstanceUid }) => studyInstanceUid),
      { compare: true },
    );
    await viewer.openPanel();
    await viewer.seriesReady();
    await viewer.chooseTool();
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  test('names the lesions that are tested here', () => {
    // The last one lies above the current scan: there is nothing to click.
    expect(truth.lesions.slice(0, -1).map(({ label }) => label)).toEqual(LESIONS);
    expect(truth.lesions.at(-1)?.label).toContain('out of view');
  });

  test.each(LESIONS.map((label, index) => [label, index] as const))('finds: %s', async (label, index) => {
    const { currentLps, priorLps } = truth.lesions[index]!;
    await viewer.clickPoint(current, currentLps);
    await viewer.lesionFound(`Lesion ${index + 1}`);
    await screenshot(viewer.page, `demo-${index + 1}-${label.replaceAll(/[^a-z0-9]+/giu, '-')}`);
    const drawn = await viewer.markersOfClick(prior, index + 1);
    expect(drawn.length).toBeGreaterThan(0);
    expect(Math.min(...drawn.map(({ lps }) => distanceMm(lps, priorLps)))).toBeLessThanOrEqual(NEAR_MM);
  });

  test('the page raised no uncaught error, the panel no failure', async () => {
    const failures = viewer.notices.filter({ hasNotText: 'Found also' });
    expect(await failures.allInnerTexts()).toEqual([]);
    expect(errors).toEqual([]);
  });
});
