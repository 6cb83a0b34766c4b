import request from 'supertest';
import type { Response } from 'supertest';
import { CURRENT, refOf } from '../ports/testing/index.ts';
import { encodeTemplate, makeTemplate } from '../landmarks/index.ts';
import { matchPoints } from '../matching/index.ts';
import { SYNTHETIC_MODEL } from '../matching/pool/syntheticEmbedding.ts';
import { PLACES, queryEmbedding } from '../matching/testing/affinePair.ts';
import { landmarksAnswer, landmarkTemplate } from '../apiSchemas/landmarksSchemas.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { TestApp } from '../http/testing/testServer.ts';

const API = '/samepoint/api';
const LANDMARKS = PLACES.map((lps, n) => ({ name: `landmark ${n}`, lps: [...lps] }));

const post = ({ app }: TestApp, path: string, body: object): Promise<Response> =>
  Promise.resolve(request(app).post(`${API}${path}`).send(body));

/** An app whose cache holds the series under the vectors of a synthetic one. */
async function embedded(): Promise<TestApp> {
  const test = await testApp();
  const begun = await request(test.app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(202);
  const { id } = begun.body as { readonly id: string };
  for (;;) {
    const job = await request(test.app).get(`${API}/jobs/${id}`);
    if ((job.body as { readonly state: string }).state === 'done') break;
  }
  const { maps, bodyMask, volume } = queryEmbedding;
  const { dims, voxelToLps } = volume;
  test.ports.modules.matchPoints = matchPoints;
  for (const [key, kept] of test.ports.stored) {
    const slices = Array.from({ length: dims[2] }, () => kept.volume.slices[0]!);
    const shown = { ...kept.volume, dims, voxelToLps, slices };
    test.ports.stored.set(key, { ...kept, maps, bodyMask, volume: shown });
  }
  return test;
}

describe('landmarks', () => {
  const template = async (test: TestApp): Promise<object> =>
    landmarkTemplate.parse(
      (await post(test, '/landmark-templates', { series: refOf(CURRENT), landmarks: LANDMARKS })).body,
    );

  it('become a template without identity, and are found again', async () => {
    const test = await embedded();
    const made = await template(test);
    const { seriesInstanceUid, studyInstanceUid } = refOf(CURRENT);
    for (const uid of [seriesInstanceUid, studyInstanceUid]) expect(JSON.stringify(made)).not.toContain(uid);
    const answer = await post(test, '/landmarks', { series: refOf(CURRENT), templates: [made, made] });
    expect(answer.status).toBe(200);
    const { landmarks } = landmarksAnswer.parse(answer.body);
    expect(landmarks.map(({ name }) => name)).toEqual(LANDMARKS.map(({ name }) => name));
    for (const landmark of landmarks)
      expect(landmark).toMatchObject({ ok: true, landmark: { verdict: 'uncertain', votes: 2 } });
  });

  it('are of an embedded series only', async () => {
    const test = await testApp();
    const answer = await post(test, '/landmark-templates', { series: refOf(CURRENT), landmarks: LANDMARKS });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'landmarks/not-embedded' } } });
  });

  it('are given to whom the PACS shows the series only', async () => {
    const test = await embedded();
    const made = await template(test);
    test.ports.source.allowed = [];
    const body = { series: refOf(CURRENT), templates: [made] };
    expect((await post(test, '/landmarks', body)).status).toBe(401);
    const landmarks = { series: refOf(CURRENT), landmarks: LANDMARKS };
    expect((await post(test, '/landmark-templates', landmarks)).status).toBe(401);
  });

  it('are not found by a template of another model or of another form', async () => {
    const test = await embedded();
    const other = encodeTemplate(
      makeTemplate(queryEmbedding, [{ name: 'a', lps: PLACES[0]! }], {
        ...SYNTHETIC_MODEL,
        id: 'm1',
        version: '0',
      }),
    );
    const series = refOf(CURRENT);
    expect(await post(test, '/landmarks', { series, templates: [other] })).toMatchObject({
      status: 422,
      body: { error: { code: 'landmarks/other-model' } },
    });
    const torn = { ...(await template(test)), mask: 'AAAA' };
    expect((await post(test, '/landmarks', { series, templates: [torn] })).status).toBe(400);
    expect((await post(test, '/landmarks', { series, templates: [] })).status).toBe(400);
  });
});
