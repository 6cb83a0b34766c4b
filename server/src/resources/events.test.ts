import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { CURRENT, Gate, PRIOR, refOf } from '../ports/testing/index.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { TestApp } from '../http/testing/testServer.ts';
import { portOf } from '../concurrency/testing/portOf.ts';

interface Event {
  readonly type: string;
  readonly data: {
    readonly state: string;
    readonly progress: { readonly fraction: number };
    readonly error?: object;
  };
}

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

/** A real port: events, aborts and keep-alive need a socket. */
async function start(overrides = {}): Promise<TestApp & { readonly api: string }> {
  const test = await testApp(overrides);
  server = createServer(test.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { ...test, api: `http://127.0.0.1:${portOf(server)}/samepoint/api` };
}

async function startJob(api: string): Promise<string> {
  const body = { query: refOf(CURRENT), targets: [refOf(PRIOR)], points: [{ id: 'a', lps: [1, 2, 3] }] };
  const response = await fetch(`${api}/matches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

function parseEvents(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [, type, data] = /^event: (\w+)\ndata: (.*)$/s.exec(block) ?? [];
      return { type: type ?? '', data: JSON.parse(data ?? 'null') as Event['data'] };
    });
}

describe('job events', () => {
  it('emit progress, then the end, and close', async () => {
    const { api, ports } = await start();
    ports.control.gate = new Gate();
    const response = await fetch(`${api}/jobs/${await startJob(api)}/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toContain('no-transform');
    expect(response.headers.get('content-encoding')).toBeNull();
    ports.control.gate.open();
    const events = parseEvents(await response.text());
    // The two series are cold: there is one preview.
    const previews = events.filter(({ type }) => type === 'preview');
    expect(previews).toMatchObject([
      { data: { state: 'running', preview: { matches: [{ ok: true, match: { method: 'preview' } }] } } },
    ]);
    expect(events.slice(0, -1).every(({ type }) => type === 'progress' || type === 'preview')).toBe(true);
    expect(events.at(-1)).toMatchObject({
      type: 'done',
      data: { state: 'done', result: { matches: [{ ok: true }] } },
    });
    const fractions = events.map(({ data }) => data.progress.fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  it('emit a finished job at once', async () => {
    const { api } = await start();
    const id = await startJob(api);
    await (await fetch(`${api}/jobs/${id}/events`)).text();
    const again = parseEvents(await (await fetch(`${api}/jobs/${id}/events`)).text());
    expect(again.map(({ type }) => type)).toEqual(['done']);
  });

  it('emit a failure with its error', async () => {
    const { api, ports } = await start();
    ports.source.withheld = 1;
    const events = parseEvents(await (await fetch(`${api}/jobs/${await startJob(api)}/events`)).text());
    expect(events.at(-1)).toMatchObject({
      type: 'failed',
      data: { error: { code: 'application/series-incomplete' } },
    });
  });

  it('emit a cancellation', async () => {
    const { api, ports } = await start();
    ports.control.gate = new Gate();
    const id = await startJob(api);
    const response = await fetch(`${api}/jobs/${id}/events`);
    await fetch(`${api}/jobs/${id}`, { method: 'DELETE' });
    expect(parseEvents(await response.text()).at(-1)).toMatchObject({ type: 'cancelled' });
  });

  it('send comments while nothing happens', async () => {
    const { api, ports } = await start({ http: { keepAliveMs: 5 } });
    ports.control.gate = new Gate();
    const response = await fetch(`${api}/jobs/${await startJob(api)}/events`);
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes(': keep-alive\n\n')) ports.control.gate.open();
    }
    expect(text).toContain(': keep-alive\n\n');
    expect(parseEvents(text.replaceAll(': keep-alive\n\n', '')).at(-1)).toMatchObject({ type: 'done' });
  });

  it('end when the server stops; the job does not', async () => {
    const { api, ports, shutdown } = await start();
    ports.control.gate = new Gate();
    const id = await startJob(api);
    const response = await fetch(`${api}/jobs/${id}/events`);
    shutdown.abort();
    const types = parseEvents(await response.text()).map(({ type }) => type);
    expect(types.filter((type) => type !== 'progress' && type !== 'preview')).toEqual([]);
    const job = (await (await fetch(`${api}/jobs/${id}`)).json()) as { state: string };
    expect(job.state).not.toBe('cancelled');
    ports.control.gate.open();
  });

  it('go on with the job when the reader closes the stream', async () => {
    const { api, ports } = await start();
    ports.control.gate = new Gate();
    const id = await startJob(api);
    const reader = new AbortController();
    await fetch(`${api}/jobs/${id}/events`, { signal: reader.signal });
    reader.abort();
    await nextTurn();
    ports.control.gate.open();
    const events = parseEvents(await (await fetch(`${api}/jobs/${id}/events`)).text());
    expect(events.at(-1)).toMatchObject({ type: 'done' });
  });

  it.each([
    ['of one user', { maxEventStreamsPerCaller: 2 }],
    ['of all users', { maxEventStreams: 2 }],
  ])('%s are limited; the job itself can still be requested', async (_name, http) => {
    const { api, ports } = await start({ http });
    ports.control.gate = new Gate();
    const id = await startJob(api);
    const reader = new AbortController();
    await fetch(`${api}/jobs/${id}/events`, { signal: reader.signal });
    const second = await fetch(`${api}/jobs/${id}/events`);
    const third = await fetch(`${api}/jobs/${id}/events`);
    expect(third.status).toBe(503);
    expect(third.headers.get('retry-after')).toBe('5');
    expect(await third.json()).toMatchObject({
      error: { code: 'http/too-many-streams', fields: { open: 2 } },
    });
    expect((await fetch(`${api}/jobs/${id}`)).status).toBe(200);
    reader.abort();
    await delay(100);
    const fourth = await fetch(`${api}/jobs/${id}/events`);
    expect(fourth.status).toBe(200);
    ports.control.gate.open();
    await Promise.all([second.text(), fourth.text()]);
    expect((await fetch(`${api}/jobs/${id}/events`)).status).toBe(200);
  });

  it('of other addresses and users have places of their own', async () => {
    const { api, ports } = await start({ http: { maxEventStreamsPerCaller: 1, trustProxyHops: 1 } });
    ports.control.gate = new Gate();
    const id = await startJob(api);
    const status = async (address: string): Promise<number> =>
      (await fetch(`${api}/jobs/${id}/events`, { headers: { 'X-Forwarded-For': address } })).status;
    expect(await status('10.0.0.1')).toBe(200);
    expect(await status('10.0.0.1')).toBe(503);
    // Readers without a login are many, not one.
    expect(await status('10.0.0.2')).toBe(200);
    // One client of IPv6 has a network of addresses.
    expect(await status('2001:db8::1')).toBe(200);
    expect(await status('2001:db8::2')).toBe(503);
    ports.control.gate.open();
  });
});
