/**
 * Credentials of this server itself, for work that no reader has requested: a token of the OpenID provider by the client credentials
 * grant (RFC 6749 4.4). They are for such work only: no request of a reader is made with them.
 * @module
 */
import {
  allowInsecureRequests,
  clientCredentialsGrant,
  ClientSecretBasic,
  customFetch,
  discovery,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { Configuration } from 'openid-client';
import { SamepointError } from '../errors/index.ts';

/** Whose tokens they are. */
export interface OwnCredentialsOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
  /** RFC 8707. */
  readonly resource?: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds of a monotonic clock. */
  readonly monotonic: () => number;
}

/** The Authorization header for work of this server. @throws SamepointError `auth/own-login-failed` */
type OwnCredentials = () => Promise<string>;

interface Token {
  readonly authorization: string;
  /** From when on another one is requested, ms. */
  readonly endsAt: number;
}

const MS_PER_S = 1000;
const TIMEOUT_S = 10;
/** A token that is about to expire would expire on its way through a series, s. */
const MARGIN_S = 60;
/** Of short-lived tokens a part of their life. */
const MARGIN_SHARE = 0.25;
/** RFC 6749 5.1: a provider may not say how long a token lives. */
const ASSUMED_S = 300;

/** What is wrong, as the provider or the system calls it; nothing of a token or secret. */
function problemIn(error: unknown): string {
  if (error instanceof WWWAuthenticateChallengeError)
    return error.cause[0]?.parameters['error'] ?? `HTTP ${error.status}`;
  if (!(error instanceof Error)) return 'unknown';
  const { code, cause } = error as Error & { readonly code?: unknown };
  const named = 'error' in error && typeof error.error === 'string' ? error.error : code;
  if (typeof named === 'string') return named;
  return cause === undefined ? error.name : problemIn(cause);
}

async function discover(options: OwnCredentialsOptions): Promise<Configuration> {
  const { issuer, clientId, clientSecret, fetch } = options;
  const url = new URL(issuer);
  // The configuration allows http:// on this machine only.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated to stand out
  const execute = url.protocol === 'http:' ? [allowInsecureRequests] : [];
  return await discovery(url, clientId, undefined, ClientSecretBasic(clientSecret), {
    ...{ execute, timeout: TIMEOUT_S },
    [customFetch]: (address, { body, signal, ...init }) =>
      fetch(address, { ...init, ...(body && { body }), ...(signal && { signal }) }),
  });
}

/** Requests tokens as they are needed; each is used until shortly before it expires, and one is requested at a time. */
export function createOwnCredentials(options: OwnCredentialsOptions): OwnCredentials {
  const { scope, resource, monotonic } = options;
  const parameters = { ...(scope && { scope }), ...(resource && { resource }) };
  let configuration: Configuration | undefined;
  let token: Token | undefined;
  let requested: Promise<Token> | undefined;
  const request = async (): Promise<Token> => {
    const requestedAt = monotonic();
    try {
      configuration ??= await discover(options);
      const { access_token: value, expires_in: livesS = ASSUMED_S } = await clientCredentialsGrant(
        configuration,
        parameters,
      );
      const marginS = Math.min(MARGIN_S, livesS * MARGIN_SHARE);
      return { authorization: `Bearer ${value}`, endsAt: requestedAt + (livesS - marginS) * MS_PER_S };
    } catch (error) {
      // The cause is not kept: it holds the answer of the provider.
      throw new SamepointError('auth/own-login-failed', { problem: problemIn(error) });
    }
  };
  return async () => {
    if (token !== undefined && monotonic() < token.endsAt) return token.authorization;
    requested ??= request().finally(() => {
      requested = undefined;
    });
    token = await requested;
    return token.authorization;
  };
}
