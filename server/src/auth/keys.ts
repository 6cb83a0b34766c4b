/**
 * The public keys of the identity provider: found by discovery (OpenID Connect Discovery 1.0), fetched when a token names an unknown
 * one, at most once in a while, also where fetching fails.
 * @module
 */
import { createRemoteJWKSet, customFetch } from 'jose';
import type { JWTVerifyGetKey } from 'jose';

/** The keys cannot be had, or are none that may be used. */
export class KeysUnavailable extends Error {}

/** Where the keys are, and how they are fetched. */
export interface KeyOptions {
  readonly issuer: string;
  /** Found by discovery where absent. */
  readonly jwksUri?: string | undefined;
  /** Pause after a fetch before an unknown key, or a failure, makes another one, ms. */
  readonly cooldownMs: number;
  /** Keys are fetched again after this time, ms. */
  readonly maxAgeMs: number;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds of a monotonic clock. */
  readonly monotonic: () => number;
}

const TIMEOUT_MS = 5_000;
/** A set of keys has some kilobytes. */
const MAX_BYTES = 1_048_576;
/** Members of a JSON Web Key that are secret (RFC 7518 6): a provider that publishes one has given it away. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPublicKey(key: unknown): boolean {
  return isRecord(key) && key['kty'] !== 'oct' && !SECRET_MEMBERS.some((name) => Object.hasOwn(key, name));
}

async function fetchJson(fetch: typeof globalThis.fetch, url: string): Promise<unknown> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { redirect: 'manual', signal, headers: { Accept: 'application/json' } });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new KeysUnavailable(`HTTP ${response.status}`);
  }
  const text = await response.text();
  if (text.length > MAX_BYTES) throw new KeysUnavailable('the answer is too large');
  return JSON.parse(text) as unknown;
}

/** A set of public keys only. @throws KeysUnavailable */
async function fetchKeys(fetch: typeof globalThis.fetch, url: string): Promise<object> {
  const set = await fetchJson(fetch, url);
  const keys = isRecord(set) ? set['keys'] : undefined;
  if (!isRecord(set) || !Array.isArray(keys)) throw new KeysUnavailable('no set of keys');
  if (!keys.every(isPublicKey)) throw new KeysUnavailable('the set holds a secret key');
  return set;
}

/** True for TLS, and for this machine. */
function isSafe(url: URL): boolean {
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
}

/** @throws KeysUnavailable where the issuer's document is of another issuer, or names no safe address of keys */
async function discover(fetch: typeof globalThis.fetch, issuer: string): Promise<URL> {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
  const document = await fetchJson(fetch, `${base}/.well-known/openid-configuration`);
  if (!isRecord(document) || document['issuer'] !== issuer)
    throw new KeysUnavailable('the document of the issuer is of another one');
  const { jwks_uri: uri } = document;
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || !isSafe(url)) throw new KeysUnavailable('the document names no address of keys');
  return url;
}

/** Runs work that may fail; while its last failure is young, it is not tried again. */
function withPause<T>(pauseMs: number, monotonic: () => number, work: () => Promise<T>): () => Promise<T> {
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  return async () => {
    if (failed !== undefined && monotonic() - failed.at < pauseMs)
      throw new KeysUnavailable('fetching has just failed', { cause: failed.error });
    try {
      const result = await work();
      failed = undefined;
      return result;
    } catch (error) {
      failed = { at: monotonic(), error };
      throw new KeysUnavailable('fetching failed', { cause: error });
    }
  };
}

/** The keys for `jwtVerify`. */
export function createKeys(options: KeyOptions): JWTVerifyGetKey {
  const { issuer, jwksUri, cooldownMs, maxAgeMs, fetch, monotonic } = options;
  let found: Promise<JWTVerifyGetKey> | undefined;
  const findUrl = withPause(cooldownMs, monotonic, () =>
    jwksUri === undefined ? discover(fetch, issuer) : Promise.resolve(new URL(jwksUri)),
  );
  const open = async (): Promise<JWTVerifyGetKey> => {
    const url = await findUrl();
    const load = withPause(cooldownMs, monotonic, () => fetchKeys(fetch, url.href));
    return createRemoteJWKSet(url, {
      cooldownDuration: cooldownMs,
      cacheMaxAge: maxAgeMs,
      [customFetch]: async () => Response.json(await load()),
    });
  };
  return async (header, token) => {
    found ??= open();
    try {
      return await (
        await found
      )(header, token);
    } catch (error) {
      if (error instanceof KeysUnavailable && !(await isOpen(found))) found = undefined;
      throw error;
    }
  };
}

async function isOpen(opening: Promise<unknown> | undefined): Promise<boolean> {
  return await Promise.resolve(opening).then(
    () => true,
    () => false,
  );
}
