import request from 'supertest';
import { CURRENT, fakePair, PRIOR, PRIOR_2, OTHER_PATIENT } from '../ports/testing/index.ts';
import * as schemas from '../apiSchemas/schemas.ts';
import { testApp } from '../http/testing/testServer.ts';

const API = '/samepoint/api';

describe('reports', () => {
  it('are stored and listed', async () => {
    const { app } = await testApp();
    const pair = fakePair();
    const stored = await request(app)
      .post(`${API}/reports`)
      .send({ pairs: [pair] })
      .expect(201);
    const report = schemas.reportAnswer.parse(stored.body);
    expect(report.studyInstanceUid).toBe(CURRENT.studyInstanceUid);
    const listed = await request(app)
      .get(`${API}/reports`)
      .query({ studyInstanceUid: CURRENT.studyInstanceUid })
      .expect(200);
    expect(schemas.reportsAnswer.parse(listed.body).reports).toEqual([
      { ...report, createdAt: '2026-11-23T09:00:00.000Z', pairs: [pair] },
    ]);
  });

  it.each([
    ['no pair', [], 400, 'http/invalid-request'],
    ['a rejected pair', [{ ...fakePair(), state: 'rejected' }], 400, 'http/invalid-request'],
    ['an empty label', [{ ...fakePair(), label: '' }], 400, 'http/invalid-request'],
    ['a lesion without UID', [{ ...fakePair(), lesionUid: 'x' }], 400, 'http/invalid-request'],
    ['a pair of two patients', [fakePair(CURRENT, OTHER_PATIENT)], 422, 'application/different-patients'],
    [
      'an image of another series',
      [fakePair(CURRENT, { ...PRIOR, sopInstanceUids: PRIOR_2.sopInstanceUids })],
      422,
      'application/instance-not-in-series',
    ],
  ])('refuse %s and store nothing', async (_name, pairs, status, code) => {
    const { app, ports } = await testApp();
    const answer = await request(app).post(`${API}/reports`).send({ pairs }).expect(status);
    expect(answer.body).toMatchObject({ error: { code } });
    expect(ports.source.stored).toHaveLength(0);
  });

  it('are one report for one Idempotency-Key, in quotes or bare', async () => {
    const { app, ports } = await testApp();
    const save = (key: string, pair = fakePair()): request.Test =>
      request(app)
        .post(`${API}/reports`)
        .set('Idempotency-Key', key)
        .send({ pairs: [pair] });
    const first = await save('"8e03978e-40d5-43e8-bc93-6b20ac4cb5d4"').expect(201);
    const again = await save('8e03978e-40d5-43e8-bc93-6b20ac4cb5d4').expect(201);
    expect(again.body).toEqual(first.body);
    const other = await save('8e03978e-40d5-43e8-bc93-6b20ac4cb5d4', fakePair(CURRENT, PRIOR_2)).expect(422);
    expect(other.body).toMatchObject({ error: { code: 'application/idempotency-key-reused' } });
    expect(ports.source.stored).toHaveLength(1);
  });

  it.each(['""', '"half', 'half"', 'two words', 'a, b', 'x'.repeat(129), 'back\\slash'])(
    'refuse the Idempotency-Key %s',
    async (key) => {
      const { app, ports } = await testApp();
      const answer = await request(app)
        .post(`${API}/reports`)
        .set('Idempotency-Key', key)
        .send({ pairs: [fakePair()] })
        .expect(400);
      expect(answer.body).toMatchObject({ error: { code: 'http/invalid-request' } });
      expect(ports.source.stored).toHaveLength(0);
    },
  );

  it('are not called stored when the PACS gives back something else', async () => {
    const { app, ports } = await testApp();
    ports.source.coerce = (part10) =>
      new TextEncoder().encode(new TextDecoder().decode(part10).replace('Nodule', 'Other'));
    const answer = await request(app)
      .post(`${API}/reports`)
      .send({ pairs: [fakePair()] })
      .expect(502);
    expect(answer.body).toMatchObject({ error: { code: 'application/report-not-verified' } });
  });

  it('need a study', async () => {
    const { app } = await testApp();
    await request(app).get(`${API}/reports`).expect(400);
    await request(app).get(`${API}/reports`).query({ studyInstanceUid: 'x' }).expect(400);
    await request(app).get(`${API}/reports`).query({ studyInstanceUid: '1.2', limit: '3' }).expect(400);
  });
});
