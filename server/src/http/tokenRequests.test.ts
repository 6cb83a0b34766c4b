/** Attacks that need more than one token: where it lies in the request, the clocks of both sides, and the keys over time. */
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import request from 'supertest';
import { attackKeys } from '../auth/testing/attacks.ts';
import { claimsOf, NOW_S, sign } from '../auth/testing/provider.ts';
import type { ProviderKey } from '../auth/testing/provider.ts';
import { portOf } from '../concurrency/testing/portOf.ts';
import { requestWith, securedApp } from './testing/securedApp.ts';

const MODELS = '/samepoint/api/models';
/** The greatest difference of clocks that the configuration allows, s. */
const SKEW_S = 300;

let key: ProviderKey;
let otherKey: ProviderKey;
beforeAll(async () => {
  ({ key, otherKey } = await attackKeys());
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('where the token lies', () => {
  let server: Server;
  let token: string;
  let log: string[];
  beforeAll(async () => {
    const { app, rawLog } = await securedApp([key.jwk]);
    log = rawLog;
    token = await sign(key);
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
  });

  /** Header lines as they are, also twice. */
  const send = async (path: string, lines: readonly (readonly [string, string])[], body?: string) => {
    const { port, host } = { port: portOf(server), host: '127.0.0.1' };
    const headers = ['Host', `${host}:${port}`, ...lines.flat()];
    const sent = httpRequest({ host, port, path, headers, method: body === undefined ? 'GET' : 'POST' });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const { error } = JSON.parse(await text(answer)) as { error?: { code: string; fields: object } };
    return { status: answer.statusCode, code: error?.code, fields: error?.fields };
  };
  const form = { status: 401, code: 'auth/login-refused', fields: { problem: 'form' } };
  const required = { status: 401, code: 'auth/login-required' };

  it('once in the header: accepted', async () => {
    expect(await send(MODELS, [['Authorization', `Bearer ${token}`]])).toMatchObject({ status: 200 });
  });

  it.each<[string, (valid: string) => Parameters<typeof send>, object]>([
    [
      'in two headers, the valid one first',
      (valid) => [
        MODELS,
        [
          ['Authorization', `Bearer ${valid}`],
          ['authorization', 'Bearer other'],
        ],
      ],
      form,
    ],
    [
      'in two headers, the valid one last',
      (valid) => [
        MODELS,
        [
          ['Authorization', 'Bearer other'],
          ['AUTHORIZATION', `Bearer ${valid}`],
        ],
      ],
      form,
    ],
    [
      'twice in one header',
      (valid) => [MODELS, [['Authorization', `Bearer ${valid}, Bearer ${valid}`]]],
      form,
    ],
    ['in the query', (valid) => [`${MODELS}?access_token=${valid}`, []], required],
    [
      'in the body of a form',
      (valid) => [
        '/samepoint/api/matches',
        [['Content-Type', 'application/x-www-form-urlencoded']],
        `access_token=${valid}`,
      ],
      required,
    ],
    ['in a cookie', (valid) => [MODELS, [['Cookie', `access_token=${valid}`]]], required],
    ['in a header of a proxy', (valid) => [MODELS, [['X-Forwarded-Access-Token', valid]]], required],
    ['under another scheme', (valid) => [MODELS, [['Authorization', `Token ${valid}`]]], form],
    ['without its signature', (valid) => [MODELS, [['Authorization', `Bearer ${unsigned(valid)}.`]]], form],
    ['without its third part', (valid) => [MODELS, [['Authorization', `Bearer ${unsigned(valid)}`]]], form],
  ])('%s: refused, and not in the log', async (_what, requestOf, expected) => {
    expect(await send(...requestOf(token))).toMatchObject(expected);
    for (const part of token.split('.')) expect(log.join('')).not.toContain(part);
  });
});

function unsigned(token: string): string {
  return token.split('.').slice(0, 2).join('.');
}

describe('clocks that differ by five minutes, where that is allowed', () => {
  it.each<[string, object, number]>([
    ['ended 299 s ago', { exp: NOW_S - SKEW_S + 1 }, 200],
    ['ended 300 s ago', { exp: NOW_S - SKEW_S }, 401],
    ['valid in 300 s', { nbf: NOW_S + SKEW_S }, 200],
    ['valid in 301 s', { nbf: NOW_S + SKEW_S + 1 }, 401],
    ['issued in 300 s', { iat: NOW_S + SKEW_S }, 200],
    ['issued in 301 s', { iat: NOW_S + SKEW_S + 1 }, 401],
  ])('a token that has %s', async (_what, changes, status) => {
    const test = await securedApp([key.jwk], { clockSkewS: SKEW_S });
    await requestWith(test, await sign(key, claimsOf(changes))).expect(status);
  });
});

describe('a provider that does not answer any more', () => {
  it('is not needed while its keys are young; afterwards no token is accepted, and it is said', async () => {
    const startMs = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(startMs);
    const test = await securedApp([key.jwk]);
    await requestWith(test, await sign(key)).expect(200);
    test.provider.failure = new TypeError('fetch failed');
    clock.mockReturnValue(startMs + 599_000);
    await requestWith(test, await sign(key)).expect(200);
    clock.mockReturnValue(startMs + 601_000);
    const answer = await requestWith(test, await sign(key)).expect(503);
    expect(answer.body).toMatchObject({ error: { code: 'auth/keys-unavailable' } });
    test.provider.failure = undefined;
    test.time.ms = 31_000;
    await requestWith(test, await sign(key)).expect(200);
  });

  it('does not let a token of an unknown key in, and goes on with the known one', async () => {
    const startMs = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(startMs);
    const test = await securedApp([key.jwk]);
    await requestWith(test, await sign(key)).expect(200);
    test.provider.failure = new TypeError('fetch failed');
    clock.mockReturnValue(startMs + 31_000);
    await requestWith(test, await sign(otherKey)).expect(503);
    await requestWith(test, await sign(key)).expect(200);
  });
});

describe('a token after the logout of its reader', () => {
  it('is accepted until it ends: it is signed, and nothing about it is kept here', async () => {
    const token = await sign(key, claimsOf({ exp: NOW_S + 1 }));
    await requestWith(await securedApp([key.jwk]), token).expect(200);
    const later = await securedApp([key.jwk], { clock: () => (NOW_S + 31) * 1000 });
    await requestWith(later, token).expect(401);
  });
});

test('a token for nothing but reading cannot be raised by a claim in the request', async () => {
  const test = await securedApp([key.jwk]);
  const answer = await request(test.app)
    .post('/samepoint/api/reports?roles=samepoint-saver')
    .set('Authorization', `Bearer ${await sign(key)}`)
    .set('X-Roles', 'samepoint-saver')
    .send({ roles: ['samepoint-saver'] });
  expect(answer.body).toMatchObject({ error: { code: 'auth/role-missing' } });
});
