import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { SamepointError } from '../errors/index.ts';
import { limitPerAddress } from './connections.ts';

/** What one client, or all of them, may hold open. */
interface ConnectionLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly trustProxyHops: number;
}

/** Where and how to listen. */
export interface ListenOptions extends Partial<ConnectionLimits> {
  readonly host: string;
  readonly port: number;
  /** Called for each connection that was closed because there are too many. */
  readonly onRefused?: () => void;
}

/** Shorter than the pause between two clicks; a proxy that keeps connections open itself requests it with each request. */
const KEEP_ALIVE_MS = 5_000;
/** Nothing is sent or received on a connection: longer than the slowest answer of a PACS, and than `http.keepAliveMs`. */
const IDLE_MS = 600_000;
/** How often Node looks for connections whose time is over, at most. */
const CHECK_MS = 5_000;

/** A server that listens. */
export interface RunningServer {
  /** e.g. http://127.0.0.1:8480, without a trailing slash. */
  readonly url: string;
  /** Accepts no new requests, lets running ones end, and cuts those that last longer than the given time. */
  close(timeoutMs: number): Promise<void>;
}

function urlOf(server: Server): string {
  const listening = server.address();
  // listen() with a host and a port gives an address, never a pipe name.
  if (listening === null || typeof listening === 'string') throw new TypeError('the server has no address');
  const { address, family, port } = listening;
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

function createBoundServer(handler: RequestListener, options: ListenOptions): Server {
  const { headersTimeoutMs, requestTimeoutMs, maxConnections, maxConnectionsPerAddress } = options;
  const { trustProxyHops = 0, onRefused = () => undefined } = options;
  const timeouts = [headersTimeoutMs, requestTimeoutMs].filter((ms) => ms !== undefined);
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(CHECK_MS, ...timeouts.map((ms) => Math.ceil(ms / 2))),
      // Node refuses headers that may last longer than their request.
      ...(headersTimeoutMs === undefined ? {} : { headersTimeout: Math.min(...timeouts) }),
      ...(requestTimeoutMs === undefined ? {} : { requestTimeout: requestTimeoutMs }),
    },
    handler,
  );
  server.setTimeout(IDLE_MS);
  // Beyond a count Node drops headers and says nothing; their size is limited anyway (16 KiB).
  server.maxHeadersCount = 0;
  server.on('drop', onRefused);
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  if (maxConnectionsPerAddress !== undefined && trustProxyHops === 0) {
    limitPerAddress(server, maxConnectionsPerAddress, onRefused);
  }
  return server;
}

/**
 * Opens a port.
 * @throws SamepointError `http/cannot-listen`
 */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<RunningServer> {
  const { host, port } = options;
  const server = createBoundServer(handler, options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code ?? cause.message;
      reject(new SamepointError('http/cannot-listen', { address: `${host}:${port}`, reason }, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return { url: urlOf(server), close: (timeoutMs) => closeServer(server, timeoutMs) };
}
