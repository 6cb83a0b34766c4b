import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { SeriesRef } from './api.ts';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';

/** What a user may do: find studies and series (QIDO-RS), and retrieve images (WADO-RS). */
export interface Rights {
  readonly search: boolean;
  readonly retrieve: boolean;
}

export const ALL_RIGHTS: Rights = { search: true, retrieve: true };

/** Retrievals, as opposed to searches: a series or an instance, their metadata and frames. */
const RETRIEVAL = /\/series\/[\d.]+(?:$|\?|\/metadata|\/instances\/)/u;

/** A proxy before a PACS that has none of its own: it knows users by their Authorization header and what each may do. */
export class RightsProxy {
  /** By Authorization header; a missing one is answered 401. */
  readonly rights = new Map<string, Rights>();
  readonly #target: URL;
  readonly #server: Server;
  /** Series whose retrieval waits until the gate opens. */
  readonly #held = new Map<string, Promise<void>>();
  readonly #slow = new Set<string>();

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((incoming, answer) => {
      this.#serve(incoming, answer);
    });
  }

  static async start(root: string): Promise<RightsProxy> {
    const proxy = new RightsProxy(new URL(root));
    proxy.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.#server.once('listening', resolve));
    return proxy;
  }

  get root(): string {
    const port = portOf(this.#server);
    return `http://127.0.0.1:${port}${this.#target.pathname}`;
  }

  /** Holds the retrieval of a whole series back; the returned function lets it go. */
  hold({ seriesInstanceUid }: SeriesRef): () => void {
    let open: () => void = () => undefined;
    this.#held.set(seriesInstanceUid, new Promise((resolve) => (open = resolve)));
    return open;
  }

  /** From now on, and for ever, the whole series comes at 20 bytes per second, a byte at a time. */
  trickle({ seriesInstanceUid }: SeriesRef): void {
    this.#slow.add(seriesInstanceUid);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(incoming: IncomingMessage, answer: ServerResponse): void {
    answer.on('error', () => undefined);
    const url = incoming.url ?? '';
    const rights = this.rights.get(incoming.headers.authorization ?? '');
    const isAllowed = RETRIEVAL.test(url) ? rights?.retrieve : rights?.search;
    if (isAllowed !== true) {
      incoming.resume();
      answer.writeHead(rights === undefined ? 401 : 403).end();
      return;
    }
    const [, series = ''] = /\/series\/([\d.]+)$/u.exec(url) ?? [];
    void (this.#held.get(series) ?? Promise.resolve()).then(() => {
      this.#pass(incoming, answer, this.#slow.has(series));
    });
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse, isSlow: boolean): void {
    const { hostname, port, host } = this.#target;
    const { method, url: path, headers } = incoming;
    const outgoing = request({ hostname, port, method, path, headers: { ...headers, host } }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      if (isSlow) dribble(response, answer);
      else response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }
}

function dribble(response: IncomingMessage, answer: ServerResponse): void {
  response.once('data', (chunk: Buffer) => {
    response.pause();
    let sent = 0;
    const timer = setInterval(() => {
      answer.write(chunk.subarray(sent, sent + 1));
      sent += 1;
    }, 50);
    answer.on('close', () => {
      clearInterval(timer);
    });
  });
}
