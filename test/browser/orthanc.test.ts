/**
 * The whole path on a real CT: a click in stock OHIF on a chest CT in a real PACS shows the same point in the follow-up
 * beside it; the accepted pair is stored as DICOM SR, read back, valid, and hydrated by stock OHIF.
 */
import { distanceMm } from '../support/api.ts';
import type { Lps } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { dumpReport, validationErrors } from '../support/dicomTools.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { viewerVersions } from '../support/paths.ts';
import { storeRealPair } from '../support/realPair.ts';
import type { RealPair } from '../support/realPair.ts';
import { describeWith } from '../support/requirements.ts';
import { startSamepoint, withViewer } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { ViewerPage } from '../support/viewerPage.ts';

/** Places in cmbcrc that a reader finds again by eye, LPS mm: chosen on the images, not by what is matched well. */
const LANDMARKS: readonly { readonly name: string; readonly lps: Lps }[] = [
  { name: 'the tumour in the left lung', lps: [94.6, -0.8, -111.5] },
  { name: 'the carina', lps: [-11.4, 15.4, -106.5] },
  { name: 'a spinous process', lps: [-9.6, 112.4, -161.5] },
];

/** The DeepLesion tracking measure: a match counts within 10 mm. */
const NEAR_MM = 10;

describeWith(['chromium', 'orthanc', 'dcmtk', 'dicom3tools', 'cmbcrc'], 'a real chest CT in Orthanc', () => {
  let orthanc: Orthanc;
  let browser: Browser;
  let pair: RealPair;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    browser = await startBrowser();
    pair = await storeRealPair(
      orthanc.dicomweb,
      'cmbcrc',
      'easy',
      LANDMARKS.map(({ lps }) => lps),
    );
  });

  afterAll(async () => {
    await browser.close();
    await orthanc.stop();
  });

  describe.each(viewerVersions())('OHIF %s', (version) => {
    let server: SamepointServer;
    let viewer: ViewerPage;
    let errors: readonly string[];

    beforeAll(async () => {
      server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root }, ...withViewer(version) });
      const opened = await browser.newPage();
      errors = opened.errors;
      viewer = new ViewerPage(opened.page, server.url);
      await viewer.open([pair.current.studyInstanceUid, pair.prior.studyInstanceUid], { compare: true });
    });

    afterAll(async () => {
      await viewer.page.close();
      await server.stop();
      await orthanc.deleteReports();
    });

    test('shows current on the left and prior on the right', async () => {
      expect(await viewer.series()).toEqual([pair.current.seriesInstanceUid, pair.prior.seriesInstanceUid]);
    });

    test.each(LANDMARKS.map(({ name }, index) => [name, index] as const))(
      'a click on %s jumps to the right slice of the prior and marks the place',
      async (name, index) => {
        const { lps, prior } = pair.points[index]!;
        await viewer.chooseTool();
        await viewer.clickPoint(pair.current.seriesInstanceUid, lps);
        await viewer.lesionFound(`Lesion ${index + 1}`);
        await screenshot(viewer.page, `orthanc-${version}-${name.replaceAll(' ', '-')}`);
        const shown = await viewer.shownCentre(pair.prior.seriesInstanceUid);
        expect(Math.abs(shown[2] - prior[2])).toBeLessThanOrEqual(NEAR_MM);
        const markers = await viewer.markersOfClick(pair.prior.seriesInstanceUid, index + 1);
        expect(Math.min(...markers.map((marker) => distanceMm(marker.lps, prior)))).toBeLessThanOrEqual(
          NEAR_MM,
        );
        const [clicked] = await viewer.markersOfClick(pair.current.seriesInstanceUid, index + 1);
        expect(distanceMm(clicked!.lps, lps)).toBeLessThanOrEqual(2);
      },
    );

    test('what the reader marked is saved as a valid report that the PACS gives back', async () => {
      const before = await orthanc.dicomweb.instancesOf(pair.current.studyInstanceUid, 'SR');
      await viewer.save();
      const reports = await orthanc.dicomweb.instancesOf(pair.current.studyInstanceUid, 'SR');
      expect(reports).toHaveLength(before.length + 1);
      for (const report of reports) {
        expect(validationErrors(report)).toEqual([]);
        expect(dumpReport(report)).toContain('126000'); // Imaging Measurement Report (DCM)
      }
      expect(await viewer.notices.allInnerTexts()).toEqual([]);
      await screenshot(viewer.page, `orthanc-${version}-saved`);
    });

    test('the report appears in the viewer without a reload', async () => {
      await viewer.page.waitForTimeout(2000);
      expect((await viewer.displaySets('SR')).length).toBeGreaterThan(0);
    });

    test('stock OHIF hydrates the report: one row for each lesion', async () => {
      const { page } = await browser.newPage();
      const stock = new ViewerPage(page, server.url);
      await stock.open([pair.current.studyInstanceUid, pair.prior.studyInstanceUid], { compare: true });
      await stock.hydrateReport();
      await screenshot(page, `orthanc-${version}-hydrated`);
      const measurements = await stock.measurements();
      expect(measurements.map(({ referenceSeriesUID }) => referenceSeriesUID)).toEqual(
        LANDMARKS.map(() => pair.current.seriesInstanceUid),
      );
      await page.close();
    });

    test('the page raised no uncaught error', () => {
      expect(errors).toEqual([]);
    });
  });
});
