import { setImmediate as nextTurn } from 'node:timers/promises';
import request from 'supertest';
import type { Test } from 'supertest';
import { CURRENT, NAMELESS, OTHER_PATIENT, PRIOR, refOf } from '../ports/testing/index.ts';
import type { FakeSeries } from '../ports/testing/index.ts';
import * as schemas from '../apiSchemas/schemas.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { TestApp } from '../http/testing/testServer.ts';

const API = '/samepoint/api';
const MEDIA_TYPE = 'application/vnd.samepoint.similarity';
const PLACE = [10, 20, 30];

function post({ app }: TestApp, target: FakeSeries, lps: unknown = PLACE, authorization = ''): Test {
  return request(app)
    .post(`${API}/similarities`)
    .set('Authorization', authorization)
    .send({ query: { ...refOf(CURRENT), lps }, target: refOf(target) });
}

/** The job of a request, when it has ended. */
async function ended(test: TestApp, answer: Test): Promise<ReturnType<typeof schemas.job.parse>> {
  const { id } = schemas.job.parse((await answer.expect(202)).body);
  for (;;) {
    const job = schemas.job.parse((await request(test.app).get(`${API}/jobs/${id}`)).body);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    await nextTurn();
  }
}

describe('similarities', () => {
  it('answers a job while the series are embedded; then the same request gives the bytes', async () => {
    const test = await testApp();
    expect(await ended(test, post(test, PRIOR))).toMatchObject({
      kind: 'similarity',
      state: 'done',
      result: { state: 'ready', query: refOf(CURRENT), target: refOf(PRIOR), model: 'm1' },
    });
    const answer = await post(test, PRIOR).responseType('blob').expect(200);
    expect(answer.headers).toMatchObject({
      'content-type': MEDIA_TYPE,
      'cache-control': 'no-store',
      'content-encoding': 'gzip',
    });
    const bytes = answer.body as Buffer;
    const header = JSON.parse(bytes.toString('utf8', 12, 12 + bytes.readUInt32LE(8))) as object;
    expect(header).toMatchObject({ query: { ...refOf(CURRENT), lps: PLACE }, target: refOf(PRIOR) });
  });

  it('fails a job, or the request, with the reason why the point has no like', async () => {
    const test = await testApp();
    const outside = [2000, 0, 0];
    const code = 'matching/outside-volume';
    expect(await ended(test, post(test, PRIOR, outside))).toMatchObject({ state: 'failed', error: { code } });
    const answer = await post(test, PRIOR, outside).expect(422);
    expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({ code });
  });

  it.each([
    ['another patient', OTHER_PATIENT, PLACE, 422, 'application/different-patients'],
    ['a patient that is not named', NAMELESS, PLACE, 422, 'application/patient-unknown'],
    ['the series itself', CURRENT, PLACE, 422, 'application/same-series'],
    [
      'a series that is not there',
      { ...PRIOR, seriesInstanceUid: '9.9' },
      PLACE,
      404,
      'dicomweb/series-not-found',
    ],
    ['what is no point', PRIOR, [1, 2], 400, 'http/invalid-request'],
  ])('refuses %s', async (_name, target, lps, status, code) => {
    const test = await testApp();
    const answer = await post(test, target, lps).expect(status);
    expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({ code });
  });

  it('answers no caller to whom the PACS does not send the images', async () => {
    const test = await testApp();
    await ended(test, post(test, PRIOR));
    test.ports.source.withoutRetrieval = ['Bearer of-bob'];
    const answer = await post(test, PRIOR, PLACE, 'Bearer of-bob').expect(403);
    expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({ code: 'dicomweb/forbidden' });
  });

  it('refuses a series that was deleted meanwhile', async () => {
    const test = await testApp();
    await ended(test, post(test, PRIOR));
    test.ports.source.series.splice(1, 1);
    await post(test, PRIOR).expect(404);
  });

  it('records who compared which series', async () => {
    const test = await testApp();
    await ended(test, post(test, PRIOR));
    expect(test.ports.audited.find(({ purpose }) => purpose === 'match')?.studies).toMatchObject([
      { studyInstanceUid: CURRENT.studyInstanceUid },
      { studyInstanceUid: PRIOR.studyInstanceUid },
    ]);
  });
});
