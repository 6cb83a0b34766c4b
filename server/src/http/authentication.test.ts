import { jest } from '@jest/globals';
import { SignJWT } from 'jose';
import request from 'supertest';
import { CURRENT, PRIOR, refOf } from '../ports/testing/index.ts';
import { attackKeys, ATTACKS } from '../auth/testing/attacks.ts';
import { AUDIENCE, claimsOf, ISSUER, NOW_S, sign } from '../auth/testing/provider.ts';
import type { ProviderKey } from '../auth/testing/provider.ts';
import { createOpenapi } from '../resources/openapiDocument.ts';
import { requestWith as get, securedApp as appWith } from './testing/securedApp.ts';
import type { SecuredApp } from './testing/securedApp.ts';

const API = '/samepoint/api';
const SECRET_TEXT = 'a name that only the token holds';

let key: ProviderKey;
let otherKey: ProviderKey;
beforeAll(async () => {
  ({ key, otherKey } = await attackKeys());
});

const securedApp = (keys: object[] = [key.jwk], changes: object = {}): Promise<SecuredApp> =>
  appWith(keys, changes);

describe('tokens that are not accepted', () => {
  it.each(ATTACKS)('%s', async (_what, make, status, detail) => {
    const test = await securedApp();
    const token = await make({ key, otherKey });
    const answer = await get(test, token);
    const expected =
      status === 401
        ? { code: 'auth/login-refused', status, fields: { problem: detail } }
        : { code: 'auth/role-missing', status, fields: { role: detail } };
    expect([answer.status, answer.body]).toMatchObject([status, { error: expected }]);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="samepoint"');
    const said = `${answer.text}${test.rawLog.join('')}`;
    expect(said).not.toMatch(/ at |node_modules|\.ts:|alice|bob|attacker/);
    for (const part of token.split('.').filter(({ length }) => length > 8)) expect(said).not.toContain(part);
    // Nothing is requested from the addresses that a token names.
    expect(test.provider.requested.filter((url) => !url.startsWith(`${ISSUER}/`))).toEqual([]);
    expect(test.ports.source.requests).toEqual([]);
  });

  it('no token at all, or another scheme', async () => {
    const { app } = await securedApp();
    const without = await request(app).get(`${API}/models`).expect(401);
    expect(without.body).toMatchObject({ error: { code: 'auth/login-required' } });
    const basic = await request(app)
      .get(`${API}/models`)
      .set('Authorization', 'Basic YWxpY2U6cA==')
      .expect(401);
    expect(basic.body).toMatchObject({ error: { code: 'auth/login-refused' } });
  });
});

describe('tokens that are accepted', () => {
  it.each([
    ['at+jwt', {}],
    ['JWT', { typ: 'JWT' }],
    ['without a type', { typ: undefined }],
  ])('%s', async (_what, changes) => {
    await get(await securedApp(), await sign(key, claimsOf(), changes)).expect(200);
  });

  it('for several audiences, and by clocks that differ a little', async () => {
    const claims = claimsOf({ aud: ['ohif', AUDIENCE], exp: NOW_S - 29, iat: NOW_S + 29, nbf: NOW_S + 29 });
    await get(await securedApp(), await sign(key, claims)).expect(200);
  });

  it('with roles at a path, or as words of a scope', async () => {
    const nested = claimsOf({ roles: undefined, realm_access: { roles: ['samepoint-reader'] } });
    await get(
      await securedApp(undefined, { rolesClaim: 'realm_access.roles' }),
      await sign(key, nested),
    ).expect(200);
    const scope = claimsOf({ roles: undefined, scope: 'openid samepoint-reader' });
    await get(await securedApp(undefined, { rolesClaim: 'scope' }), await sign(key, scope)).expect(200);
  });

  it('are passed on to the PACS, which decides', async () => {
    const test = await securedApp();
    const token = await sign(key);
    test.ports.source.allowed = ['Bearer another'];
    const series = refOf(CURRENT);
    const answer = await request(test.app)
      .post(`${API}/series-embeddings`)
      .set('Authorization', `Bearer ${token}`)
      .send(series)
      .expect(401);
    expect(answer.body).toMatchObject({ error: { code: 'dicomweb/unauthorized' } });
  });
});

