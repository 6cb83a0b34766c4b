import request from 'supertest';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CURRENT, PRIOR, refOf } from '../ports/testing/index.ts';
import { job, matchAnswer } from '../apiSchemas/schemas.ts';
import { testApp } from '../http/testing/testServer.ts';

const API = '/samepoint/api';
const longAxis = [
  [0, 2, 3],
  [5, 2, 3],
];
const shortAxis = [
  [2, 1, 3],
  [2, 3, 3],
];

function bodyWith(axes: unknown): object {
  return { query: refOf(CURRENT), targets: [refOf(PRIOR)], points: [{ id: 'a', lps: [1, 2, 3], axes }] };
}

describe('diameters of a point', () => {
  it.each([{ longAxis, shortAxis }, { longAxis }])('come back in the target: %j', async (axes) => {
    const { app } = await testApp();
    const answer = await request(app).post(`${API}/matches`).send(bodyWith(axes)).expect(202);
    const { id } = job.parse(answer.body);
    let ended = job.parse(answer.body);
    while (ended.state === 'queued' || ended.state === 'running') {
      await nextTurn();
      ended = job.parse((await request(app).get(`${API}/jobs/${id}`)).body);
    }
    const { matches } = matchAnswer.parse(ended.result);
    expect(matches).toMatchObject([{ ok: true, match: { axes: { ...axes, isFitted: false } } }]);
  });

  it.each([[{}], [{ shortAxis }], [{ longAxis: [[1, 2, 3]] }], [{ longAxis, length: 5 }], [{ longAxis: 5 }]])(
    'refuse %j',
    async (axes) => {
      const { app } = await testApp();
      const answer = await request(app).post(`${API}/matches`).send(bodyWith(axes)).expect(400);
      expect(answer.body).toMatchObject({ error: { code: 'http/invalid-request' } });
    },
  );
});
