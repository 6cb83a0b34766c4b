import request from 'supertest';
import { createSamepoint } from '../application/index.ts';
import { fakePorts } from '../ports/testing/index.ts';
import { PriorsPacs } from '../priors/testing/priorsPacs.ts';
import type { FakePriorStudy } from '../priors/testing/priorsPacs.ts';
import { priorsAnswer } from '../apiSchemas/priorsSchemas.ts';
import { testApp } from '../http/testing/testServer.ts';

const PATH = '/samepoint/api/priors';

function study(n: number, changes: Partial<FakePriorStudy> = {}): FakePriorStudy {
  const uid = `1.2.${n}`;
  return {
    uid,
    date: `2026010${n}`,
    patientId: 'P1',
    issuer: 'A',
    series: [{ uid: `${uid}.1` }],
    ...changes,
  };
}

async function setUp(
  studies: FakePriorStudy[],
): Promise<{ app: Awaited<ReturnType<typeof testApp>>['app']; ports: ReturnType<typeof fakePorts> }> {
  const source = new PriorsPacs(studies);
  const ports = { ...fakePorts([]), source };
  const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 1, memoMs: 0 });
  const { app } = await testApp({}, { samepoint });
  return { app, ports };
}

describe('priors', () => {
  it('are listed with their series; what is missing is said in words', async () => {
    const { app, ports } = await setUp([
      study(3),
      study(2, { series: [{ uid: '1.2.2.1', images: 50 }] }),
      study(4),
      study(1, { issuer: 'B' }),
    ]);
    const answer = await request(app).get(PATH).query({ studyInstanceUid: '1.2.3', model: 'm1' }).expect(200);
    const { current, priors, warnings } = priorsAnswer.parse(answer.body);
    expect(current).toMatchObject({ studyInstanceUid: '1.2.3', series: [{ coverage: 1, reasons: [] }] });
    expect(priors).toMatchObject([
      { studyInstanceUid: '1.2.2', series: [{ reasons: ['covers 49 % of the series that is read'] }] },
    ]);
    expect(warnings).toEqual([
      { code: 'priors/later', message: '1 study of the patient later than this one: not listed' },
      {
        code: 'priors/other-issuer',
        message: '1 study with the same Patient ID of another issuer: another patient, not listed',
      },
    ]);
    expect(answer.text).not.toMatch(/P1/u);
    expect(answer.headers['cache-control']).toBe('no-store');
    const patient = { patientId: 'P1', issuer: 'A', seriesInstanceUids: [] };
    expect(ports.audited).toMatchObject([
      {
        purpose: 'priors',
        studies: [
          { studyInstanceUid: '1.2.3', ...patient },
          { studyInstanceUid: '1.2.2', ...patient },
        ],
      },
    ]);
  });

  it.each([
    [{}],
    [{ studyInstanceUid: 'x' }],
    [{ studyInstanceUid: '1.2.3', seriesInstanceUid: '' }],
    [{ studyInstanceUid: '1.2.3', model: '' }],
    [{ studyInstanceUid: '1.2.3', patientId: 'P1' }],
  ])('refuse %j', async (query) => {
    const { app } = await setUp([study(3)]);
    const answer = await request(app).get(PATH).query(query).expect(400);
    expect(answer.body).toMatchObject({ error: { code: 'http/invalid-request' } });
  });

  it.each([
    [{ studyInstanceUid: '1.2.9' }, 'dicomweb/study-not-found'],
    [{ studyInstanceUid: '1.2.3', seriesInstanceUid: '1.2.9' }, 'dicomweb/series-not-found'],
    [{ studyInstanceUid: '1.2.3', model: 'm9' }, 'embedding/unknown-model'],
  ])('of %j are an error, and the refusal is recorded', async (query, code) => {
    const { app, ports } = await setUp([study(3)]);
    const answer = await request(app).get(PATH).query(query).expect(404);
    expect(answer.body).toMatchObject({ error: { code } });
    expect(ports.audited).toMatchObject([{ purpose: 'priors', failure: { code, isRefusal: true } }]);
  });
});
