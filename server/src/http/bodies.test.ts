import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Router } from 'express';
import request from 'supertest';
import { CURRENT, refOf } from '../ports/testing/index.ts';
import { listen } from './listen.ts';
import type { RunningServer } from './listen.ts';
import { testApp } from './testing/testServer.ts';

const API = '/samepoint/api';
let server: RunningServer | undefined;
let sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await server?.close(0);
});

async function start(http: Record<string, unknown>): Promise<string> {
  const upload = Router().post('/studies', (req, res) => {
    req.resume().once('end', () => res.end('stored'));
  });
  const { app } = await testApp({ http }, { mounts: [{ path: '/dicom-web', router: upload }] });
  server = await listen(app, { host: '127.0.0.1', port: 0 });
  return server.url;
}

/** Announces a body and sends only its first byte. */
async function halfSent(url: string, path: string, headers = 'Content-Length: 100'): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`,
  );
  socket.write('1');
  await once(socket, 'connect');
  return socket;
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe('bodies that do not arrive', () => {
  it.each(['Content-Length: 100', 'Transfer-Encoding: chunked'])(
    'are not waited for (%s)',
    async (headers) => {
      const url = await start({ bodyTimeoutMs: 200 });
      const text = await textOf(await halfSent(url, `${API}/matches`, headers));
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
      expect(text).toContain('http/body-timeout');
      expect(text).toMatch(/^Connection: close\r$/im);
    },
  );

  it.each([`${API}/matches`, '/dicom-web/studies'])('hold a limited number of places: %s', async (path) => {
    const url = await start({ maxOpenBodiesPerCaller: 2, bodyTimeoutMs: 5_000 });
    const [first] = [await halfSent(url, path), await halfSent(url, path)];
    // They must have reached the server.
    await delay(100);
    const refused = await request(url).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(503);
    expect(refused.body).toMatchObject({ error: { code: 'http/too-many-bodies', fields: { open: 2 } } });
    expect(refused.headers['retry-after']).toBe('5');
    await request(url).get(`${API}/health`).expect(200);
    first.destroy();
    await delay(100);
    await request(url).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(202);
    await request(url).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(200);
  });

  it('hold a limited number of places in all', async () => {
    const url = await start({ maxOpenBodies: 1, trustProxyHops: 1 });
    await halfSent(url, '/dicom-web/studies', 'X-Forwarded-For: 10.0.0.1\r\nContent-Length: 100');
    await delay(100);
    const other = request(url).post('/dicom-web/studies').set('X-Forwarded-For', '10.0.0.2');
    await other.send('x').expect(503);
  });
});
