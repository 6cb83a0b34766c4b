/** Logins at a real OpenID provider: what a viewer gets there opens the API, each role its part of it, and nothing else does. */
import { join } from 'node:path';
import { AUDIENCE, startIdentityProvider } from '../support/identityProvider.ts';
import type { IdentityProvider } from '../support/identityProvider.ts';
import { temporaryFolder } from '../support/paths.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';

let provider: IdentityProvider;
let server: SamepointServer;
beforeAll(async () => {
  provider = await startIdentityProvider();
  server = await startSamepoint({
    archive: { directory: join(temporaryFolder('oidc'), 'archive') },
    auth: { oidc: { issuer: provider.issuer, audience: [AUDIENCE] } },
    log: { level: 'info' },
  });
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
});

async function send(method: string, path: string, token?: string): Promise<{ status: number; code: string }> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
    },
    ...(method === 'POST' ? { body: '{}' } : {}),
  });
  const body = (await response.json()) as { error?: { code: string } };
  return { status: response.status, code: body.error?.code ?? '' };
}

const API = '/samepoint/api';
const STUDY = 'studyInstanceUid=1.2.840.99.1';

test('a reader reads: the token goes on to the PACS, which has no such study', async () => {
  const { access_token: token } = await provider.login('reader');
  expect(await send('GET', `${API}/models`, token)).toEqual({ status: 200, code: '' });
  expect(await send('GET', `${API}/priors?${STUDY}`, token)).toEqual({
    status: 404,
    code: 'dicomweb/study-not-found',
  });
  expect(await send('GET', '/dicom-web/studies', token)).toEqual({ status: 200, code: '' });
  expect(await send('POST', `${API}/reports`, token)).toEqual({ status: 403, code: 'auth/role-missing' });
});

test('who may save gets as far as the report itself', async () => {
  const { access_token: token } = await provider.login('saver');
  expect(await send('POST', `${API}/reports`, token)).toEqual({ status: 400, code: 'http/invalid-request' });
  expect(await send('GET', '/samepoint/metrics', token)).toEqual({ status: 403, code: 'auth/role-missing' });
});

test('a user without a role is known and opens nothing', async () => {
  const { access_token: token } = await provider.login('visitor');
  expect(await send('GET', `${API}/models`, token)).toEqual({ status: 403, code: 'auth/role-missing' });
});

test('the token that says who somebody is, and one for another resource, are none for this server', async () => {
  const { id_token: identity } = await provider.login('reader');
  const { access_token: other } = await provider.login('reader', false);
  for (const token of [identity, other]) {
    expect(await send('GET', `${API}/models`, token)).toEqual({ status: 401, code: 'auth/login-refused' });
  }
  expect(await send('GET', `${API}/models`)).toEqual({ status: 401, code: 'auth/login-required' });
  expect(await send('GET', '/dicom-web/studies')).toEqual({ status: 401, code: 'auth/login-required' });
});

test('no token is in the log', async () => {
  const { access_token: token } = await provider.login('reader');
  await send('GET', `${API}/models`, token);
  await send('GET', `${API}/models`, `${token}x`);
  const log = server.background.output();
  expect(log).toContain('auth/login-refused');
  for (const part of token.split('.')) expect(log).not.toContain(part);
});
