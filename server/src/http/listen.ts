import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SamepointError } from '../errors/index.ts';

/** A server that listens. */
export interface RunningServer {
  /** e.g. http://127.0.0.1:8480, without a trailing slash. */
  readonly url: string;
  /** Takes no new requests, lets running ones end, and cuts those that take longer than the given time. */
  close(timeoutMs: number): Promise<void>;
}

function urlOf(server: Server): string {
  // listen() with a host and a port gives an address, never a pipe name.
  const { address, family, port } = server.address() as AddressInfo;
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : address;
  return `http://${family === 'IPv6' && host !== 'localhost' ? `[${host}]` : host}:${port}`;
}

async function closeServer(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, timeoutMs);
  await closed;
  clearTimeout(cut);
}

/**
 * Opens a port.
 * @throws SamepointError `http/cannot-listen`
 */
export async function listen(
  handler: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code ?? cause.message;
      reject(new SamepointError('http/cannot-listen', { address: `${host}:${port}`, reason }, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return { url: urlOf(server), close: (timeoutMs) => closeServer(server, timeoutMs) };
}