describe('roles', () => {
  const roleOf = (role: string) => sign(key, claimsOf({ roles: [`samepoint-${role}`] }));

  it('a reader matches and does not save', async () => {
    const { app } = await securedApp();
    const authorization = `Bearer ${await roleOf('reader')}`;
    const body = { query: refOf(CURRENT), targets: [refOf(PRIOR)], points: [{ id: 'a', lps: [1, 2, 3] }] };
    await request(app).post(`${API}/matches`).set('Authorization', authorization).send(body).expect(202);
    for (const path of ['/reports', '/time-point-reports', '/reports/', '/Reports', '/matches/../reports']) {
      const answer = await request(app)
        .post(`${API}${path}`)
        .set('Authorization', authorization)
        .send({})
        .expect(403);
      expect(answer.body).toMatchObject({ error: { code: 'auth/role-missing', fields: { role: 'saver' } } });
    }
    await request(app).post('/dicom-web/studies').set('Authorization', authorization).expect(403);
    await request(app).get('/dicom-web/studies').set('Authorization', authorization).expect(200);
  });

  it('every POST of the API is known as reading or saving', async () => {
    const { app } = await securedApp();
    const authorization = `Bearer ${await roleOf('reader')}`;
    const { paths } = createOpenapi(API, '1');
    const posts = Object.entries(paths ?? {}).filter(([, item]) => 'post' in item);
    const forbidden: string[] = [];
    for (const [path] of posts) {
      const answer = await request(app).post(`${API}${path}`).set('Authorization', authorization).send({});
      if (answer.status === 403) forbidden.push(path);
    }
    expect(forbidden.sort()).toEqual(['/registrations', '/reports', '/time-point-reports']);
  });

  it('who saves reads, too', async () => {
    const test = await securedApp();
    const token = await roleOf('saver');
    await get(test, token).expect(200);
    const saved = await request(test.app)
      .post(`${API}/reports`)
      .set('Authorization', `Bearer ${token}`)
      .send({});
    expect(saved.body).toMatchObject({ error: { code: 'http/invalid-request' } });
  });

  it.each(['metrics', 'board', 'board/api/queues'])(
    'an administrator sees %s, others do not',
    async (name) => {
      const test = await securedApp();
      const path = `/samepoint/${name}`;
      await get(test, await roleOf('admin'), path).expect(200);
      await get(test, await roleOf('reader'), path).expect(403);
      await get(test, await roleOf('saver'), path).expect(403);
      await request(test.app).get(path).expect(401);
    },
  );

  it('none is needed for what says nothing of a patient', async () => {
    const { app } = await securedApp();
    for (const path of ['/health', '/health/live', '/health/ready', '/openapi.json']) {
      await request(app).get(`${API}${path}`).expect(200);
    }
    await request(app).post(`${API}/health`).expect(401);
    await request(app).get(`${API}/HEALTH`).expect(401);
    await request(app).get(`${API}/nothing`).expect(401);
    await request(app).get('/dicom-web/studies').expect(401);
  });
});

describe('keys of the provider', () => {
  const newToken = (): Promise<string> => sign(otherKey);

  it('are fetched once, by discovery', async () => {
    const test = await securedApp();
    const token = await sign(key);
    for (let n = 0; n < 3; n += 1) await get(test, token).expect(200);
    expect(test.provider.requested).toEqual([
      `${ISSUER}/.well-known/openid-configuration`,
      `${ISSUER}/certs`,
    ]);
  });

  it('are fetched again for an unknown one, not more often than the pause allows', async () => {
    const startMs = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(startMs);
    const test = await securedApp();
    await get(test, await sign(key)).expect(200);
    test.provider.keys = [otherKey.jwk];
    const tokens = await Promise.all(Array.from({ length: 20 }, newToken));
    for (const token of tokens) await get(test, token);
    const fetched = test.provider.requested.filter((url) => url.endsWith('/certs'));
    expect(fetched).toHaveLength(1);
    clock.mockReturnValue(startMs + 31_000);
    await get(test, await newToken()).expect(200);
    const rotated = await get(test, await sign(key));
    expect([rotated.status, rotated.body]).toMatchObject([401, { error: { fields: { problem: 'key' } } }]);
    clock.mockRestore();
  });

  it.each([
    ['cannot be fetched', []],
    ['hold a private key', 'secret'],
    ['hold a symmetric key', 'symmetric'],
  ])('let no request in where they %s; the next attempt waits', async (_what, kind) => {
    const symmetric = { kty: 'oct', k: 'c2VjcmV0', kid: 'key-0' };
    const published = kind === 'secret' ? [key.secretJwk] : [key.jwk, symmetric];
    const test = await securedApp(published);
    if (typeof kind !== 'string') test.provider.failure = new TypeError(`fetch failed ${SECRET_TEXT}`);
    for (let n = 0; n < 3; n += 1) {
      const answer = await get(test, await sign(key));
      expect([answer.status, answer.body]).toMatchObject([503, { error: { code: 'auth/keys-unavailable' } }]);
      expect(answer.text).not.toContain(SECRET_TEXT);
      expect(answer.headers['retry-after']).toBe('30');
    }
    expect(test.provider.requested.length).toBeLessThanOrEqual(2);
    test.provider.failure = undefined;
    test.provider.keys = [key.jwk];
    test.time.ms = 31_000;
    await get(test, await sign(key)).expect(200);
  });

  it('are not those of another issuer', async () => {
    const test = await securedApp([key.jwk], {
      fetch: () =>
        Promise.resolve(Response.json({ issuer: 'https://attacker.example', jwks_uri: 'https://x' })),
    });
    await get(test, await sign(key)).expect(503);
  });
});

test('a secret of both is no key', async () => {
  const secret = new TextEncoder().encode('a secret of both, long enough for HS256');
  const token = await new SignJWT(claimsOf()).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  const answer = await get(
    await securedApp([{ kty: 'oct', k: Buffer.from(secret).toString('base64url') }]),
    token,
  );
  expect([answer.status, answer.body]).toMatchObject([401, { error: { fields: { problem: 'algorithm' } } }]);
});
