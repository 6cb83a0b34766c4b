import { Client } from '../client/client.ts';

/** What a request looked like. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type Answer = Response | Promise<Response>;
/** "METHOD /path" → answer; called for each request. */
export type Routes = Readonly<
  Record<string, (request: SeenRequest, signal: AbortSignal | null | undefined) => Answer>
>;

export const BASE_URL = 'https://viewer.test/samepoint/api';

/** A JSON answer. */
export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

/** A stream of server-sent events, written as given; `cut` breaks the connection instead of ending it. */
export function eventStream(chunks: readonly string[], { cut = false } = {}): Response {
  const encoder = new TextEncoder();
  const remaining = [...chunks];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = remaining.shift();
      if (next !== undefined) controller.enqueue(encoder.encode(next));
      else if (cut) controller.error(new TypeError('network error'));
      else controller.close();
    },
  });
  return new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } });
}

/** The fetch of a server with these routes, and the requests that it received. */
export class FakeServer {
  readonly seen: SeenRequest[] = [];
  readonly waits: number[] = [];
  authorization: Record<string, unknown> | undefined;
  routes: Routes;

  constructor(routes: Routes = {}) {
    this.routes = routes;
  }

  get client(): Client {
    return new Client({
      baseUrl: BASE_URL,
      fetch: this.fetch,
      authorization: () => this.authorization,
      wait: (milliseconds) => {
        this.waits.push(milliseconds);
        return Promise.resolve();
      },
    });
  }

  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const url = new URL(input as string);
    const request: SeenRequest = {
      method: init.method ?? 'GET',
      path: url.pathname.slice(new URL(BASE_URL).pathname.length) + url.search,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
    };
    this.seen.push(request);
    const route = this.routes[`${request.method} ${request.path}`];
    if (init.signal?.aborted === true) throw new DOMException('aborted', 'AbortError');
    if (route === undefined) throw new TypeError(`no route for ${request.method} ${request.path}`);
    return route(request, init.signal);
  };
}
