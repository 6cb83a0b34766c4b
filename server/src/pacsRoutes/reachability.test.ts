import { reachabilityOf } from './reachability.ts';

function answering(status: number, urls: string[] = []): typeof globalThis.fetch {
  return (url) => {
    urls.push(url instanceof Request ? url.url : url.toString());
    return Promise.resolve(new Response(null, { status: status === 204 ? 204 : status }));
  };
}

function failing(error: Error): typeof globalThis.fetch {
  return () => Promise.reject(error);
}

describe('reachabilityOf', () => {
  it.each([200, 204, 401, 403, 404])('is reachable with HTTP %i', async (status) => {
    const result = await reachabilityOf('http://pacs/q/', { fetch: answering(status), timeoutMs: 100 });
    expect(result).toEqual({ isReachable: true, status });
  });

  it.each([500, 502, 503])('is not with HTTP %i', async (status) => {
    const result = await reachabilityOf('http://pacs/q', { fetch: answering(status), timeoutMs: 100 });
    expect(result).toEqual({ isReachable: false, status });
  });

  it('searches for a study that does not exist, so that no answer holds a patient', async () => {
    const urls: string[] = [];
    await reachabilityOf('http://pacs/q/', { fetch: answering(200, urls), timeoutMs: 100 });
    expect(urls).toEqual(['http://pacs/q/studies?StudyInstanceUID=2.25.0&limit=1']);
  });

  it('says the code of the system, and no address', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:80'), { code: 'ECONNREFUSED' });
    const error = new TypeError('fetch failed', { cause });
    const result = await reachabilityOf('http://pacs/q', { fetch: failing(error), timeoutMs: 100 });
    expect(result).toEqual({ isReachable: false, reason: 'ECONNREFUSED' });
  });

  it('does not wait longer than it may', async () => {
    const silent: typeof globalThis.fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    const result = await reachabilityOf('http://pacs/q', { fetch: silent, timeoutMs: 20 });
    expect(result).toEqual({ isReachable: false, reason: 'no answer in time' });
  });
});
