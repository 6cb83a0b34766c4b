/** An app that verifies tokens of a fake provider. Nothing of the product imports this file. */
import { Router } from 'express';
import request from 'supertest';
import { createVerifier } from '../../auth/index.ts';
import { AUDIENCE, fakeProvider, ISSUER, NOW_S } from '../../auth/testing/provider.ts';
import type { FakeProvider } from '../../auth/testing/provider.ts';
import { testApp } from './testServer.ts';
import type { TestApp } from './testServer.ts';

/** The app, and what a test may change behind it. */
export interface SecuredApp extends TestApp {
  readonly provider: FakeProvider;
  /** Monotonic time, ms. */
  readonly time: { ms: number };
}

/** An app at {@link NOW_S} whose provider publishes these keys; `changes` are options of the verifier. */
export async function securedApp(keys: object[], changes: object = {}): Promise<SecuredApp> {
  const provider = fakeProvider(keys);
  const time = { ms: 0 };
  const verifier = createVerifier({
    issuer: ISSUER,
    audiences: [AUDIENCE],
    algorithms: ['RS256', 'ES256'],
    clockSkewS: 30,
    rolesClaim: 'roles',
    readerRoles: ['samepoint-reader'],
    saverRoles: ['samepoint-saver'],
    adminRoles: ['samepoint-admin'],
    keysCooldownS: 30,
    keysMaxAgeS: 600,
    fetch: provider.fetch,
    clock: () => NOW_S * 1000,
    monotonic: () => time.ms,
    ...changes,
  });
  const metrics = {
    request: () => undefined,
    expose: () => Promise.resolve({ contentType: 'text/plain', text: 'm' }),
  };
  const mounts = [{ path: '/dicom-web', router: Router().use((_req, res) => void res.json([])) }];
  const queuePages = Router().use((_req, res) => void res.json({}));
  return { ...(await testApp({}, { verifier, metrics, mounts, queuePages })), provider, time };
}

/** A GET with a token. */
export function requestWith({ app }: TestApp, token: string, path = '/samepoint/api/models'): request.Test {
  return request(app).get(path).set('Authorization', `Bearer ${token}`);
}
