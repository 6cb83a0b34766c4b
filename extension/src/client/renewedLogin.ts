import { ViewerFailure } from './failure.ts';
import type { Http } from './http.ts';

/** What server, PACS or a proxy answer to a login that has ended. */
const LOGIN_FAILURES: ReadonlySet<string> = new Set([
  'auth/login-required',
  'auth/login-refused',
  'dicomweb/unauthorized',
  'viewer/unauthorized',
]);

/**
 * Does work that may outlast a login. Where the login with which it began has ended and the viewer has renewed it meanwhile, the work is
 * done again: the server has what was computed, and shows it to the new login. A failure that is not of this kind is thrown.
 */
export async function withRenewedLogin<T>(http: Pick<Http, 'login'>, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const { login } = http;
    try {
      return await work();
    } catch (error) {
      const hasEnded = error instanceof ViewerFailure && LOGIN_FAILURES.has(error.code);
      if (!hasEnded || http.login === login) throw error;
    }
  }
}
