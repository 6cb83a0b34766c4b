import { createHmac, randomBytes } from 'node:crypto';
import type { Caller } from './types.ts';

/**
 * Stands for a caller's credentials in memory: equal for equal credentials, useless to anybody who reads it. The key
 * lives as long as the process, so that hashes cannot be compared with those of another one.
 */
export type CredentialsHash = string & { readonly credentialsHash: true };

const PROCESS_KEY = randomBytes(32);
/** A request asks for the hash once per series. */
const hashes = new WeakMap<Caller, CredentialsHash>();

/** Hash of the caller's Authorization header; callers without one are one caller. */
export function hashCredentials(caller: Caller): CredentialsHash {
  const known = hashes.get(caller);
  if (known !== undefined) return known;
  const hmac = createHmac('sha256', PROCESS_KEY).update(caller.authorization ?? '');
  const hash = hmac.digest('base64url') as CredentialsHash;
  hashes.set(caller, hash);
  return hash;
}
