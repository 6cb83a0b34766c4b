/**
 * Findings of a study in a real PACS: a report of a time point is listed by GET /findings at its exact places, and stock OHIF, without
 * the extension, hydrates it as one row for each lesion.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildTimePointReport } from '../../server/src/index.ts';
import type { FindingsAnswer, LesionObservation, TimePointReportRequest } from '../../server/src/index.ts';
import { lpsPoint } from '../../server/src/geometry/index.ts';
import { ctAttributes, ctSlice, storedValues } from '../../server/src/volume/testing/syntheticSeries.ts';
import { distanceMm } from '../support/api.ts';
import { startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { ROOT, temporaryFolder, viewerFolder } from '../support/paths.ts';
import { describeInViewers } from '../support/requirements.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { ViewerPage } from '../support/viewerPage.ts';

const STUDY = '2.25.1';
const SERIES = '2.25.2';
const SIZE = { columns: 64, rows: 64 };
const ATTRIBUTES = {
  PatientID: 'P1',
  PatientName: 'Findings^Test',
  StudyDate: '20260302',
  StudyTime: '101112',
  SeriesNumber: '1',
  // Square pixels: stock OHIF 3.13 exchanges the two spacings of others when it hydrates.
  PixelSpacing: [0.5, 0.5],
  Rows: SIZE.rows,
  Columns: SIZE.columns,
};

/** The place of a pixel of a slice, from the attributes of the synthetic series: 0.5 mm pixels, 2 mm slices. */
function lpsOf(column: number, row: number, slice: number): readonly [number, number, number] {
  return [-10 + 0.5 * column, -20 + 0.5 * row, 30 + 2 * slice];
}

function observation(
  number: number,
  [column, row, slice]: readonly [number, number, number],
): LesionObservation {
  return {
    trackingUid: `2.25.70${number}`,
    label: `Lesion ${number}`,
    role: 'target',
    status: 'present',
    place: {
      studyInstanceUid: STUDY,
      seriesInstanceUid: SERIES,
      frameOfReferenceUid: '2.25.3',
      lps: lpsPoint(...lpsOf(column, row, slice)),
      pixel: {
        sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
        sopInstanceUid: `2.25.1000${slice}`,
        column,
        row,
        offPlaneMm: 0,
      },
    },
  };
}

const LONG_AXIS = {
  mm: 10,
  ends: [
    [20, 30],
    [40, 30],
  ],
} as const;
const SHORT_AXIS = {
  mm: 4,
  ends: [
    [30, 26],
    [30, 34],
  ],
} as const;
const OBSERVATIONS: readonly LesionObservation[] = [
  { ...observation(1, [30, 30, 3]), longAxis: LONG_AXIS, shortAxis: SHORT_AXIS },
  { ...observation(2, [30, 30, 5]), longAxis: LONG_AXIS },
  { ...observation(3, [45, 40, 7]), status: 'resolved' },
];

/** Time for the viewer to draw the slice that it has jumped to. */
const JUMP_MS = 1_000;

/** Not in stock OHIF: they have no place. */
const UNSEEN: readonly LesionObservation[] = [
  { trackingUid: '2.25.705', label: 'Lesion 5', role: 'non-target', status: 'not-covered' },
  { trackingUid: '2.25.706', label: 'Lesion 6', role: 'target', status: 'not-evaluable' },
];

/** Of the report that the test stores, by the clock of this machine. */
const NOW = new Date('2026-03-02T10:11:12Z');

/** A study with two reports that hold nothing for stock OHIF: lesions without a place, and the withdrawal of a report. */
const UNSEEN_STUDY = '2.25.5';

/** DICOM JSON of an image of a study, as far as a report copies it. */
function imageOf(study: string): TimePointReportRequest['image'] {
  return {
    '0020000D': { vr: 'UI', Value: [study] },
    '0020000E': { vr: 'UI', Value: [SERIES] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: ATTRIBUTES.PatientName }] },
    '00100020': { vr: 'LO', Value: [ATTRIBUTES.PatientID] },
  };
}

function unseenStudy(): readonly Uint8Array[] {
  const uids = { StudyInstanceUID: UNSEEN_STUDY, SeriesInstanceUID: `${UNSEEN_STUDY}.1` };
  const slices = [0, 1, 2].map((slice) =>
    ctSlice(
      slice,
      { ...ATTRIBUTES, ...uids, SOPInstanceUID: `${UNSEEN_STUDY}.1.${slice}`, InstanceNumber: slice + 1 },
      { pixels: storedValues(slice, SIZE) },
    ),
  );
  const context = {
    ...{
      timePoint: { name: '2026-03-02' },
      image: imageOf(UNSEEN_STUDY),
      softwareVersion: '1.2.3',
      now: NOW,
    },
  };
  const withdrawn = {
    ...{ studyInstanceUid: UNSEEN_STUDY, seriesInstanceUid: '2.25.5.8', sopInstanceUid: '2.25.5.9' },
  };
  return [
    ...slices,
    buildTimePointReport({ ...context, observations: UNSEEN }).part10,
    buildTimePointReport({ ...context, observations: [], predecessors: [withdrawn] }).part10,
  ];
}

/** The app-config of the demo without the extension. */
async function stockConfig(folder: string): Promise<string> {
  const text = await readFile(join(ROOT, 'config/app-config.demo.js'), 'utf8');
  const file = join(folder, 'app-config.js');
  await writeFile(file, text.replace("extensions: ['/samepoint/extension.js'],", 'extensions: [],'));
  return file;
}

