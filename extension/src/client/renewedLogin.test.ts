import { describe, expect, test } from '@jest/globals';
import { SERVER_ERROR, foundIn, refOf } from '../testing/examples.ts';
import { eventStream, FakeServer, json } from '../testing/fakeServer.ts';
import { ViewerFailure } from './failure.ts';
import { withRenewedLogin } from './renewedLogin.ts';

const failure = (code: string): ViewerFailure => new ViewerFailure(code, 'message', 'remedy');

/** Work that fails with these codes in turn, and renewals that come with each failure. */
function failing(codes: readonly string[], logins: readonly string[]) {
  const http = { login: 'first' };
  let attempts = 0;
  const work = async (): Promise<string> => {
    const code = codes[attempts];
    http.login = logins[attempts] ?? http.login;
    attempts += 1;
    await Promise.resolve();
    if (code !== undefined) throw failure(code);
    return http.login;
  };
  return { result: withRenewedLogin(http, work), attempts: () => attempts };
}

describe('work whose login has ended', () => {
  test.each(['auth/login-refused', 'auth/login-required', 'dicomweb/unauthorized', 'viewer/unauthorized'])(
    '%s: is done again with each new login',
    async (code) => {
      const { result, attempts } = failing([code, code], ['second', 'third']);
      expect(await result).toBe('third');
      expect(attempts()).toBe(3);
    },
  );

  test('is not done again without a new login, or for another failure', async () => {
    const without = failing(['auth/login-refused'], []);
    await expect(without.result).rejects.toMatchObject({ code: 'auth/login-refused' });
    expect(without.attempts()).toBe(1);
    const other = failing(['auth/role-missing'], ['second']);
    await expect(other.result).rejects.toMatchObject({ code: 'auth/role-missing' });
    expect(other.attempts()).toBe(1);
  });
});

describe('an analysis that outlasts its login', () => {
  const job = {
    id: 'j',
    kind: 'embedding',
    state: 'running',
    progress: { stage: 'embed', fraction: 0, message: '' },
  };
  const ended = {
    ...job,
    state: 'failed',
    error: { ...SERVER_ERROR, code: 'dicomweb/unauthorized', status: 401 },
  };

  test('is requested again with the renewed one, and is ready', async () => {
    let requests = 0;
    const server: FakeServer = new FakeServer({
      'POST /series-embeddings': () => json((requests += 1) === 1 ? 202 : 200, requests === 1 ? job : {}),
      'GET /jobs/j/events': () => {
        server.authorization = { Authorization: 'Bearer two' };
        return eventStream([`event: failed\ndata: ${JSON.stringify(ended)}\n\n`]);
      },
    });
    server.authorization = { Authorization: 'Bearer one' };
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    await server.client.embedSeries(refOf('current'), options);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer one',
      'Bearer one',
      'Bearer two',
    ]);
  });

  test('so is a match', async () => {
    const answer = { matches: [foundIn('current', 'prior')], warnings: [] };
    const server: FakeServer = new FakeServer({
      'POST /matches': () => {
        const isFirst = server.authorization?.['Authorization'] === 'Bearer one';
        server.authorization = { Authorization: 'Bearer two' };
        return isFirst
          ? json(401, { error: { ...SERVER_ERROR, code: 'auth/login-refused', status: 401 } })
          : json(200, answer);
      },
    });
    server.authorization = { Authorization: 'Bearer one' };
    const request = { query: refOf('current'), targets: [refOf('prior')], points: [] };
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    expect(await server.client.match(request, options)).toEqual(answer);
  });
});
