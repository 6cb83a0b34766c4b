import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pacsFetch } from './fetch.ts';
import { portOf } from '../concurrency/testing/portOf.ts';

/** What the stream buffers before it pauses the parser, and no more, so that the end of the connection arrives behind it. */
const BODY_BYTES = 64 * 1024;
/** The connection has ended long before. */
const UNREAD_MS = 300;

const HEADS = {
  'a stated length': `HTTP/1.1 200 OK\r\nContent-Length: ${BODY_BYTES}\r\nConnection: close\r\n\r\n`,
  'a body that ends with the connection': 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n',
};

/** Serves one answer and ends the connection; closes with the test. */
async function serving(head: string): Promise<{ url: string; close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(head);
      socket.end(Buffer.alloc(BODY_BYTES, 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

describe('a PACS that closes the connection while its answer waits to be read', () => {
  test.each(Object.entries(HEADS))('%s: the answer is whole', async (_, head) => {
    const { url, close } = await serving(head);
    // Whoever has used the platform's fetch before shares its connections with everybody.
    await fetch('http://127.0.0.1:1/').catch(() => undefined);
    const response = await pacsFetch(url);
    await sleep(UNREAD_MS);
    expect((await response.arrayBuffer()).byteLength).toBe(BODY_BYTES);
    close();
  });
});
