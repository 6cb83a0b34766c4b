/**
 * The whole path against PACS that have as little of DICOMweb as they may, or their own dialect of it: two series are embedded and
 * matched, the pair is stored as a report, and the report is listed.
 */
import { distanceMm } from './support/api.ts';
import type { Match, MatchRequest } from './support/api.ts';
import { validationErrors } from './support/dicomTools.ts';
import { outcomesOf } from './support/hospital.ts';
import { startSamepoint } from './support/samepointServer.ts';
import type { SamepointServer } from './support/samepointServer.ts';
import { SmallPatient } from './support/smallPatient.ts';
import type { StoredSeries } from './support/smallPatient.ts';
import { DCM4CHEE, STRICT, StrictPacs } from './support/strictPacs.ts';
import type { PacsBehaviour } from './support/strictPacs.ts';

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
/** Between the point that is found and the lesion, mm: the voxels of the small patient are coarse. */
const NEAR_MM = 15;

/** UIDs of a series with leading zeros in their components, which PS3.5 9.1 forbids and archives hold. */
function oddUids(study: number): StoredSeries {
  const root = `1.2.0${String(study)}.007`;
  return {
    studyInstanceUid: root,
    seriesInstanceUid: `${root}.00`,
    frameOfReferenceUid: `${root}.09`,
    sopInstanceUids: Array.from({ length: 14 }, (_, index) => `${root}.00.0${String(index)}`),
  };
}

/** The pair of a match, as a reader accepts it. */
function pairOf({ query, target, similarity, cycleErrorMm }: Match): object {
  const withClass = (point: Match['query']): object => ({
    ...point,
    pixel: { sopClassUid: CT_IMAGE, ...point.pixel },
  });
  return {
    label: 'Lesion 1',
    lesionUid: '2.25.7001',
    state: 'accepted',
    current: withClass(query),
    prior: withClass(target),
    similarity,
    cycleErrorMm,
  };
}

const BEHAVIOURS: readonly (readonly [string, PacsBehaviour])[] = [
  ['that refuses everything optional', STRICT],
  ['like dcm4chee', DCM4CHEE],
  [
    'that fails over what it does not know',
    { ...STRICT, transferSyntax: 500, includefield: 500, metadata: 'xml', padding: '\0' },
  ],
];

describe('UIDs with leading zeros', () => {
  test('come back as they are, from the search to the report', async () => {
    const pacs = await StrictPacs.start();
    const server = await startSamepoint({ dicomweb: { ...pacs.roots, retries: 1 } });
    try {
      const patient = new SmallPatient(pacs);
      const query = await patient.storeCurrent({ uids: oddUids(3) });
      const prior = await patient.storePrior({ uids: oddUids(2) });
      const points = [{ id: 'a', lps: patient.point }];
      const [outcome] = outcomesOf(await server.api.match({ query, targets: [prior], points }));
      if (outcome?.ok !== true) throw new Error(JSON.stringify(outcome));
      const { match } = outcome;
      const pair = { ...pairOf(match), lesionUid: '1.2.003.04' };
      const stored = await server.api.request('POST', '/reports', { pairs: [pair] });
      expect([stored.status, stored.body]).toEqual([
        201,
        expect.objectContaining({ studyInstanceUid: '1.2.03.007' }),
      ]);
      const { studyInstanceUid } = query;
      const [report] = pacs.filesOf(studyInstanceUid, 'SR');
      for (const uid of [
        match.query.pixel.sopInstanceUid,
        match.target.pixel.sopInstanceUid,
        '1.2.02.007.09',
      ])
        expect(Buffer.from(report!).includes(uid)).toBe(true);
      const listed = await server.api.request('GET', `/reports?studyInstanceUid=${studyInstanceUid}`);
      expect(listed.body).toMatchObject({
        reports: [{ pairs: [{ lesionUid: '1.2.003.04', prior: { seriesInstanceUid: '1.2.02.007.00' } }] }],
      });
    } finally {
      await server.stop();
      await pacs.stop();
    }
  });
});

describe.each(BEHAVIOURS)('a PACS %s', (_, behaviour) => {
  let pacs: StrictPacs;
  let server: SamepointServer;
  let request: MatchRequest;
  beforeAll(async () => {
    pacs = await StrictPacs.start(behaviour);
    const patient = new SmallPatient(pacs);
    const [query, prior] = [await patient.storeCurrent(), await patient.storePrior()];
    request = { query, targets: [prior], points: [{ id: 'a', lps: patient.point }] };
    server = await startSamepoint({ dicomweb: { ...pacs.roots, retries: 1 }, access: { memoMs: 0 } });
  });
  afterAll(async () => {
    await server.stop();
    await pacs.stop();
  });

  test('has its series matched, a report stored once and listed', async () => {
    const [outcome] = outcomesOf(await server.api.match(request));
    if (outcome?.ok !== true) throw new Error(JSON.stringify(outcome));
    expect(distanceMm(outcome.match.query.lps, request.points[0]!.lps)).toBeLessThan(NEAR_MM);
    const body = { pairs: [pairOf(outcome.match)] };
    const { studyInstanceUid } = request.query;
    const stored = await server.api.request('POST', '/reports', body);
    expect([stored.status, stored.body]).toEqual([201, expect.objectContaining({ studyInstanceUid })]);
    const again = await server.api.request('POST', '/reports', body);
    expect(again.body).toEqual(stored.body);

    const files = pacs.filesOf(studyInstanceUid, 'SR');
    expect(files).toHaveLength(1);
    expect(validationErrors(files[0]!)).toEqual([]);

    const listed = await server.api.request('GET', `/reports?studyInstanceUid=${studyInstanceUid}`);
    expect(listed.body).toMatchObject({ reports: [{ pairs: [{ label: 'Lesion 1' }] }], warnings: [] });
  });

  test('gets its requests as it accepts them from then on', async () => {
    pacs.requests.length = 0;
    outcomesOf(await server.api.match(request));
    expect(pacs.requests.length).toBeGreaterThan(2);
    expect(pacs.requests.filter(({ status }) => status >= 400)).toEqual([]);
  });
});
