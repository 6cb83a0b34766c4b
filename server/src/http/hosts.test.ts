import { connect } from 'node:net';
import { listen } from './listen.ts';
import type { RunningServer } from './listen.ts';
import { testApp } from './testing/testServer.ts';

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close(0);
  server = undefined;
});

async function start(http: Record<string, unknown> = {}): Promise<number> {
  const { app } = await testApp({ http });
  server = await listen(app, { host: '127.0.0.1', port: 0 });
  return Number(new URL(server.url).port);
}

/** Sends the lines of a request unchanged; clients put one right Host header into theirs. */
async function send(port: number, lines: readonly string[]): Promise<{ status: number; body: string }> {
  const socket = connect(port, '127.0.0.1');
  socket.end([...lines, 'Connection: close', '', ''].join('\r\n'));
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]), body: text };
}

const HEALTH = '/samepoint/api/health';
const GET = `GET ${HEALTH} HTTP/1.1`;

describe('a request says once for which host it is', () => {
  it.each([
    ['one Host header', [GET, 'Host: 127.0.0.1'], 200],
    ['one with a port', [GET, 'Host: localhost:8480'], 200],
    ['an address of IPv6', [GET, 'Host: [::1]:8480'], 200],
    ['the same twice', [GET, 'Host: 127.0.0.1', 'Host: 127.0.0.1'], 400],
    ['another one after it', [GET, 'Host: 127.0.0.1', 'Host: evil.example'], 400],
    ['another one before it', [GET, 'Host: evil.example', 'HOST: 127.0.0.1'], 400],
    [
      'another one behind a hundred headers',
      [GET, 'Host: 127.0.0.1', ...Array.from({ length: 2100 }, () => 'a:'), 'host: x'],
      400,
    ],
    ['a user', [GET, 'Host: evil.example@127.0.0.1'], 400],
    ['a user with a password', [GET, 'Host: 127.0.0.1:80@evil.example'], 400],
    ['a path', [GET, 'Host: 127.0.0.1/evil.example'], 400],
    ['a list', [GET, 'Host: 127.0.0.1, evil.example'], 400],
    ['two ports', [GET, 'Host: 127.0.0.1:80:80'], 400],
    ['a percent sign', [GET, 'Host: 127.0.0.1%2eevil.example'], 400],
    ['a fragment', [GET, 'Host: evil.example#127.0.0.1'], 400],
    ['an address of IPv6 without brackets', [GET, 'Host: ::1'], 400],
    ['none', [GET], 400],
    ['an empty one', [GET, 'Host:'], 421],
    ['none in HTTP/1.0', [`GET ${HEALTH} HTTP/1.0`], 421],
    ['a full URL for the same host', [`GET http://127.0.0.1${HEALTH} HTTP/1.1`, 'Host: 127.0.0.1'], 200],
    ['a full URL for another host', [`GET http://evil.example${HEALTH} HTTP/1.1`, 'Host: 127.0.0.1'], 400],
    ['a full URL and a foreign Host', [`GET http://127.0.0.1${HEALTH} HTTP/1.1`, 'Host: evil.example'], 400],
    ['a full URL with a user', [`GET http://a@127.0.0.1${HEALTH} HTTP/1.1`, 'Host: 127.0.0.1'], 400],
    ['a full URL of another scheme', [`GET ftp://127.0.0.1${HEALTH} HTTP/1.1`, 'Host: 127.0.0.1'], 400],
    ['a foreign Host', [GET, 'Host: evil.example'], 421],
    [
      'a foreign Host, vouched for by the client',
      [GET, 'Host: evil.example', 'X-Forwarded-Host: 127.0.0.1'],
      421,
    ],
  ])('%s', async (_name, lines, status) => {
    expect((await send(await start({ trustProxyHops: 1 }), lines)).status).toBe(status);
  });

  it('also on a server that answers for every name', async () => {
    const port = await start({ host: '0.0.0.0' });
    expect((await send(port, [GET, 'Host: any.example'])).status).toBe(200);
    const twice = await send(port, [GET, 'Host: any.example', 'Host: other.example']);
    expect(twice.status).toBe(400);
    expect(twice.body).toContain('http/invalid-target');
    expect((await send(port, [GET, 'Host: user@any.example'])).status).toBe(400);
  });
});
