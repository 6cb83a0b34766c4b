import { listen } from './listen.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

describe('listen', () => {
  it('answers at its URL and stops', async () => {
    const server = await listen((_req, res) => res.end('here'), ANY_PORT);
    expect(await (await fetch(server.url)).text()).toBe('here');
    await server.close(1000);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('names a port that is taken', async () => {
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
