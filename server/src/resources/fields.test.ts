import { setImmediate as nextTurn } from 'node:timers/promises';
import request from 'supertest';
import type { Test } from 'supertest';
import { CURRENT, Gate, NAMELESS, OTHER_PATIENT, PRIOR, refOf } from '../ports/testing/index.ts';
import type { FakeSeries } from '../ports/testing/index.ts';
import { SamepointError } from '../errors/index.ts';
import { decodeField } from '../fieldFormat/index.ts';
import * as schemas from '../apiSchemas/schemas.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { TestApp } from '../http/testing/testServer.ts';

const API = '/samepoint/api';
const MEDIA_TYPE = 'application/vnd.samepoint.field';

function post({ app }: TestApp, query: FakeSeries, target: FakeSeries, authorization = ''): Test {
  return request(app)
    .post(`${API}/fields`)
    .set('Authorization', authorization)
    .send({ query: refOf(query), target: refOf(target) });
}

/** The job of a request, when it has ended. */
async function ended({ app }: TestApp, body: unknown): Promise<ReturnType<typeof schemas.job.parse>> {
  const { id } = schemas.job.parse(body);
  for (;;) {
    const answer = await request(app).get(`${API}/jobs/${id}`);
    const job = schemas.job.parse(answer.body);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    await nextTurn();
  }
}

/** Has the field of a pair computed. */
async function computed(test: TestApp): Promise<ReturnType<typeof schemas.job.parse>> {
  return await ended(test, (await post(test, CURRENT, PRIOR).expect(202)).body);
}

/** The series of a field, from its header. */
function seriesIn(body: unknown): readonly (string | undefined)[] {
  const field = decodeField(body as Buffer);
  return [field?.query.seriesInstanceUid, field?.target.seriesInstanceUid];
}

describe('fields', () => {
  it('answers a job first; when it is done, the same request gives the bytes', async () => {
    const test = await testApp();
    expect(await computed(test)).toMatchObject({
      kind: 'field',
      state: 'done',
      result: { state: 'ready', query: refOf(CURRENT), target: refOf(PRIOR), model: 'm1' },
    });
    const answer = await post(test, CURRENT, PRIOR).responseType('blob').expect(200);
    expect(answer.headers).toMatchObject({
      'content-type': MEDIA_TYPE,
      'cache-control': 'no-store',
      'content-encoding': 'gzip',
    });
    expect(seriesIn(answer.body)).toEqual([CURRENT.seriesInstanceUid, PRIOR.seriesInstanceUid]);
  });

  it('sends the bytes as they are to a client that reads no gzip', async () => {
    const test = await testApp();
    await computed(test);
    const answer = await post(test, CURRENT, PRIOR)
      .set('Accept-Encoding', 'identity')
      .responseType('blob')
      .expect(200);
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(seriesIn(answer.body)).toEqual([CURRENT.seriesInstanceUid, PRIOR.seriesInstanceUid]);
  });

  it('computes the map of the exchanged pair on its own', async () => {
    const test = await testApp();
    await computed(test);
    await post(test, PRIOR, CURRENT).expect(202);
  });

  it('computes a field once for two callers', async () => {
    const test = await testApp();
    const gate = new Gate();
    test.ports.control.gate = gate;
    let calls = 0;
    const { modules } = test.ports;
    const computeField = modules.computeField.bind(modules);
    Object.assign(test.ports.modules, {
      computeField: async (...args: Parameters<typeof computeField>) => {
        calls += 1;
        await nextTurn();
        return await computeField(...args);
      },
    });
    const jobs = [await post(test, CURRENT, PRIOR), await post(test, CURRENT, PRIOR)];
    gate.open();
    for (const { body } of jobs) expect(await ended(test, body)).toMatchObject({ state: 'done' });
    expect(calls).toBe(1);
  });

  it('gives the bytes also where the disk keeps none', async () => {
    const test = await testApp();
    const { cache } = test.ports;
    const putField = cache.putField.bind(cache);
    Object.assign(test.ports.cache, {
      putField: async (...args: Parameters<typeof putField>) => {
        await putField(...args);
        const warning = new SamepointError('embedding/cache-write-failed', { problem: 'ENOSPC', bytes: 1 });
        return { stored: false, warning };
      },
    });
    await computed(test);
    await post(test, CURRENT, PRIOR).expect(200);
    expect(test.ports.logged.map(({ message }) => message)).toContain('a field could not be kept on disk');
  });

  it.each([
    ['another patient', OTHER_PATIENT, 403, 'application/different-patients'],
    ['a patient that is not named', NAMELESS, 403, 'application/patient-unknown'],
    ['the series itself', CURRENT, 422, 'application/same-series'],
    ['a series that is not there', { ...PRIOR, seriesInstanceUid: '9.9' }, 404, 'dicomweb/series-not-found'],
  ])('refuses %s', async (_name, target, _status, code) => {
    const test = await testApp();
    const answer = await post(test, CURRENT, target);
    expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({ code });
  });

  it('gives a kept field to no caller to whom the PACS does not send the images', async () => {
    const test = await testApp();
    await computed(test);
    test.ports.source.withoutRetrieval = ['Bearer of-bob'];
    const answer = await post(test, CURRENT, PRIOR, 'Bearer of-bob').expect(403);
    expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({ code: 'dicomweb/forbidden' });
  });

  it('computes anew when the images have changed under the same UIDs', async () => {
    const test = await testApp();
    await computed(test);
    test.ports.source.series[1] = { ...PRIOR, pixels: 'others' };
    await post(test, CURRENT, PRIOR).expect(202);
  });

  it('refuses a series that was deleted after its field was kept', async () => {
    const test = await testApp();
    await computed(test);
    test.ports.source.series.splice(1, 1);
    await post(test, CURRENT, PRIOR).expect(404);
  });

  it('fails a job with the reason why the pair has no map', async () => {
    const test = await testApp();
    Object.assign(test.ports.modules, {
      computeField: () => Promise.reject(new SamepointError('matching/no-common-region', {})),
    });
    expect(await computed(test)).toMatchObject({
      state: 'failed',
      error: { code: 'matching/no-common-region' },
    });
  });

  it('is cancelled as other jobs are', async () => {
    const test = await testApp();
    test.ports.control.gate = new Gate();
    const { id } = schemas.job.parse((await post(test, CURRENT, PRIOR).expect(202)).body);
    await request(test.app).delete(`${API}/jobs/${id}`).expect(204);
    const answer = await request(test.app).get(`${API}/jobs/${id}`).expect(200);
    expect(answer.body).toMatchObject({ state: 'cancelled' });
  });

  it('records who had which pair mapped', async () => {
    const test = await testApp();
    await computed(test);
    expect(test.ports.audited.find(({ purpose }) => purpose === 'field')?.studies).toMatchObject([
      { studyInstanceUid: CURRENT.studyInstanceUid },
      { studyInstanceUid: PRIOR.studyInstanceUid },
    ]);
  });
});
