import { describe, expect, test } from '@jest/globals';
import { findingIn, foundIn, refOf, SERVER_ERROR } from '../testing/examples.ts';
import { eventStream, FakeServer, json } from '../testing/fakeServer.ts';
import type { Routes } from '../testing/fakeServer.ts';
import type { Job, JobProgress, MatchAnswer, MatchRequest } from '../wire.ts';
import { Client } from './client.ts';
import type { ViewerFailure } from './failure.ts';

const REQUEST: MatchRequest = {
  query: refOf('current'),
  targets: [refOf('prior')],
  points: [{ id: 'p', lps: [1, 2, 3] }],
};
const ANSWER: MatchAnswer = {
  matches: [foundIn('current', 'prior')],
  warnings: [{ series: refOf('prior'), code: 'embedding/metal', message: 'metal' }],
};

function job(state: Job['state'], changes: Partial<Job> = {}): Job {
  const progress: JobProgress = { stage: 'embed', fraction: 0.5, message: 'half' };
  return { id: 'j 1', kind: 'match', state, progress, ...changes };
}

function event(type: string, body: Job): string {
  return `event: ${type}\ndata: ${JSON.stringify(body)}\n\n`;
}

const EVENTS = 'GET /jobs/j%201/events';

interface Run {
  readonly server: FakeServer;
  readonly progress: JobProgress[];
  readonly result: Promise<MatchAnswer>;
}

function match(routes: Routes, controller = new AbortController()): Run {
  const server = new FakeServer(routes);
  const progress: JobProgress[] = [];
  const result = server.client.match(REQUEST, {
    signal: controller.signal,
    onProgress: (reported) => progress.push(reported),
  });
  return { server, progress, result };
}

async function failureOf(promise: Promise<unknown>): Promise<ViewerFailure> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: unknown) => error as ViewerFailure,
  );
}

describe('match', () => {
  test('gives the matches and warnings of an immediate answer and sends the request unchanged', async () => {
    const { server, result } = match({ 'POST /matches': () => json(200, ANSWER) });
    expect(await result).toEqual(ANSWER);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ method: 'POST', path: '/matches', body: REQUEST });
  });

  test('an answer without warnings has none', async () => {
    const { matches } = ANSWER;
    const { result } = match({ 'POST /matches': () => json(200, { matches }) });
    expect(await result).toEqual({ matches, warnings: [] });
  });

  test('follows a job through its progress to its result', async () => {
    const { result, progress } = match({
      'POST /matches': () => json(202, job('queued')),
      [EVENTS]: () =>
        eventStream([
          event('progress', job('running', { progress: { stage: 'fetch', fraction: 0.1, message: '' } })),
          ': keep-alive\n\n',
          event('done', job('done', { result: ANSWER })),
        ]),
    });
    expect(await result).toEqual(ANSWER);
    expect(progress.map(({ stage, fraction }) => [stage, fraction])).toContainEqual(['fetch', 0.1]);
  });

  test('opens a cut stream again and goes on', async () => {
    let opened = 0;
    const { result, server } = match({
      'POST /matches': () => json(202, job('running')),
      [EVENTS]: () => {
        opened += 1;
        if (opened === 1) return eventStream([event('progress', job('running'))], { cut: true });
        return opened === 2
          ? Promise.reject(new TypeError('refused'))
          : eventStream([event('done', job('done', { result: ANSWER }))]);
      },
    });
    expect(await result).toEqual(ANSWER);
    expect(opened).toBe(3);
    expect(server.waits).toHaveLength(2);
  });

  test('fails when the server stays away', async () => {
    const { result } = match({
      'POST /matches': () => json(202, job('running')),
      [EVENTS]: () => Promise.reject(new TypeError('refused')),
    });
    expect((await failureOf(result)).code).toBe('viewer/unreachable');
  });

  test('a failed job fails with the words of the server', async () => {
    const { result } = match({
      'POST /matches': () => json(202, job('running')),
      [EVENTS]: () => eventStream([event('failed', job('failed', { error: SERVER_ERROR }))]),
    });
    const { code, message, remedy } = await failureOf(result);
    expect({ code, message, remedy }).toEqual({
      code: SERVER_ERROR.code,
      message: SERVER_ERROR.message,
      remedy: SERVER_ERROR.remedy,
    });
  });

  test('a job that ended on the server is not reported as a cancel of the reader', async () => {
    const { result } = match({
      'POST /matches': () => json(202, job('running')),
      [EVENTS]: () => eventStream([event('cancelled', job('cancelled'))]),
    });
    expect((await failureOf(result)).code).toBe('viewer/stopped-by-server');
  });

  test('cancel stops the job on the server and the stream here', async () => {
    const controller = new AbortController();
    const { result, server } = match(
      {
        'POST /matches': () => json(202, job('running')),
        [EVENTS]: (_request, signal) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => {
              reject(new DOMException('aborted', 'AbortError'));
            });
            controller.abort();
          }),
        'DELETE /jobs/j%201': () => new Response(null, { status: 204 }),
      },
      controller,
    );
    expect((await failureOf(result)).code).toBe('viewer/cancelled');
    expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE']);
  });

  test('a cancel that does not reach the server is still a cancel', async () => {
    const controller = new AbortController();
    const { result } = match(
      {
        'POST /matches': () => json(202, job('running')),
        [EVENTS]: () => {
          controller.abort();
          return Promise.reject(new DOMException('aborted', 'AbortError'));
        },
      },
      controller,
    );
    expect((await failureOf(result)).code).toBe('viewer/cancelled');
  });
});

