import { setImmediate as nextTurn } from 'node:timers/promises';
import request from 'supertest';
import type { Response } from 'supertest';
import { CURRENT, Gate, NAMELESS, PRIOR, PRIOR_2, refOf, OTHER_PATIENT } from '../ports/testing/index.ts';
import { MATCH_METHODS } from '../matching/index.ts';
import * as schemas from '../apiSchemas/schemas.ts';
import * as statusSchemas from '../apiSchemas/statusSchemas.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { TestApp } from '../http/testing/testServer.ts';

const API = '/samepoint/api';
const AUTHORIZATION = 'Bearer of-alice';

function matchBody(targets = [refOf(PRIOR)]): object {
  return { query: refOf(CURRENT), targets, points: [{ id: 'a', lps: [1, 2, 3] }] };
}

function idOf({ body }: Response): string {
  return schemas.job.parse(body).id;
}

/** Puts the embeddings of the two series into the cache. */
async function warm(test: TestApp): Promise<void> {
  const answer = await request(test.app).post(`${API}/matches`).send(matchBody()).expect(202);
  await finished(test, idOf(answer));
}

async function finished({ app }: TestApp, id: string, authorization = ''): Promise<Record<string, unknown>> {
  for (;;) {
    const answer = await request(app).get(`${API}/jobs/${id}`).set('Authorization', authorization);
    const job = answer.body as Record<string, unknown>;
    if (job['state'] !== 'queued' && job['state'] !== 'running') return job;
    await nextTurn();
  }
}

describe('health and models', () => {
  it('say what runs', async () => {
    const { app } = await testApp();
    const health = await request(app).get(`${API}/health`).expect(200);
    expect(statusSchemas.healthAnswer.parse(health.body)).toEqual({
      status: 'ok',
      version: '1.2.3',
      model: 'm1',
      executionProvider: 'cpu',
      warnings: [],
    });
    const models = await request(app).get(`${API}/models`).expect(200);
    expect(statusSchemas.modelsAnswer.parse(models.body).models).toHaveLength(2);
  });
});

