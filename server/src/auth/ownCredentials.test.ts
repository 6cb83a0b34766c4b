import { expect, test, beforeEach, describe } from '@jest/globals';
import { createOwnCredentials } from './ownCredentials.ts';

const ISSUER = 'https://idp.hospital.example/realms/radiology';
const SECRET = 'a secret & more';

let now: number;
let grants: { readonly authorization: string | null; readonly body: string }[];
let answer: () => Response;
let credentials: ReturnType<typeof createOwnCredentials>;

async function provider(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  await Promise.resolve();
  const url = input instanceof Request ? input.url : input.toString();
  if (url.includes('/.well-known/'))
    return Response.json({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
  const { headers, body } = init ?? {};
  const text = body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : '';
  grants.push({ authorization: new Headers(headers).get('authorization'), body: text });
  return answer();
}

function token(livesS: number): Response {
  return Response.json({ access_token: `t${grants.length}`, token_type: 'bearer', expires_in: livesS });
}

beforeEach(() => {
  now = 5_000;
  grants = [];
  answer = () => token(300);
  const client = { issuer: ISSUER, clientId: 'samepoint', clientSecret: SECRET, scope: 'dicom' };
  credentials = createOwnCredentials({
    ...client,
    resource: 'urn:pacs',
    fetch: provider,
    monotonic: () => now,
  });
});

describe('credentials of this server', () => {
  test('are a token of the client credentials grant, with the secret in its header (RFC 6749 2.3.1)', async () => {
    expect(await credentials()).toBe('Bearer t1');
    const form = new URLSearchParams(grants[0]!.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'client_credentials',
      scope: 'dicom',
      resource: 'urn:pacs',
    });
    expect(form.has('client_secret')).toBe(false);
    const given = Buffer.from(grants[0]!.authorization!.replace(/^Basic /, ''), 'base64').toString('utf8');
    expect(given).toBe('samepoint:a+secret+%26+more');
  });

  test('are used until a minute before they expire', async () => {
    await credentials();
    now += 239_000;
    expect(await credentials()).toBe('Bearer t1');
    now += 2_000;
    expect(await credentials()).toBe('Bearer t2');
    expect(grants).toHaveLength(2);
  });

  test('that live shortly are renewed after three quarters of their life', async () => {
    answer = () => token(8);
    await credentials();
    now += 5_900;
    expect(await credentials()).toBe('Bearer t1');
    now += 200;
    expect(await credentials()).toBe('Bearer t2');
  });

  test('are requested once, however many need them', async () => {
    expect(await Promise.all([credentials(), credentials(), credentials()])).toEqual(
      Array.from({ length: 3 }, () => 'Bearer t1'),
    );
    expect(grants).toHaveLength(1);
  });

  test('that are refused are an error in words, which holds no secret; the next time they are requested again', async () => {
    answer = () => Response.json({ error: 'invalid_client', error_description: SECRET }, { status: 401 });
    const error: unknown = await credentials().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'auth/own-login-failed', fields: { problem: 'invalid_client' } });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret &');
    answer = () => token(300);
    expect(await credentials()).toBe('Bearer t2');
  });

  test('of a provider that does not answer are an error, and nothing is remembered of it', async () => {
    answer = () => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      });
    };
    await expect(credentials()).rejects.toMatchObject({ code: 'auth/own-login-failed' });
    answer = () => token(300);
    await expect(credentials()).resolves.toBe('Bearer t2');
  });
});
