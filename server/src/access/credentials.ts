import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { subjectOf } from './subject.ts';
import type { Caller } from './types.ts';

/**
 * Stands for a caller's credentials in memory: equal for equal credentials, useless to anybody who reads it. The key
 * lives as long as the process, so that hashes cannot be compared with those of another one, unless servers share a secret.
 */
export type CredentialsHash = string & { readonly credentialsHash: true };

const KEY_BYTES = 32;
/** Separates this use of a shared secret from any other one. */
const PURPOSE = 'samepoint owners of jobs 1';
let processKey: Buffer = randomBytes(KEY_BYTES);
/** A request needs the hash once per series. */
let hashes = new WeakMap<Caller, CredentialsHash>();

/** Makes the hashes equal in all servers that have this secret: a job that one has begun is known to the others as its owner's. */
export function shareOwners(secret: string): void {
  processKey = Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES));
  hashes = new WeakMap();
}

/** Hash of the caller's Authorization header; callers without one are one caller. */
export function hashCredentials(caller: Caller): CredentialsHash {
  const known = hashes.get(caller);
  if (known !== undefined) return known;
  const hmac = createHmac('sha256', processKey).update(caller.authorization ?? '');
  const hash = hmac.digest('base64url') as CredentialsHash;
  hashes.set(caller, hash);
  return hash;
}

/** Stands for a claimed subject in memory. */
type SubjectHash = string & { readonly subjectHash: true };

/** Whose a job is. */
export interface Owner {
  readonly credentials: CredentialsHash;
  /** Undefined where the credentials name no user. */
  readonly subject: SubjectHash | undefined;
  /** Whose share of the server the job uses. */
  readonly share: ShareKey;
}

/** Whose share of queues and jobs something uses: one user, or one address where there are no credentials. */
export type ShareKey = string & { readonly shareKey: true };

function hashSubject(caller: Caller): SubjectHash | undefined {
  const subject = subjectOf(caller);
  if (subject === undefined) return undefined;
  const text = JSON.stringify([subject.issuer ?? null, subject.id]);
  // No header holds a NUL (RFC 9110 5.5): the hashes of subjects and of credentials never meet.
  return createHmac('sha256', processKey).update(`\0subject ${text}`).digest('base64url') as SubjectHash;
}

/**
 * The key of a caller's share: the user, however often the token is renewed; the credentials where they name no user; the
 * address where there are none. A subject is a claim, but nothing is queued before the PACS has accepted the credentials.
 */
export function shareOf(caller: Caller): ShareKey {
  const { authorization, address = '' } = caller;
  const key =
    authorization === undefined ? `address ${address}` : (hashSubject(caller) ?? hashCredentials(caller));
  return key as ShareKey;
}

/** The caller as the owner of a job. */
export function ownerOf(caller: Caller): Owner {
  return { credentials: hashCredentials(caller), subject: hashSubject(caller), share: shareOf(caller) };
}
