/**
 * Who calls, by a token of the hospital's identity provider: this server is a resource server (RFC 6750, RFC 9068, RFC 8725). The PACS
 * still decides who may see what: a token that is accepted here opens nothing by itself.
 * @module
 */
import { errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { SamepointError } from '../errors/index.ts';
import { createKeys, KeysUnavailable } from './keys.ts';
import type { KeyOptions } from './keys.ts';
import { rolesOf } from './roles.ts';
import type { Role, RoleNames } from './roles.ts';
import { tokenIn, TokenRefusal } from './tokenForm.ts';
import type { TokenProblem } from './tokenForm.ts';

/** Whose tokens are accepted. */
export interface VerifierOptions
  extends RoleNames, Omit<KeyOptions, 'cooldownMs' | 'maxAgeMs' | 'monotonic'> {
  readonly audiences: readonly string[];
  /** Of signatures with a public key. */
  readonly algorithms: readonly string[];
  readonly clockSkewS: number;
  readonly keysCooldownS: number;
  readonly keysMaxAgeS: number;
  /** ms since the epoch. */
  readonly clock: () => number;
  readonly monotonic: () => number;
  /** Called with the reason where keys cannot be had; it holds nothing of a token. */
  readonly onKeysUnavailable?: (reason: string) => void;
}

/** What is known of a caller whose token is valid. */
interface VerifiedCaller {
  readonly roles: ReadonlySet<Role>;
}

/** Verifies Authorization headers. */
export interface Verifier {
  /** @throws SamepointError `auth/login-required`, `auth/login-refused`, `auth/keys-unavailable` */
  verify(authorization: string | undefined): Promise<VerifiedCaller>;
}

const MS_PER_S = 1000;

function problemOfClaim({ claim }: errors.JWTClaimValidationFailed): TokenProblem {
  if (claim === 'iss') return 'issuer';
  if (claim === 'aud') return 'audience';
  return claim === 'nbf' ? 'not-yet-valid' : 'claims';
}

/** What jose finds, in the words of the catalogue; the first that fits. */
const PROBLEMS: readonly (readonly [new (...args: never[]) => Error, TokenProblem])[] = [
  [errors.JWTExpired, 'expired'],
  [errors.JWSSignatureVerificationFailed, 'signature'],
  [errors.JOSEAlgNotAllowed, 'algorithm'],
  [errors.JOSENotSupported, 'algorithm'],
  [errors.JWKSNoMatchingKey, 'key'],
  [errors.JWKSMultipleMatchingKeys, 'key'],
  [errors.JWTInvalid, 'form'],
  [errors.JWSInvalid, 'form'],
];

/** Why a token is refused; undefined where the fault is not the token's. */
function problemOf(error: unknown): TokenProblem | undefined {
  if (error instanceof TokenRefusal) return error.problem;
  if (error instanceof errors.JWTClaimValidationFailed) return problemOfClaim(error);
  const known = PROBLEMS.find(([type]) => error instanceof type);
  // A key of another type than the algorithm needs is a TypeError.
  const isKey = error instanceof Error && error.name === 'TypeError';
  return known?.[1] ?? (isKey ? 'key' : undefined);
}

/** jose compares `iat` with a greatest age only. @throws TokenRefusal */
function refuseFuture({ iat }: JWTPayload, nowMs: number, skewS: number): void {
  if (iat !== undefined && iat > nowMs / MS_PER_S + skewS) throw new TokenRefusal('not-yet-valid');
}

/** The reasons of an error and of its causes, which hold addresses of the provider and nothing of a token. */
function reasonsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause === undefined ? error.message : `${error.message}: ${reasonsOf(error.cause)}`;
}

/** A verifier for the tokens of one issuer. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audiences, algorithms, clockSkewS, clock, onKeysUnavailable = () => undefined } = options;
  const { keysCooldownS, keysMaxAgeS } = options;
  const keys = createKeys({
    ...options,
    cooldownMs: keysCooldownS * MS_PER_S,
    maxAgeMs: keysMaxAgeS * MS_PER_S,
  });
  const verified = async (authorization: string): Promise<JWTPayload> => {
    const token = tokenIn(authorization, algorithms);
    const nowMs = clock();
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: [...audiences],
      algorithms: [...algorithms],
      clockTolerance: clockSkewS,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    refuseFuture(payload, nowMs, clockSkewS);
    return payload;
  };
  return {
    async verify(authorization) {
      if (authorization === undefined || authorization === '')
        throw new SamepointError('auth/login-required', {});
      try {
        return { roles: rolesOf(await verified(authorization), options) };
      } catch (error) {
        const problem = problemOf(error);
        // The cause is not kept: it would hold claims.
        if (problem !== undefined) throw new SamepointError('auth/login-refused', { problem });
        onKeysUnavailable(error instanceof KeysUnavailable ? reasonsOf(error) : 'the keys cannot be used');
        throw new SamepointError('auth/keys-unavailable', { retryAfterS: keysCooldownS });
      }
    },
  };
}
