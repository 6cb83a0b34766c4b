/**
 * Who may call what, where the server verifies logins (auth/). Everything needs a role except what is named here.
 * @module
 */
import type { Request, RequestHandler } from 'express';
import type { Role, Verifier } from '../auth/index.ts';
import { SamepointError } from '../errors/index.ts';

/** Paths of the API that say nothing of a patient, and that are needed before a login. */
const OPEN_PATHS: ReadonlySet<string> = new Set([
  '/health',
  '/health/live',
  '/health/ready',
  '/openapi.json',
]);
/** Paths where a POST reads; everywhere else it stores something in the PACS. */
const READING_PATHS: ReadonlySet<string> = new Set([
  '/fields',
  '/landmark-templates',
  '/landmarks',
  '/matches',
  '/pair-registrations',
  '/series-embeddings',
  '/similarities',
]);

/** Where a secret of its own lets a request in, which a PACS sends. */
const SECRET_PATH = '/arrivals';

/** What a request to the API needs; `path` is below that of the API. */
function roleForApi({ method, path }: Pick<Request, 'method' | 'path'>): Role | undefined {
  if (OPEN_PATHS.has(path) && (method === 'GET' || method === 'HEAD')) return undefined;
  if (path === SECRET_PATH) return undefined;
  return method === 'POST' && !READING_PATHS.has(path) ? 'saver' : 'reader';
}

/** What a request of DICOMweb needs: storing is the only POST. */
function roleForDicomweb({ method }: Pick<Request, 'method'>): Role {
  return method === 'GET' || method === 'HEAD' ? 'reader' : 'saver';
}

/**
 * Node reads the first of several Authorization headers, a proxy perhaps the last: who calls would be somebody else there.
 * @throws SamepointError `auth/login-refused`
 */
function requireOneLogin({ rawHeaders }: Pick<Request, 'rawHeaders'>): void {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  if (names.filter((name) => name.toLowerCase() === 'authorization').length > 1)
    throw new SamepointError('auth/login-refused', { problem: 'form' });
}

/** @throws SamepointError errors of `auth/` */
function requireRole(
  verifier: Verifier | undefined,
  roleFor: (req: Request) => Role | undefined,
): RequestHandler {
  return async (req, res, next) => {
    const role = roleFor(req);
    if (verifier === undefined || role === undefined) {
      next();
      return;
    }
    // RFC 6750 3: of the answers 401 and 403.
    res.set('WWW-Authenticate', 'Bearer realm="samepoint"');
    requireOneLogin(req);
    const { roles } = await verifier.verify(req.headers.authorization);
    if (!roles.has(role)) throw new SamepointError('auth/role-missing', { role });
    res.removeHeader('WWW-Authenticate');
    next();
  };
}

/** Lets through what the API allows to the caller. */
export function authenticateApi(verifier: Verifier | undefined): RequestHandler {
  return requireRole(verifier, roleForApi);
}

/** The same of DICOMweb beside the API. */
export function authenticateDicomweb(verifier: Verifier | undefined): RequestHandler {
  return requireRole(verifier, roleForDicomweb);
}

/** Lets administrators through only. */
export function authenticateAdmin(verifier: Verifier | undefined): RequestHandler {
  return requireRole(verifier, () => 'admin');
}
