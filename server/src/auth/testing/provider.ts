/** An identity provider for tests, without a port: keys, tokens and a `fetch` that gives its documents. Nothing of the product imports it. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK, JWTHeaderParameters } from 'jose';

export const ISSUER = 'https://idp.hospital.example/realms/radiology';
export const AUDIENCE = 'samepoint';
/** The time of the tests, s. */
export const NOW_S = 1_796_000_000;

/** A key pair under an id. */
export interface ProviderKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly secretJwk: JWK;
}

/** Makes a key pair. */
export async function newKey(kid: string, alg = 'RS256'): Promise<ProviderKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const common = { kid, alg, use: 'sig' };
  const jwk = { ...(await exportJWK(publicKey)), ...common };
  const secretJwk = { ...(await exportJWK(privateKey)), ...common };
  return { kid, alg, privateKey, jwk, secretJwk };
}

/** Claims that are accepted, of a user with the given roles. */
export function claimsOf(changes: object = {}): Record<string, unknown> {
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'alice',
    iat: NOW_S - 10,
    exp: NOW_S + 300,
    roles: ['samepoint-reader'],
    ...changes,
  };
}

/** A signed token. Claims and header parameters that are undefined are absent. */
export async function sign(
  key: ProviderKey,
  claims: object = claimsOf(),
  header: { readonly [K in keyof JWTHeaderParameters]?: JWTHeaderParameters[K] | undefined } = {},
): Promise<string> {
  const payload = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  const params = { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header };
  const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
  return await new SignJWT(payload).setProtectedHeader(given as JWTHeaderParameters).sign(key.privateKey);
}

function base64url(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** Three parts as they are, whatever they say; the signature is of nothing. */
export function forged(header: unknown, payload: unknown, signature = 'c2lnbmF0dXJl'): string {
  return [base64url(header), base64url(payload), signature].join('.');
}

/** What the provider publishes, and what was requested of it. */
export interface FakeProvider {
  keys: object[];
  /** Instead of an answer. */
  failure?: Error | undefined;
  readonly requested: string[];
  readonly fetch: typeof globalThis.fetch;
}

/** A provider that publishes these keys. */
export function fakeProvider(keys: object[]): FakeProvider {
  const provider: FakeProvider = {
    keys,
    requested: [],
    fetch: async (input) => {
      const url = input instanceof Request ? input.url : input.toString();
      provider.requested.push(url);
      await Promise.resolve();
      if (provider.failure !== undefined) throw provider.failure;
      return Response.json(
        url.endsWith('/.well-known/openid-configuration')
          ? { issuer: ISSUER, jwks_uri: `${ISSUER}/certs` }
          : { keys: provider.keys },
      );
    },
  };
  return provider;
}
