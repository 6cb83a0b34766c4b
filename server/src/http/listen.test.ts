import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { listen } from './listen.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

describe('listen', () => {
  it('answers at its URL and stops', async () => {
    const server = await listen((_req, res) => res.end('here'), ANY_PORT);
    expect(await (await fetch(server.url)).text()).toBe('here');
    await server.close(1000);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('names a port that is in use', async () => {
    const server = await listen((_req, res) => res.end(), ANY_PORT);
    const port = Number(new URL(server.url).port);
    await expect(listen((_req, res) => res.end(), { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'http/cannot-listen',
      fields: { address: `127.0.0.1:${port}`, reason: 'EADDRINUSE' },
    });
    await server.close(1000);
  });

  it('lets a running request end', async () => {
    let finish: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const server = await listen((_req, res) => {
      void started.then(() => res.end('complete'));
    }, ANY_PORT);
    const answer = fetch(server.url).then((response) => response.text());
    // The request must have arrived before the server closes.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = server.close(10_000);
    finish();
    expect(await answer).toBe('complete');
    await closed;
  });

  it('cuts requests that do not end in time', async () => {
    const server = await listen(() => undefined, ANY_PORT);
    const answer = fetch(server.url);
    const failed = expect(answer).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await server.close(10);
    await failed;
  });
});

const LIMITS = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  maxConnections: 100,
  maxConnectionsPerAddress: 100,
  trustProxyHops: 0,
};

/** A connection on which the given text is all that comes; resolves with what was answered, when it is closed. */
async function sayAndWait(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  if (text !== '') socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

describe('a connection', () => {
  it.each([
    ['that says nothing', ''],
    ['whose headers do not end', 'GET / HTTP/1.1\r\nHost: localhost\r\n'],
  ])('%s is closed', async (_name, text) => {
    const server = await listen((_req, res) => res.end(), { ...ANY_PORT, ...LIMITS, headersTimeoutMs: 200 });
    expect(await sayAndWait(server.url, text)).toMatch(/^HTTP\/1\.1 408 /);
    await server.close(0);
  });

  it('whose request does not end is closed', async () => {
    const server = await listen(() => undefined, { ...ANY_PORT, ...LIMITS, requestTimeoutMs: 200 });
    const text = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1';
    expect(await sayAndWait(server.url, text)).toMatch(/^HTTP\/1\.1 408 /);
    await server.close(0);
  });

  it('is one of a limited number', async () => {
    let refused = 0;
    const server = await listen((_req, res) => res.end('here'), {
      ...ANY_PORT,
      ...LIMITS,
      maxConnections: 2,
      onRefused: () => (refused += 1),
    });
    const port = Number(new URL(server.url).port);
    const open: Socket[] = [];
    for (let count = 0; count < 2; count += 1) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      open.push(socket);
    }
    expect(await sayAndWait(server.url, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBe('');
    expect(refused).toBe(1);
    for (const socket of open) socket.destroy();
    // The server learns of it a moment later.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await (await fetch(server.url)).text()).toBe('here');
    await server.close(0);
  });

  it('of this machine is not counted by its address: a proxy has one for all', async () => {
    const server = await listen((_req, res) => res.end('here'), {
      ...ANY_PORT,
      ...LIMITS,
      maxConnectionsPerAddress: 1,
    });
    const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(server.url)).text()));
    expect(answers).toEqual(['here', 'here', 'here']);
    await server.close(0);
  });
});
