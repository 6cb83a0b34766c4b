import { createHmac, randomBytes } from 'node:crypto';
import type { Caller } from './types.ts';

/**
 * Stands for a caller's credentials in memory: equal for equal credentials, useless to anybody who reads it. The key
 * lives as long as the process, so that hashes cannot be compared with those of another one.
 */
export type CredentialsHash = string & { readonly credentialsHash: true };

const PROCESS_KEY = randomBytes(32);

/** Hash of the caller's Authorization header; callers without one are one caller. */
export function hashCredentials({ authorization = '' }: Caller): CredentialsHash {
  return createHmac('sha256', PROCESS_KEY).update(authorization).digest('base64url') as CredentialsHash;
}
