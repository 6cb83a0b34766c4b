/**
 * Lesions of one patient in two studies of a real PACS, over the API: each study has its own report, the lesions have the same
 * Tracking UIDs, a correction replaces, a withdrawal empties, and two readers do not overwrite each other.
 */
import type {
  FindingsAnswer,
  WireLesionObservation,
  WireTimePointReportRequest,
} from '../server/src/index.ts';
import { ctSlice, storedValues } from '../server/src/volume/testing/syntheticSeries.ts';
import type { Answer } from './support/api.ts';
import { validationErrors } from './support/dicomTools.ts';
import { startOrthanc } from './support/orthanc.ts';
import type { Orthanc } from './support/orthanc.ts';
import { describeWith } from './support/requirements.ts';
import { startSamepoint } from './support/samepointServer.ts';
import type { SamepointServer } from './support/samepointServer.ts';

const SIZE = { columns: 32, rows: 32 };
const [BASELINE, FOLLOW_UP, OTHER] = ['2.25.10', '2.25.20', '2.25.30'] as const;
const SLICES = 6;

/** Slices of a study, tilted by 30 degrees about the left-right axis. */
const TILT = [1, 0, 0, 0, Math.sqrt(3) / 2, 0.5] as const;

function slicesOf(study: string, patient: string): readonly Uint8Array[] {
  return Array.from({ length: SLICES }, (_, slice) =>
    ctSlice(
      slice,
      {
        ...{
          StudyInstanceUID: study,
          SeriesInstanceUID: `${study}.1`,
          SOPInstanceUID: `${study}.1.${slice}`,
        },
        ...{ FrameOfReferenceUID: `${study}.2`, PatientID: patient, PatientName: 'Time^Points' },
        ...{ StudyDate: '20260302', StudyTime: '101112', InstanceNumber: slice + 1 },
        ...{ Rows: SIZE.rows, Columns: SIZE.columns, ImageOrientationPatient: [...TILT] },
        ...{ ImagePositionPatient: [...originOf(slice)], PixelSpacing: [0.8, 0.5] },
      },
      { pixels: storedValues(slice, SIZE) },
    ),
  );
}

/** 2 mm apart along the normal of the tilted plane. */
function originOf(slice: number): readonly [number, number, number] {
  return [-10, -20 - slice, 30 + Math.sqrt(3) * slice];
}

function lpsOf(column: number, row: number, slice: number): readonly [number, number, number] {
  const [x, y, z] = originOf(slice);
  return [x + 0.5 * column, y + 0.8 * row * TILT[4], z + 0.8 * row * TILT[5]];
}

function placeOf(study: string, column: number, row: number): NonNullable<WireLesionObservation['place']> {
  return {
    ...{ studyInstanceUid: study, seriesInstanceUid: `${study}.1`, frameOfReferenceUid: `${study}.2` },
    lps: lpsOf(column, row, 3),
    pixel: {
      ...{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: `${study}.1.3` },
      ...{ column, row, offPlaneMm: 0 },
    },
  };
}

function lesion(study: string, changes: Partial<WireLesionObservation> = {}): WireLesionObservation {
  return {
    ...{ trackingUid: '2.25.71', label: 'Läsion 1', role: 'target', status: 'present' },
    place: placeOf(study, 15, 10),
    longAxis: { mm: 5, ends: [lpsOf(10, 10, 3), lpsOf(20, 10, 3)] },
    shortAxis: { mm: 3.2, ends: [lpsOf(15, 8, 3), lpsOf(15, 12, 3)] },
    ...changes,
  };
}

const SECOND = { trackingUid: '2.25.72', label: 'Lesion 2', role: 'non-target' } as const;

function bodyOf(
  study: string,
  changes: Partial<WireTimePointReportRequest> = {},
): WireTimePointReportRequest {
  return {
    studyInstanceUid: study,
    timePoint: { name: '2026-03-02' },
    observations: [lesion(study), { ...SECOND, status: 'not-covered' }],
    basedOn: [],
    ...changes,
  };
}

