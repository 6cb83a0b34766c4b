import request from 'supertest';
import { SamepointError } from '../errors/index.ts';
import type { AppParts } from '../http/app.ts';
import { testApp } from '../http/testing/testServer.ts';

const PATH = '/samepoint/api/arrivals';
const SECRET = 'a secret that a PACS and this server share';
const STUDY = { studyInstanceUid: '1.2.3' };

let reported: (readonly [string, string | undefined])[];
beforeEach(() => {
  reported = [];
});

const reports = {
  secret: SECRET,
  report: (study: string, source?: string) => {
    reported.push([study, source]);
    return source === 'unknown'
      ? Promise.reject(new SamepointError('arrival/not-watched', {}))
      : Promise.resolve();
  },
};

/** A verifier that lets no caller in. */
const closed: AppParts['verifier'] = {
  verify: () => Promise.reject(new SamepointError('auth/login-required', {})),
};

async function post(
  sent: object,
  secret: string | undefined,
  parts: Partial<AppParts> = { arrivals: reports },
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { app } = await testApp({}, parts);
  const posted = request(app).post(PATH).send(sent);
  const answer = await (secret === undefined ? posted : posted.set('Samepoint-Arrival-Secret', secret));
  return { status: answer.status, body: answer.body as unknown };
}

describe('POST /arrivals', () => {
  it('writes a study down; the secret lets it in where every other request needs a login', async () => {
    const answer = await post(STUDY, SECRET, { arrivals: reports, verifier: closed });
    expect([answer.status, answer.body]).toEqual([202, { accepted: true }]);
    await post({ ...STUDY, source: 'archive' }, SECRET);
    expect(reported).toEqual([
      ['1.2.3', undefined],
      ['1.2.3', 'archive'],
    ]);
  });

  it.each([undefined, '', 'another secret of the same sort, as long'])(
    'refuses the secret %p',
    async (secret) => {
      const { status, body } = await post(STUDY, secret);
      expect([status, body]).toMatchObject([401, { error: { code: 'arrival/secret-wrong' } }]);
      expect(reported).toEqual([]);
    },
  );

  it('accepts no report without a secret of the server, or where no PACS is watched', async () => {
    const withoutSecret = await post(STUDY, '', { arrivals: { ...reports, secret: undefined } });
    const unwatched = await post(STUDY, SECRET, {});
    for (const { status, body } of [
      withoutSecret,
      unwatched,
      await post({ ...STUDY, source: 'unknown' }, SECRET),
    ])
      expect([status, body]).toMatchObject([404, { error: { code: 'arrival/not-watched' } }]);
  });

  it.each([
    {},
    { studyInstanceUid: '1.2/../3' },
    { ...STUDY, url: 'https://elsewhere.example/studies/1.2.3' },
    { studyInstanceUid: 'https://elsewhere.example' },
  ])('refuses %j: a UID, and no address', async (body) => {
    expect((await post(body, SECRET)).status).toBe(400);
    expect(reported).toEqual([]);
  });
});
