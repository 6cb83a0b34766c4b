/** Requests as the viewer sends them, and the pauses between them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asFailure, isCancelled, ViewerFailure } from './failure.ts';
import { Http } from './http.ts';
import type { HttpOptions } from './http.ts';
import { wait } from './wait.ts';

interface Sent {
  readonly url: URL;
  readonly init: RequestInit;
}

function httpOver(
  answer: () => Response | Promise<Response>,
  options: Partial<HttpOptions> = {},
): { http: Http; sent: Sent[] } {
  const sent: Sent[] = [];
  const http = new Http({
    baseUrl: 'https://viewer.test/samepoint/api',
    authorization: () => undefined,
    fetch: async (input, init = {}) => {
      sent.push({ url: new URL(input as string), init });
      return await answer();
    },
    ...options,
  });
  return { http, sent };
}

const fine = (): Response => new Response('{}', { status: 200 });

async function failureOf(promise: Promise<unknown>): Promise<ViewerFailure> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ViewerFailure);
  return error as ViewerFailure;
}

describe('a request', () => {
  test('stays below the root of the API, whatever is in its path and its query', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (segment, value) => {
        // A path of dots is a step up in every URL; the server has no such ids.
        fc.pre(segment !== '' && !/^\.{1,2}$/.test(segment));
        const { http, sent } = httpOver(fine);
        await http.send({
          method: 'GET',
          path: ['jobs', segment, 'events'],
          query: { studyInstanceUid: value },
        });
        const { url } = sent[0]!;
        expect(url.origin).toBe('https://viewer.test');
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual([
          '',
          'samepoint',
          'api',
          'jobs',
          segment,
          'events',
        ]);
        expect([...url.searchParams]).toEqual([['studyInstanceUid', value]]);
      }),
    );
  });

  test('accepts a root with or without a slash at its end', async () => {
    for (const baseUrl of ['https://a.test', 'https://a.test/', 'https://a.test/x/', 'https://a.test/x']) {
      const { http, sent } = httpOver(fine, { baseUrl });
      await http.send({ method: 'GET', path: ['matches'] });
      expect(sent[0]?.url.href).toBe(`${baseUrl.replace(/\/$/, '')}/matches`);
    }
  });

  test('is JSON where it has a body, and says what it accepts', async () => {
    const { http, sent } = httpOver(fine);
    await http.send({ method: 'POST', path: ['matches'], body: { a: [1, 2] } });
    await http.send({ method: 'GET', path: ['reports'], accept: 'text/event-stream' });
    const headers = sent.map(({ init }) => Object.fromEntries(new Headers(init.headers)));
    expect(headers).toEqual([
      { accept: 'application/json', 'content-type': 'application/json' },
      { accept: 'text/event-stream' },
    ]);
    expect(sent.map(({ init }) => init.body)).toEqual(['{"a":[1,2]}', undefined]);
  });

  test('carries the current login of the viewer, and no empty one', async () => {
    let login: Record<string, unknown> | null = { Authorization: 'Bearer one', 'X-Number': 7, 'X-Empty': '' };
    const { http, sent } = httpOver(fine, { authorization: () => login });
    await http.send({ method: 'GET', path: ['reports'] });
    login = null;
    await http.send({ method: 'GET', path: ['reports'] });
    expect(sent.map(({ init }) => Object.fromEntries(new Headers(init.headers)))).toEqual([
      { accept: 'application/json', authorization: 'Bearer one' },
      { accept: 'application/json' },
    ]);
  });
});

describe('an answer', () => {
  const body = {
    code: 'matching/no-body',
    status: 422,
    message: 'no body',
    remedy: 'Choose another.',
    fields: {},
  };

  test.each<[string, () => Response, string]>([
    [
      'an error of the server, whatever its status',
      () => Response.json({ error: body }, { status: 503 }),
      body.code,
    ],
    [
      'half an error',
      () => Response.json({ error: { code: 'x' } }, { status: 400 }),
      'viewer/unexpected-answer',
    ],
    ['an error that is null', () => Response.json({ error: null }, { status: 403 }), 'viewer/unauthorized'],
    ['503 of a proxy', () => new Response('busy', { status: 503 }), 'viewer/unreachable'],
    ['504 of a proxy', () => new Response('slow', { status: 504 }), 'viewer/unreachable'],
    ['500 without words', () => new Response('', { status: 500 }), 'viewer/unexpected-answer'],
    ['404 of another server', () => new Response('<html>', { status: 404 }), 'viewer/unexpected-answer'],
  ])('%s', async (_name, answer, code) => {
    const failure = await failureOf(httpOver(answer).http.send({ method: 'GET', path: ['reports'] }));
    expect(failure.code).toBe(code);
    expect(failure.remedy).toMatch(/\.$/);
  });

  test('the page of a proxy is named by its media type', async () => {
    const { http } = httpOver(fine);
    const page = new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } });
    expect((await failureOf(http.json(page))).detail).toBe('text/html instead of JSON');
    const bare = new Response(new Uint8Array([1]));
    expect((await failureOf(http.json(bare))).detail).toBe('no content type instead of JSON');
  });

  test('a request and an answer that the reader has cancelled are no failures of the network', async () => {
    const gone = AbortSignal.abort();
    const { http } = httpOver(() => Promise.reject(new TypeError('aborted')));
    expect(isCancelled(await failureOf(http.send({ method: 'GET', path: [], signal: gone })))).toBe(true);
    expect(isCancelled(await failureOf(http.json(new Response('cut'), gone)))).toBe(true);
    expect(isCancelled(await failureOf(http.send({ method: 'GET', path: [] })))).toBe(false);
  });
});

describe('asFailure', () => {
  test('returns a failure unchanged, and has words for everything else', () => {
    const known = new ViewerFailure('viewer/x', 'What.', 'Do.');
    expect(asFailure(known)).toBe(known);
    for (const thrown of [new TypeError('secret'), 'text', undefined]) {
      const failure = asFailure(thrown);
      expect(failure).toMatchObject({ code: 'viewer/unexpected', cause: thrown });
      expect(`${failure.message} ${failure.remedy}`).not.toContain('secret');
    }
  });
});

describe('wait', () => {
  test('lasts as long as requested, and ends at once when it is aborted, before or meanwhile', async () => {
    const started = performance.now();
    await wait(30, new AbortController().signal);
    expect(performance.now() - started).toBeGreaterThanOrEqual(28);
    await wait(60_000, AbortSignal.abort());
    const stop = new AbortController();
    const waiting = wait(60_000, stop.signal);
    stop.abort();
    await waiting;
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
