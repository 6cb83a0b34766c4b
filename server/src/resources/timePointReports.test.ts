import request from 'supertest';
import { createSamepoint } from '../application/index.ts';
import { fakePorts } from '../ports/testing/index.ts';
import { FindingsPacs } from '../ports/testing/findingsPacs.ts';
import { STUDY } from '../findings/testing/documents.ts';
import { CARRIED_OVER, lesion, unseen } from '../report/timePoint/testing/lesions.ts';
import { findingsAnswer } from '../apiSchemas/findingsSchemas.ts';
import { timePointReportAnswer } from '../apiSchemas/timePointSchemas.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { WireTimePointReportRequest } from '../apiSchemas/types.ts';

const API = '/samepoint/api';

function bodyOf(changes: Partial<WireTimePointReportRequest> = {}): WireTimePointReportRequest {
  return {
    studyInstanceUid: STUDY,
    timePoint: { name: '2026-03-02' },
    observations: [lesion({ carriedOver: CARRIED_OVER }), unseen()],
    basedOn: [],
    assessment: { sumMm: 10, response: 'SD' },
    ...changes,
  };
}

async function setUp(): Promise<{
  readonly pacs: FindingsPacs;
  readonly post: (body: object, key?: string) => request.Test;
  readonly list: () => Promise<ReturnType<typeof findingsAnswer.parse>>;
}> {
  const source = new FindingsPacs();
  const ports = { ...fakePorts([]), source };
  const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 1, memoMs: 0 });
  const { app } = await testApp({}, { samepoint });
  return {
    pacs: source,
    post: (body, key = '"one"') =>
      request(app).post(`${API}/time-point-reports`).set('Idempotency-Key', key).send(body),
    list: async () => {
      const answer = await request(app).get(`${API}/findings`).query({ studyInstanceUid: STUDY }).expect(200);
      return findingsAnswer.parse(answer.body);
    },
  };
}

describe('time point reports', () => {
  it('are stored, listed, corrected and withdrawn', async () => {
    const { post, list } = await setUp();
    const stored = await post(bodyOf()).expect(201);
    const { sopInstanceUid } = timePointReportAnswer.parse(stored.body);
    const first = await list();
    expect(first.reports).toMatchObject([{ sopInstanceUid }]);
    expect(first.findings).toMatchObject([
      { trackingUid: '2.25.7', status: 'present', carriedOver: CARRIED_OVER },
      { trackingUid: '2.25.8', status: 'not-covered', kind: 'none' },
    ]);
    const basedOn = first.reports.map((report) => report.sopInstanceUid);
    await post(bodyOf({ basedOn, observations: [] }), '"two"').expect(201);
    expect(await list()).toMatchObject({ findings: [], total: 0 });
  });

  it('answer 201 to a repeated request, and 409 to a reader who has not seen the last one', async () => {
    const { post, pacs } = await setUp();
    const first = await post(bodyOf()).expect(201);
    const again = await post(bodyOf()).expect(201);
    expect(again.body).toEqual(first.body);
    const late = await post(bodyOf({ observations: [unseen()] }), '"two"').expect(409);
    const { sopInstanceUid } = timePointReportAnswer.parse(first.body);
    expect(late.body).toMatchObject({
      error: { code: 'application/report-changed', fields: { sopInstanceUid } },
    });
    expect(pacs.documents).toHaveLength(1);
  });

  it.each<readonly [string, object, number, string]>([
    ['a study without UID', { studyInstanceUid: 'x' }, 400, 'http/invalid-request'],
    ['an unknown status', { observations: [{ ...unseen(), status: 'gone' }] }, 400, 'http/invalid-request'],
    ['a misspelt key', { observation: [] }, 400, 'http/invalid-request'],
    [
      'too many lesions',
      { observations: Array.from({ length: 201 }, () => unseen()) },
      400,
      'http/invalid-request',
    ],
    ['one lesion twice', { observations: [unseen(), unseen()] }, 422, 'report/bad-observation'],
    [
      'a lesion without place',
      { observations: [unseen({ status: 'present' })] },
      422,
      'report/bad-observation',
    ],
    ['nothing to withdraw', { observations: [] }, 422, 'report/no-pairs'],
    ['another study', { studyInstanceUid: '1.2.3' }, 422, 'report/bad-observation'],
    [
      'an unknown study',
      { studyInstanceUid: '1.2.3', observations: [unseen()] },
      404,
      'dicomweb/series-not-found',
    ],
  ])('refuse %s and store nothing', async (_, changes, status, code) => {
    const { post, pacs } = await setUp();
    const answer = await post({ ...bodyOf(), ...changes }).expect(status);
    expect(answer.body).toMatchObject({ error: { code } });
    expect(pacs.documents).toEqual([]);
  });
});