describe('series-embeddings', () => {
  it('answers a job first, and 200 once the embedding is at hand', async () => {
    const test = await testApp();
    const first = await request(test.app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(202);
    const job = schemas.job.parse(first.body);
    expect(job).toMatchObject({ kind: 'series-embedding' });
    expect(first.headers['location']).toBe(`${API}/jobs/${job.id}`);
    const ready = { state: 'ready', ...refOf(CURRENT), model: 'm1', warnings: [] };
    expect(await finished(test, job.id)).toMatchObject({ state: 'done', result: ready });
    const second = await request(test.app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(200);
    expect(schemas.seriesEmbeddingAnswer.parse(second.body)).toEqual(ready);
  });

  it.each([
    ['an unknown model', { ...refOf(CURRENT), model: 'm9' }, 404, 'embedding/unknown-model'],
    ['an unknown series', { ...refOf(CURRENT), seriesInstanceUid: '9.9' }, 404, 'dicomweb/series-not-found'],
    ['an unknown study', { ...refOf(CURRENT), studyInstanceUid: '9.9' }, 404, 'dicomweb/study-not-found'],
    ['no UID', { ...refOf(CURRENT), seriesInstanceUid: '../etc' }, 400, 'http/invalid-request'],
    ['an unknown key', { ...refOf(CURRENT), modell: 'm1' }, 400, 'http/invalid-request'],
  ])('refuses %s', async (_name, body, status, code) => {
    const { app } = await testApp();
    const answer = await request(app).post(`${API}/series-embeddings`).send(body).expect(status);
    expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({ code, status });
  });

  it('answers 503 with Retry-After when too many series are waiting', async () => {
    const { app, ports } = await testApp({ embedding: { queueLimit: 1 } });
    ports.control.gate = new Gate();
    for (const series of [CURRENT, PRIOR_2, PRIOR]) {
      await request(app).post(`${API}/series-embeddings`).send(refOf(series)).expect(202);
    }
    const answer = await request(app).post(`${API}/series-embeddings`).send(refOf(OTHER_PATIENT)).expect(503);
    expect(answer.body).toMatchObject({ error: { code: 'http/busy' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await request(app).post(`${API}/series-embeddings`).send(refOf(PRIOR)).expect(202);
    ports.control.gate.open();
  });

  it('answers 503 when too many jobs are running', async () => {
    const { app, ports } = await testApp({ jobs: { maxJobs: 1 } });
    ports.control.gate = new Gate();
    await request(app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(202);
    const answer = await request(app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(503);
    expect(answer.body).toMatchObject({ error: { code: 'http/too-many-jobs' } });
    ports.control.gate.open();
  });
});

describe('matches', () => {
  it('answers a job first, then the matches at once, both with the warnings of the series', async () => {
    const test = await testApp();
    const warning = { code: 'embedding/metal', message: 'metal' };
    test.ports.control.warnings = { [PRIOR.seriesInstanceUid]: [warning] };
    const first = await request(test.app).post(`${API}/matches`).send(matchBody()).expect(202);
    const job = await finished(test, idOf(first));
    const answer = await request(test.app).post(`${API}/matches`).send(matchBody()).expect(200);
    expect(schemas.job.parse(job).result).toEqual(answer.body);
    const { matches, warnings } = schemas.matchAnswer.parse(answer.body);
    expect(warnings).toEqual([{ series: refOf(PRIOR), ...warning }]);
    expect(matches).toMatchObject([
      { pointId: 'a', target: refOf(PRIOR), ok: true, match: { target: { lps: [1, 2, 13] } } },
    ]);
  });

  it('gives the failure of one point beside the success of another', async () => {
    const test = await testApp();
    await warm(test);
    const points = [
      { id: 'air', lps: [5000, 0, 0] },
      { id: 'lung', lps: [1, 2, 3] },
    ];
    const body = { ...matchBody(), points };
    const answer = await request(test.app).post(`${API}/matches`).send(body).expect(200);
    expect(schemas.matchAnswer.parse(answer.body).matches).toMatchObject([
      { pointId: 'air', ok: false, error: { code: 'matching/outside-volume', status: 422 } },
      { pointId: 'lung', ok: true },
    ]);
  });

  it.each([...MATCH_METHODS])('answers with the requested method: %s', async (method) => {
    const test = await testApp();
    await warm(test);
    const body = { ...matchBody(), method };
    const answer = await request(test.app).post(`${API}/matches`).send(body).expect(200);
    expect(schemas.matchAnswer.parse(answer.body).matches).toMatchObject([{ match: { method } }]);
  });

  it.each([
    ['another patient', matchBody([refOf(OTHER_PATIENT)]), 422, 'application/different-patients'],
    ['a study without PatientID', matchBody([refOf(NAMELESS)]), 422, 'application/patient-unknown'],
    ['the query as target', matchBody([refOf(CURRENT)]), 422, 'application/same-series'],
    ['an unknown method', { ...matchBody(), method: 'guess' }, 400, 'http/invalid-request'],
    ['a target twice', matchBody([refOf(PRIOR), refOf(PRIOR)]), 400, 'http/invalid-request'],
    ['no target', matchBody([]), 400, 'http/invalid-request'],
    ['no point', { ...matchBody(), points: [] }, 400, 'http/invalid-request'],
    [
      'a point in two dimensions',
      { ...matchBody(), points: [{ id: 'a', lps: [1, 2] }] },
      400,
      'http/invalid-request',
    ],
    [
      'a point of text',
      { ...matchBody(), points: [{ id: 'a', lps: ['1', 2, 3] }] },
      400,
      'http/invalid-request',
    ],
    [
      'an id twice',
      {
        ...matchBody(),
        points: [
          { id: 'a', lps: [1, 2, 3] },
          { id: 'a', lps: [1, 2, 3] },
        ],
      },
      400,
      'http/invalid-request',
    ],
  ])('refuses %s', async (_name, body, status, code) => {
    const { app, ports } = await testApp();
    const answer = await request(app).post(`${API}/matches`).send(body).expect(status);
    expect(answer.body).toMatchObject({ error: { code } });
    expect(ports.control.embedded).toBe(0);
  });

  it('names the wrong field', async () => {
    const { app } = await testApp();
    const body = { ...matchBody(), points: [{ id: 'a', lps: [1, 2, null] }] };
    const answer = await request(app).post(`${API}/matches`).send(body).expect(400);
    const { problems } = schemas.errorAnswer.parse(answer.body).error.fields;
    expect(problems).toEqual([expect.stringMatching(/^body\.points\.0\.lps\.2: /)]);
  });

  it('forwards the Authorization header to the PACS, whose refusal is the answer, also for cached series', async () => {
    const test = await testApp();
    await warm(test);
    test.ports.source.allowed = [AUTHORIZATION];
    const refused = await request(test.app).post(`${API}/matches`).send(matchBody()).expect(401);
    expect(refused.body).toMatchObject({ error: { code: 'dicomweb/unauthorized' } });
    await request(test.app)
      .post(`${API}/matches`)
      .set('Authorization', AUTHORIZATION)
      .send(matchBody())
      .expect(200);
  });
});

describe('jobs', () => {
  it('fail with the error of the catalogue, and the next request is served', async () => {
    const test = await testApp();
    test.ports.source.withheld = 1;
    const first = await request(test.app).post(`${API}/matches`).send(matchBody()).expect(202);
    const job = schemas.job.parse(await finished(test, idOf(first)));
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'application/series-incomplete', status: 409 },
    });
    test.ports.source.withheld = 0;
    await warm(test);
  });

  it('can be cancelled', async () => {
    const test = await testApp();
    test.ports.control.gate = new Gate();
    const answer = await request(test.app).post(`${API}/matches`).send(matchBody()).expect(202);
    const path = `${API}/jobs/${idOf(answer)}`;
    await request(test.app).delete(path).expect(204);
    expect((await request(test.app).get(path).expect(200)).body).toMatchObject({ state: 'cancelled' });
    delete test.ports.control.gate;
    await warm(test);
  });

  it('belong to the caller who made them', async () => {
    const test = await testApp();
    test.ports.control.gate = new Gate();
    const made = await request(test.app)
      .post(`${API}/matches`)
      .set('Authorization', AUTHORIZATION)
      .send(matchBody())
      .expect(202);
    const path = `${API}/jobs/${idOf(made)}`;
    for (const other of ['', 'Bearer of-mallory']) {
      for (const answer of [
        await request(test.app).get(path).set('Authorization', other),
        await request(test.app).get(`${path}/events`).set('Authorization', other),
        await request(test.app).delete(path).set('Authorization', other),
      ]) {
        expect(answer.status).toBe(404);
        expect(answer.body).toMatchObject({ error: { code: 'http/unknown-job' } });
      }
    }
    const own = await request(test.app).get(path).set('Authorization', AUTHORIZATION).expect(200);
    expect(['queued', 'running']).toContain((own.body as { state: string }).state);
    test.ports.control.gate.open();
  });

  it('have ids of one form only', async () => {
    const { app } = await testApp();
    const unknown = '6f1ed002-ab56-4a26-8d5f-0f0c5a1c9b11';
    expect((await request(app).get(`${API}/jobs/${unknown}`).expect(404)).body).toMatchObject({
      error: { code: 'http/unknown-job' },
    });
    expect((await request(app).get(`${API}/jobs/7`).expect(400)).body).toMatchObject({
      error: { code: 'http/invalid-request', fields: { problems: [expect.stringMatching(/^path\.id: /)] } },
    });
  });
});
