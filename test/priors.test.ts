/**
 * GET /priors before a real PACS: the studies of one patient and no other, their series described from a few headers and ranked, with
 * the caller's own rights.
 */
import type { PriorsAnswer } from '../server/src/index.ts';
import { ctSeries } from '../server/src/volume/testing/syntheticSeries.ts';
import { startOrthanc } from './support/orthanc.ts';
import type { Orthanc } from './support/orthanc.ts';
import { describeWith } from './support/requirements.ts';
import { ALL_RIGHTS, RightsProxy } from './support/rightsProxy.ts';
import { startSamepoint } from './support/samepointServer.ts';
import type { SamepointServer } from './support/samepointServer.ts';

/** A study of one day. */
interface Study {
  readonly uid: string;
  readonly date: string;
  readonly issuer?: string;
}

const CURRENT: Study = { uid: '2.25.20', date: '20260302', issuer: 'Hospital A' };
const PRIOR: Study = { uid: '2.25.21', date: '20251105', issuer: 'Hospital A' };
const OLDER: Study = { uid: '2.25.22', date: '20250701', issuer: 'Hospital A' };
const OTHER_PATIENT: Study = { uid: '2.25.23', date: '20250601', issuer: 'Hospital B' };
const LATER: Study = { uid: '2.25.24', date: '20260401', issuer: 'Hospital A' };

interface Series {
  readonly number: number;
  readonly slices: number;
  readonly spacingMm: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const THIN: Series = { number: 2, slices: 120, spacingMm: 1, attributes: { ConvolutionKernel: 'Br40' } };
const SHARP: Series = { number: 3, slices: 120, spacingMm: 1, attributes: { ConvolutionKernel: 'Br64' } };
const THICK: Series = { number: 4, slices: 25, spacingMm: 5, attributes: { ContrastBolusAgent: 'Iomeron' } };
const SLAB: Series = { number: 5, slices: 30, spacingMm: 1 };
const SCOUT: Series = {
  number: 1,
  slices: 2,
  spacingMm: 1,
  attributes: { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
};

function files(
  { uid, date, issuer }: Study,
  { number, slices, spacingMm, attributes }: Series,
): Uint8Array[] {
  return ctSeries(slices, (slice) => ({
    PatientID: 'P1',
    PatientName: 'Priors^Test',
    IssuerOfPatientID: issuer,
    StudyInstanceUID: uid,
    StudyDate: date,
    StudyTime: '101112',
    SeriesInstanceUID: `${uid}.${number}`,
    SeriesNumber: number,
    SeriesDescription: `Series ${number}`,
    FrameOfReferenceUID: `${uid}.9`,
    SOPInstanceUID: `${uid}.${number}.${slice}`,
    InstanceNumber: slice + 1,
    ImagePositionPatient: [-10, -20, 30 + spacingMm * slice],
    SliceThickness: spacingMm,
    ...attributes,
  }));
}

describeWith(['orthanc'], 'priors in Orthanc', () => {
  let orthanc: Orthanc;
  let proxy: RightsProxy;
  let server: SamepointServer;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    await orthanc.dicomweb.store([
      ...[SCOUT, THICK, SHARP, THIN].flatMap((series) => files(CURRENT, series)),
      ...[SLAB, SCOUT, SHARP, THICK, THIN].flatMap((series) => files(PRIOR, series)),
      ...[OLDER, OTHER_PATIENT, LATER].flatMap((study) => files(study, THICK)),
    ]);
    proxy = await RightsProxy.start(orthanc.dicomweb.root);
    proxy.rights.set('Bearer reader', ALL_RIGHTS);
    proxy.rights.set('Bearer searcher', { search: true, retrieve: false });
    server = await startSamepoint({ dicomweb: { root: proxy.root } });
  });

  afterAll(async () => {
    await server.stop();
    await proxy.stop();
    await orthanc.stop();
  });

  async function priors(query: string, authorization = 'Bearer reader'): Promise<PriorsAnswer> {
    const { status, body } = await server.api.request('GET', `/priors?${query}`, undefined, {
      authorization,
    });
    expect([status, body]).toEqual([200, body]);
    return body as PriorsAnswer;
  }

  test('are those of the patient, the most suitable series first', async () => {
    const { current, priors: found, warnings } = await priors(`studyInstanceUid=${CURRENT.uid}`);
    expect(current.series.map(({ seriesNumber }) => seriesNumber)).toEqual([2, 3, 4, 1]);
    expect(current.series[0]).toMatchObject({ plane: 'axial', lengthMm: 119, coverage: 1, kernel: 'Br40' });
    expect(found.map(({ studyInstanceUid, date, time }) => [studyInstanceUid, date, time])).toEqual([
      [PRIOR.uid, '2025-11-05', '10:11:12'],
      [OLDER.uid, '2025-07-01', '10:11:12'],
    ]);
    const [prior] = found;
    expect(prior?.series.map(({ seriesNumber, reasons }) => [seriesNumber, reasons])).toEqual([
      [2, []],
      [3, ['sharp kernel (Br64), not a soft one']],
      [4, ['slices of 5 mm, not 1 mm', 'with contrast agent']],
      [5, ['covers 24 % of the series that is read']],
      [1, ['only 2 images']],
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(['priors/later', 'priors/other-issuer']);
  });

  test('of a series that is named are ranked for it', async () => {
    const query = `studyInstanceUid=${CURRENT.uid}&seriesInstanceUid=${CURRENT.uid}.3`;
    const { current, priors: found } = await priors(query);
    expect(current.series[0]).toMatchObject({ seriesNumber: 3, kernel: 'Br64' });
    expect(found[0]?.series[0]).toMatchObject({ seriesNumber: 3, reasons: [] });
  });

  test('are refused to callers from whom the PACS withholds the images', async () => {
    const path = `/priors?studyInstanceUid=${CURRENT.uid}`;
    for (const [authorization, status] of [
      ['Bearer searcher', 403],
      ['Bearer unknown', 401],
    ] as const) {
      const answer = await server.api.request('GET', path, undefined, { authorization });
      expect(answer).toMatchObject({ status });
    }
  });
});