describe('failures in words', () => {
  test.each([
    ['an error of the catalogue', () => json(422, { error: SERVER_ERROR }), SERVER_ERROR.code],
    ['401 of a login proxy', () => new Response('<html>', { status: 401 }), 'viewer/unauthorized'],
    ['403 without a body', () => new Response(null, { status: 403 }), 'viewer/unauthorized'],
    ['502 of a proxy', () => new Response('Bad Gateway', { status: 502 }), 'viewer/unreachable'],
    [
      'index.html instead of JSON',
      () => new Response('<!doctype html>', { status: 200 }),
      'viewer/unexpected-answer',
    ],
    ['JSON of something else', () => json(200, { hello: 1 }), 'viewer/unexpected-answer'],
    ['null', () => json(200, null), 'viewer/unexpected-answer'],
    ['a job without id', () => json(202, {}), 'viewer/unexpected-answer'],
    ['no network', () => Promise.reject(new TypeError('Failed to fetch')), 'viewer/unreachable'],
  ])('%s', async (_name, answer, code) => {
    const failure = await failureOf(match({ 'POST /matches': answer }).result);
    expect(failure.code).toBe(code);
    expect(failure.message).not.toBe('');
    expect(failure.remedy).not.toBe('');
  });
});

describe('authorization', () => {
  test('forwards what the viewer has at the time of each request, and nothing that is not text', async () => {
    const server = new FakeServer({ 'GET /reports?studyInstanceUid=1.2': () => json(200, { reports: [] }) });
    server.authorization = { Authorization: 'Bearer one', 'X-Nothing': undefined };
    await server.client.reports('1.2');
    server.authorization = { Authorization: 'Bearer two' };
    await server.client.reports('1.2');
    server.authorization = undefined;
    await server.client.reports('1.2');
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer one',
      'Bearer two',
      undefined,
    ]);
    expect(server.seen[0]?.headers).not.toHaveProperty('x-nothing');
  });
});

describe('reports of time points', () => {
  const report = { studyInstanceUid: '1', timePoint: { name: '2024-03-01' }, observations: [], basedOn: [] };

  test('are stored with the key of the attempt, and answered with their UIDs', async () => {
    const stored = { studyInstanceUid: '1', seriesInstanceUid: '2', sopInstanceUid: '3' };
    const server = new FakeServer({ 'POST /time-point-reports': () => json(201, stored) });
    expect(await server.client.saveTimePoint(report, 'k')).toEqual(stored);
    // A string of RFC 9651 has quotes.
    expect(server.seen[0]?.headers['idempotency-key']).toBe('"k"');
    expect(server.seen[0]?.body).toEqual(report);
  });

  test('an answer without UIDs is not accepted as a stored report', async () => {
    const server = new FakeServer({ 'POST /time-point-reports': () => json(201, { studyInstanceUid: '1' }) });
    expect((await failureOf(server.client.saveTimePoint(report, 'k'))).code).toBe('viewer/unexpected-answer');
  });
});