describeInViewers(['chromium', 'orthanc'], 'a report of a time point in Orthanc', (version) => {
  const folder = temporaryFolder('findings');
  let orthanc: Orthanc;
  let browser: Browser;
  let server: SamepointServer;
  let viewer: ViewerPage;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    browser = await startBrowser();
    const slices = Array.from({ length: 10 }, (_, slice) =>
      ctSlice(slice, { ...ATTRIBUTES, InstanceNumber: slice + 1 }, { pixels: storedValues(slice, SIZE) }),
    );
    const { part10 } = buildTimePointReport({
      observations: [...UNSEEN, ...OBSERVATIONS],
      timePoint: { name: '2026-03-02', type: 'baseline' },
      assessment: { sumMm: 20, changeFromBaselinePercent: -12.5, response: 'SD' },
      image: imageOf(STUDY),
      softwareVersion: '1.2.3',
      now: NOW,
    });
    await orthanc.dicomweb.store([...slices, part10, ...unseenStudy()]);
    server = await startSamepoint({
      dicomweb: { root: orthanc.dicomweb.root },
      viewer: { directory: viewerFolder(version), appConfig: await stockConfig(folder) },
    });
  });

  afterAll(async () => {
    await server.stop();
    await browser.close();
    await orthanc.stop();
    await rm(folder, { recursive: true });
  });

  test('is listed with places, sizes and names', async () => {
    expect(ctAttributes(3)['ImagePositionPatient']).toEqual(lpsOf(0, 0, 3));
    const { status, body } = await server.api.request('GET', `/findings?studyInstanceUid=${STUDY}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      total: 5,
      warnings: [],
      reports: [{ createdAt: expect.stringContaining('2026-03-02') as string }],
      findings: [
        {
          trackingUid: '2.25.701',
          label: 'Lesion 1',
          kind: 'bidirectional',
          lps: lpsOf(30, 30, 3),
          longAxis: { mm: 10, ends: [lpsOf(20, 30, 3), lpsOf(40, 30, 3)] },
          shortAxis: { mm: 4 },
          frameOfReferenceUid: '2.25.3',
        },
        { trackingUid: '2.25.702', kind: 'line', lps: lpsOf(30, 30, 5), longAxis: { mm: 10 } },
        { trackingUid: '2.25.703', kind: 'point', lps: lpsOf(45, 40, 7), status: 'resolved' },
        { trackingUid: '2.25.705', kind: 'none', status: 'not-covered', role: 'non-target' },
        { trackingUid: '2.25.706', kind: 'none', status: 'not-evaluable', role: 'target' },
      ],
    });
  });

  test(`is hydrated by stock OHIF ${version} as one row for each lesion, at its place`, async () => {
    const { page, errors } = await browser.newPage();
    viewer = new ViewerPage(page, server.url);
    await viewer.open([STUDY], { compare: false });
    await viewer.hydrateReport();
    const measurements = await viewer.measurements();
    expect(measurements).toHaveLength(OBSERVATIONS.length);
    const firsts = measurements.map(({ points }) => points?.[0] ?? []);
    for (const [column, row, slice] of [
      [20, 30, 3],
      [20, 30, 5],
      [45, 40, 7],
    ] as const) {
      const [x, y, z] = lpsOf(column, row, slice);
      const distances = firsts.map(([a = NaN, b = NaN, c = NaN]) => distanceMm([a, b, c], [x, y, z]));
      expect(Math.min(...distances)).toBeLessThan(0.5);
    }
    expect(errors).toEqual([]);
  });

  test('a click on a row of stock OHIF shows the slice of its lesion', async () => {
    const rows = await viewer.measurementRows();
    expect(await rows.count()).toBe(OBSERVATIONS.length);
    for (const { label, place } of OBSERVATIONS) {
      await viewer.scrollTo(SERIES, lpsOf(30, 30, 0));
      await rows.filter({ hasText: label }).click();
      await viewer.page.waitForTimeout(JUMP_MS);
      const [, , z] = await viewer.shownCentre(SERIES);
      expect([label, z]).toEqual([label, expect.closeTo(place!.lps[2], 1)]);
    }
  });

  test('as stock OHIF saves it with its own button is read: equal places, sizes and names', async () => {
    const { page } = viewer;
    await viewer.saveMeasurements();
    let reports: readonly Uint8Array[] = [];
    for (let tries = 0; reports.length < 2 && tries < 60; tries++) {
      await page.waitForTimeout(500);
      reports = await orthanc.dicomweb.instancesOf(STUDY, 'SR');
    }
    expect(reports).toHaveLength(2);
    const { body } = await server.api.request('GET', `/findings?studyInstanceUid=${STUDY}`);
    const { findings, warnings } = body as FindingsAnswer;
    expect(warnings).toEqual([]);
    // Beside our report (3.11) or in its place (later), under other Tracking UIDs: each lesion is there once, as itself.
    const placed = findings.filter(({ kind }) => kind !== 'none');
    expect(placed).toHaveLength(OBSERVATIONS.length);
    for (const { trackingUid, label, status, place, longAxis, shortAxis } of OBSERVATIONS) {
      const finding = placed.find((each) => each.trackingUid === trackingUid);
      expect(finding).toMatchObject({ label, status });
      expect(distanceMm(finding!.lps!, place!.lps)).toBeLessThan(0.5);
      expect([finding?.longAxis?.mm, finding?.shortAxis?.mm]).toEqual([longAxis?.mm, shortAxis?.mm]);
    }
    await page.close();
  });

  test(`of lesions without a place, or withdrawn, stock OHIF ${version} shows the study and no row`, async () => {
    const { page, errors } = await browser.newPage();
    const empty = new ViewerPage(page, server.url);
    await empty.open([UNSEEN_STUDY], { compare: false });
    expect(await empty.reports.count()).toBe(2);
    for (const report of await empty.reports.all()) await report.dblclick();
    await page.locator('text=Samepoint lesions').first().waitFor();
    expect(await empty.measurements()).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
