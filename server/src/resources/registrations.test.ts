import { setImmediate as nextTurn } from 'node:timers/promises';
import request from 'supertest';
import type { Response } from 'supertest';
import { CURRENT, OTHER_PATIENT, PRIOR, refOf } from '../ports/testing/index.ts';
import type { FakeSeries } from '../ports/testing/index.ts';
import * as schemas from '../apiSchemas/schemas.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { TestApp } from '../http/testing/testServer.ts';

const API = '/samepoint/api';

interface Save {
  readonly kind?: string;
  readonly key?: string;
  readonly target?: FakeSeries;
  readonly authorization?: string;
}

async function save(
  { app }: TestApp,
  { kind = 'field', key = 'one', target = PRIOR, authorization = '' }: Save = {},
): Promise<Response> {
  return await request(app)
    .post(`${API}/registrations`)
    .set({ 'Idempotency-Key': key, Authorization: authorization })
    .send({ query: refOf(CURRENT), target: refOf(target), kind });
}

/** An app that has the field of a pair at hand. */
async function withField(): Promise<TestApp> {
  const test = await testApp();
  const started = await save(test);
  expect(started.status).toBe(202);
  const { id } = schemas.job.parse(started.body);
  for (;;) {
    const job = schemas.job.parse((await request(test.app).get(`${API}/jobs/${id}`)).body);
    if (job.state === 'done') return test;
    expect(['queued', 'running']).toContain(job.state);
    await nextTurn();
  }
}

describe('registrations', () => {
  it('are stored once the field is there, and once for each wish to save', async () => {
    const test = await withField();
    const first = await save(test);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ studyInstanceUid: CURRENT.studyInstanceUid });
    expect((await save(test)).body).toEqual(first.body);
    expect(test.ports.source.stored).toHaveLength(1);
    expect((await save(test, { kind: 'affine', key: 'two' })).status).toBe(201);
    expect(test.ports.source.stored).toHaveLength(2);
  });

  it('refuse a key that has been used for another object', async () => {
    const test = await withField();
    await save(test);
    const answer = await save(test, { kind: 'affine' });
    expect(answer.status).toBe(422);
    expect(schemas.errorAnswer.parse(answer.body).error.code).toBe('application/idempotency-key-reused');
  });

  it.each([
    ['another patient', { target: OTHER_PATIENT }, 'application/different-patients'],
    ['the series itself', { target: CURRENT }, 'application/same-series'],
    ['a kind that does not exist', { kind: 'rigid' }, 'http/invalid-request'],
  ])('refuse %s', async (_name, change, code) => {
    const test = await withField();
    const answer = await save(test, change);
    expect(schemas.errorAnswer.parse(answer.body).error.code).toBe(code);
    expect(test.ports.source.stored).toEqual([]);
  });

  it('are not stored for whom the PACS does not send the images', async () => {
    const test = await withField();
    test.ports.source.withoutRetrieval = ['Bearer of-bob'];
    expect((await save(test, { authorization: 'Bearer of-bob' })).status).toBe(403);
    expect(test.ports.source.stored).toEqual([]);
  });

  it('are recorded with their class', async () => {
    const test = await withField();
    await save(test, { kind: 'affine' });
    const stored = test.ports.audited.find(({ purpose }) => purpose === 'store');
    expect(stored?.report?.sopClassUid).toBe('1.2.840.10008.5.1.4.1.1.66.1');
  });

  it('are listed for callers who see both series, and for no others', async () => {
    const test = await testApp();
    const list = (target: FakeSeries): request.Test =>
      request(test.app).get(`${API}/registrations`).query({
        queryStudyInstanceUid: CURRENT.studyInstanceUid,
        querySeriesInstanceUid: CURRENT.seriesInstanceUid,
        targetStudyInstanceUid: target.studyInstanceUid,
        targetSeriesInstanceUid: target.seriesInstanceUid,
      });
    expect((await list(PRIOR).expect(200)).body).toEqual({ registrations: [], warnings: [] });
    await list(OTHER_PATIENT).expect(({ status }) => {
      expect(status).toBeGreaterThanOrEqual(400);
    });
  });
});