describe('findings', () => {
  const FIRST = 'GET /findings?studyInstanceUid=1';

  test('are read page by page; a warning is kept once, a server without reports has none', async () => {
    const warning = { code: 'findings/unread', message: 'one is missing' };
    const [a, b] = [findingIn('prior', 'a'), findingIn('prior', 'b')];
    const server = new FakeServer({
      [FIRST]: () => json(200, { findings: [a], next: 1, warnings: [warning] }),
      [`${FIRST}&offset=1`]: () =>
        json(200, { findings: [b], warnings: [warning], reports: [{ sopInstanceUid: '8' }] }),
    });
    expect(await server.client.findings('1')).toEqual({
      findings: [a, b],
      reports: ['8'],
      warnings: [warning],
    });
  });

  test('a server that repeats a page does not get requests for ever', async () => {
    const server = new FakeServer({ [FIRST]: () => json(200, { findings: [], next: 0 }) });
    expect((await server.client.findings('1')).findings).toEqual([]);
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    ['findings', { total: 1 }],
    ['priors', { current: {} }],
  ] as const)('what is no list of %s is not accepted', async (name, answer) => {
    const server = new FakeServer({ [`GET /${name}?studyInstanceUid=1`]: () => json(200, answer) });
    expect((await failureOf(server.client[name]('1'))).code).toBe('viewer/unexpected-answer');
  });
});

describe('the analysis of a series', () => {
  const options = { signal: new AbortController().signal, onProgress: () => undefined };

  test('ends at once where it was made before, and with its job where it was not', async () => {
    const done = job('done', { kind: 'series-embedding' });
    let isNew = false;
    const server = new FakeServer({
      'POST /series-embeddings': () => (isNew ? json(202, job('running')) : json(200, { state: 'ready' })),
      [EVENTS]: () => eventStream([event('done', done)]),
    });
    await server.client.embedSeries(refOf('prior'), options);
    expect(server.seen[0]?.body).toEqual(refOf('prior'));
    isNew = true;
    await server.client.embedSeries(refOf('prior'), { ...options, model: 'mind-ssc' });
    expect(server.seen[1]?.body).toEqual({ ...refOf('prior'), model: 'mind-ssc' });
    expect(server.seen).toHaveLength(3);
  });
});

describe('several PACS', () => {
  const answer = {
    current: { ...studyOf('current'), source: 'main' },
    priors: [{ ...studyOf('prior'), source: 'archive' }],
    warnings: [],
  };

  function studyOf(name: Parameters<typeof refOf>[0]): object {
    const { studyInstanceUid } = refOf(name);
    return { studyInstanceUid, description: '', modalities: ['CT'], series: [], hasReports: false };
  }

  test('references name the PACS that the list of priors has named for their study', async () => {
    const { studyInstanceUid } = refOf('current');
    const server = new FakeServer({
      [`GET /priors?studyInstanceUid=${studyInstanceUid}`]: () => json(200, answer),
      'POST /matches': () => json(200, ANSWER),
      [`GET /reports?studyInstanceUid=${studyInstanceUid}&source=main`]: () => json(200, { reports: [] }),
    });
    const { client } = server;
    await client.priors(studyInstanceUid);
    await client.match(REQUEST, { signal: new AbortController().signal, onProgress: () => undefined });
    await client.reports(studyInstanceUid);
    expect(server.seen[1]?.body).toEqual({
      ...REQUEST,
      query: { ...refOf('current'), source: 'main' },
      targets: [{ ...refOf('prior'), source: 'archive' }],
    });
  });

  test.each([
    ['dicomweb', 'dicomweb'],
    [undefined, undefined],
    ['two\nlines', undefined],
    ['', undefined],
  ])('the data source %j of the viewer is named as %j', async (dataSource, sent) => {
    const server = new FakeServer({ 'GET /models': () => json(200, { models: [] }) });
    const client = new Client({
      baseUrl: 'https://viewer.example/samepoint/api',
      fetch: server.fetch,
      authorization: () => undefined,
      dataSource: () => dataSource,
      wait: () => Promise.resolve(),
    });
    await client.models().catch(() => undefined);
    expect(server.seen[0]?.headers['samepoint-data-source']).toBe(sent);
  });
});