describeWith(['orthanc', 'dicom3tools'], 'reports of time points in Orthanc', () => {
  let orthanc: Orthanc;
  let server: SamepointServer;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    const studies = [slicesOf(BASELINE, 'P1'), slicesOf(FOLLOW_UP, 'P1'), slicesOf(OTHER, 'P2')];
    await orthanc.dicomweb.store(studies.flat());
    server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root } });
  });

  afterAll(async () => {
    await server.stop();
    await orthanc.stop();
  });

  const save = (body: WireTimePointReportRequest, key?: string): Promise<Answer> =>
    server.api.request(
      'POST',
      '/time-point-reports',
      body,
      key === undefined ? {} : { 'Idempotency-Key': key },
    );

  async function findingsOf(study: string): Promise<FindingsAnswer> {
    const { status, body } = await server.api.request('GET', `/findings?studyInstanceUid=${study}`);
    expect(status).toBe(200);
    return body as FindingsAnswer;
  }

  async function seen(study: string): Promise<readonly string[]> {
    return (await findingsOf(study)).reports.map(({ sopInstanceUid }) => sopInstanceUid);
  }

  test('each study has its own; a lesion has one Tracking UID in both, at its place in each', async () => {
    expect(await save(bodyOf(BASELINE))).toMatchObject({ status: 201, body: { studyInstanceUid: BASELINE } });
    const carriedOver = {
      fromStudyInstanceUid: BASELINE,
      review: 'accepted',
      provenance: {
        model: { id: 'samepoint-ct', version: '1.0.0' },
        method: 'refined',
        step: 'local',
        verdict: 'matched',
        errorRadiusMm: 2.5,
      },
    } as const;
    const observations = [
      lesion(FOLLOW_UP, { carriedOver, longAxis: { mm: 6, ends: [lpsOf(9, 10, 3), lpsOf(21, 10, 3)] } }),
      { ...SECOND, status: 'resolved', place: placeOf(FOLLOW_UP, 20, 20) } as const,
    ];
    const assessment = { sumMm: 6, baselineSumMm: 5, changeFromBaselinePercent: 20, response: 'PD' } as const;
    expect(await save(bodyOf(FOLLOW_UP, { observations, assessment }))).toMatchObject({ status: 201 });
    const [first, second] = [await findingsOf(BASELINE), await findingsOf(FOLLOW_UP)];
    expect(first).toMatchObject({
      ...{ total: 2, warnings: [] },
      findings: [
        { trackingUid: '2.25.71', longAxis: { mm: 5 }, shortAxis: { mm: 3.2 }, lps: lpsOf(15, 10, 3) },
        { trackingUid: '2.25.72', status: 'not-covered', role: 'non-target', kind: 'none' },
      ],
    });
    expect(second).toMatchObject({
      findings: [
        {
          trackingUid: '2.25.71',
          longAxis: { mm: 6 },
          carriedOver,
          document: { studyInstanceUid: FOLLOW_UP },
        },
        { trackingUid: '2.25.72', status: 'resolved', kind: 'point', lps: lpsOf(20, 20, 3) },
      ],
    });
    const ends = first.findings[0]?.longAxis?.ends?.flat() ?? [];
    for (const [index, value] of [...lpsOf(10, 10, 3), ...lpsOf(20, 10, 3)].entries())
      expect(ends[index]).toBeCloseTo(value, 4);
    const [report] = await orthanc.dicomweb.instancesOf(FOLLOW_UP, 'SR');
    expect(validationErrors(report!)).toEqual([]);
  });

  test('a correction replaces; a reader who has not seen it gets an error, and a repeated request is not a change', async () => {
    const basedOn = await seen(FOLLOW_UP);
    const body = bodyOf(FOLLOW_UP, { basedOn, observations: [lesion(FOLLOW_UP, { label: 'corrected' })] });
    const stored = await save(body, '"wish-1"');
    expect(stored.status).toBe(201);
    const late = await save(bodyOf(FOLLOW_UP, { basedOn }), '"wish-2"');
    expect(late).toMatchObject({
      status: 409,
      body: {
        error: { code: 'application/report-changed', fields: { sopInstanceUid: (await seen(FOLLOW_UP))[0] } },
      },
    });
    expect(await save(body, '"wish-1"')).toEqual(stored);
    const { findings, reports } = await findingsOf(FOLLOW_UP);
    expect(findings.map(({ label }) => label)).toEqual(['corrected']);
    expect(reports).toHaveLength(1);
    expect(await orthanc.dicomweb.instancesOf(FOLLOW_UP, 'SR')).toHaveLength(2);
  });

  test('without lesions it withdraws them; those of the other study stay', async () => {
    const body = bodyOf(FOLLOW_UP, { basedOn: await seen(FOLLOW_UP), observations: [] });
    expect(await save(body)).toMatchObject({ status: 201 });
    const { findings, total, reports } = await findingsOf(FOLLOW_UP);
    expect({ findings, total, reports: reports.length }).toEqual({ findings: [], total: 0, reports: 1 });
    expect(await findingsOf(BASELINE)).toMatchObject({ total: 2 });
  });

  test('a place in another study, or in images of another patient, is refused', async () => {
    const elsewhere = bodyOf(BASELINE, { basedOn: await seen(BASELINE), observations: [lesion(OTHER)] });
    expect(await save(elsewhere)).toMatchObject({
      status: 422,
      body: { error: { code: 'report/bad-observation' } },
    });
    const place = { ...placeOf(OTHER, 15, 10), studyInstanceUid: BASELINE };
    const disguised = bodyOf(BASELINE, {
      basedOn: await seen(BASELINE),
      observations: [lesion(OTHER, { place })],
    });
    expect((await save(disguised)).status).toBe(404);
    expect(await orthanc.dicomweb.instancesOf(BASELINE, 'SR')).toHaveLength(1);
  });
});
