import type { Caller } from './types.ts';

/**
 * Whom credentials name. A claim: Samepoint has no keys to verify a token with, so whoever relies on it must first have the PACS
 * accept the very same credentials.
 */
export interface Subject {
  /** `sub` of a JSON Web Token (RFC 7519 4.1.2), or the user of Basic authentication (RFC 7617). */
  readonly id: string;
  /** `iss` of the token, where it has one. */
  readonly issuer?: string;
}

/** Longer names are no names. */
const MAX_CHARACTERS = 256;
/** Header, payload and signature (RFC 7515 7.1). An unsigned token (RFC 7519 6) names no user: its signature is empty. */
const JWT = /^Bearer +[\w-]+\.([\w-]+)\.[\w-]+$/i;
const BASIC = /^Basic +([\w+/-]+={0,2})$/i;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_CHARACTERS ? value : undefined;
}

function claimsOf(payload: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}

/** The subject that the caller's credentials claim; undefined for opaque tokens, and without credentials. */
export function subjectOf({ authorization = '' }: Caller): Subject | undefined {
  const payload = JWT.exec(authorization)?.[1];
  if (payload !== undefined) {
    const { sub, iss } = claimsOf(payload);
    const [id, issuer] = [textOf(sub), textOf(iss)];
    return id === undefined ? undefined : { id, ...(issuer === undefined ? {} : { issuer }) };
  }
  const basic = BASIC.exec(authorization)?.[1];
  const id = textOf(basic && Buffer.from(basic, 'base64').toString('utf8').split(':', 1)[0]);
  return id === undefined ? undefined : { id };
}
