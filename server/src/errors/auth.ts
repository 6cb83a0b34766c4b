import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

/** Errors of auth/: tokens of an identity provider. Nothing of a token is repeated. */
export const authErrors = {
  'auth/login-required': spec<NoFields>({
    status: 401,
    summary: 'The request brings no token, and the server requires a login.',
    remedy: 'Log in to the viewer.',
    message: () => 'a login is required',
  }),
  'auth/login-refused': spec<{ problem: string }>({
    status: 401,
    summary:
      'The token of the request is not one that the server accepts. The problem is one of: form, algorithm, type, key, signature, issuer, audience, expired, not-yet-valid, claims.',
    remedy:
      'Log in to the viewer again. If that does not help, have the administrator compare auth.oidc in the server configuration with the identity provider, and the clocks of both.',
    message: ({ problem }) => `the login is not accepted (${problem})`,
  }),
  'auth/role-missing': spec<{ role: string }>({
    status: 403,
    summary: 'The user is known and has not the role that the request needs.',
    remedy: 'Request the role from the administrator of the identity provider.',
    message: ({ role }) => `this needs the role of a ${role}`,
  }),
  'auth/keys-unavailable': spec<{ retryAfterS: number }>({
    status: 503,
    summary:
      'The keys of the identity provider cannot be fetched, or are none that may be used: no token can be verified. No request is let in.',
    remedy: 'Try again in a minute; the administrator finds the reason in the log.',
    message: ({ retryAfterS }) => `logins cannot be verified at the moment; try again in ${retryAfterS} s`,
  }),
  'auth/own-login-failed': spec<{ problem: string }>({
    status: 502,
    summary:
      'The identity provider gives this server no token of its own, so that it cannot work before a reader requests it.',
    remedy:
      'Compare background.issuer, clientId, clientSecret, scope and resource with the client at the identity provider.',
    message: ({ problem }) => `the identity provider gives this server no token: ${problem}`,
  }),
} as const;
