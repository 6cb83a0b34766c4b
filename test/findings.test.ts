/**
 * Findings of a study in a real PACS: a report of a time point is listed by GET /findings at its exact places, and stock OHIF, without
 * the extension, hydrates it as one row for each lesion.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildTimePointReport } from '../server/src/index.ts';
import type { LesionObservation } from '../server/src/index.ts';
import { lpsPoint } from '../server/src/geometry/index.ts';
import { ctAttributes, ctSlice, storedValues } from '../server/src/volume/testing/syntheticSeries.ts';
import { startBrowser } from './support/browser.ts';
import type { Browser } from './support/browser.ts';
import { startOrthanc } from './support/orthanc.ts';
import type { Orthanc } from './support/orthanc.ts';
import { ROOT, temporaryFolder, viewerFolder, viewerVersions } from './support/paths.ts';
import { describeWith } from './support/requirements.ts';
import { startSamepoint } from './support/samepointServer.ts';
import type { SamepointServer } from './support/samepointServer.ts';
import { ViewerPage } from './support/viewerPage.ts';

const STUDY = '2.25.1';
const SERIES = '2.25.2';
const SIZE = { columns: 64, rows: 64 };
const ATTRIBUTES = {
  PatientID: 'P1',
  PatientName: 'Findings^Test',
  StudyDate: '20260302',
  StudyTime: '101112',
  SeriesNumber: '1',
  Rows: SIZE.rows,
  Columns: SIZE.columns,
};

/** The place of a pixel of a slice, from the attributes of the synthetic series: 0.5 mm columns, 0.75 mm rows, 2 mm slices. */
function lpsOf(column: number, row: number, slice: number): readonly [number, number, number] {
  return [-10 + 0.5 * column, -20 + 0.75 * row, 30 + 2 * slice];
}

function observation(
  number: number,
  [column, row, slice]: readonly [number, number, number],
): LesionObservation {
  return {
    trackingUid: `2.25.70${number}`,
    label: `Lesion ${number}`,
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
  mm: 6,
  ends: [
    [30, 26],
    [30, 34],
  ],
} as const;
const OBSERVATIONS: readonly LesionObservation[] = [
  { ...observation(1, [30, 30, 3]), longAxis: LONG_AXIS, shortAxis: SHORT_AXIS },
  { ...observation(2, [30, 30, 5]), longAxis: LONG_AXIS },
  observation(3, [45, 40, 7]),
];

/** The app-config of the demo without the extension. */
async function stockConfig(folder: string): Promise<string> {
  const text = await readFile(join(ROOT, 'config/app-config.demo.js'), 'utf8');
  const file = join(folder, 'app-config.js');
  await writeFile(file, text.replace("extensions: ['/samepoint/extension.js'],", 'extensions: [],'));
  return file;
}

describeWith(['chromium', 'orthanc'], 'a report of a time point in Orthanc', () => {
  const folder = temporaryFolder('findings');
  const [version = ''] = viewerVersions();
  let orthanc: Orthanc;
  let browser: Browser;
  let server: SamepointServer;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    browser = await startBrowser();
    const slices = Array.from({ length: 10 }, (_, slice) =>
      ctSlice(slice, { ...ATTRIBUTES, InstanceNumber: slice + 1 }, { pixels: storedValues(slice, SIZE) }),
    );
    const { part10 } = buildTimePointReport({
      observations: OBSERVATIONS,
      timePoint: { name: '2026-03-02', type: 'baseline' },
      image: {
        '0020000D': { vr: 'UI', Value: [STUDY] },
        '0020000E': { vr: 'UI', Value: [SERIES] },
        '00100010': { vr: 'PN', Value: [{ Alphabetic: ATTRIBUTES.PatientName }] },
        '00100020': { vr: 'LO', Value: [ATTRIBUTES.PatientID] },
      },
      softwareVersion: '1.2.3',
      now: new Date('2026-03-02T10:11:12Z'),
    });
    await orthanc.dicomweb.store([...slices, part10]);
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
      total: 3,
      warnings: [],
      findings: [
        {
          trackingUid: '2.25.701',
          label: 'Lesion 1',
          kind: 'bidirectional',
          lps: lpsOf(30, 30, 3),
          longAxis: { mm: 10, ends: [lpsOf(20, 30, 3), lpsOf(40, 30, 3)] },
          shortAxis: { mm: 6 },
          frameOfReferenceUid: '2.25.3',
        },
        { trackingUid: '2.25.702', kind: 'line', lps: lpsOf(30, 30, 5), longAxis: { mm: 10 } },
        { trackingUid: '2.25.703', kind: 'point', lps: lpsOf(45, 40, 7) },
      ],
    });
  });

  test(`is hydrated by stock OHIF ${version} as one row for each lesion, at its place`, async () => {
    const { page, errors } = await browser.newPage();
    const viewer = new ViewerPage(page, server.url);
    await viewer.open([STUDY], { compare: false });
    await viewer.hydrateReport();
    const measurements = await viewer.measurements();
    expect(measurements).toHaveLength(OBSERVATIONS.length);
    const slices = measurements.map(({ points }) => Math.round(((points?.[0]?.[2] ?? NaN) - 30) / 2)).sort();
    expect(slices).toEqual([3, 5, 7]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
