import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';

/** What a broken network or a broken PACS does to an answer. */
export type Fault =
  /** Answers by itself; the PACS receives no request. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly type: string;
      readonly body: string | Buffer;
    }
  /** Breaks the connection after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Accepts the request and stays silent. */
  | { readonly kind: 'stall' }
  /** Sends the headers and the first bytes, then nothing more. */
  | { readonly kind: 'stall-midway'; readonly afterBytes: number }
  /** Changes the whole body. */
  | { readonly kind: 'rewrite'; readonly change: (body: Buffer) => Buffer }
  /** Requests another resource from the PACS than the server does. */
  | { readonly kind: 'redirect'; readonly path: (path: string) => string }
  /** Waits before it passes the request on. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Passes the request on to the PACS, and answers something else; without a status it breaks the connection. */
  | { readonly kind: 'misreport'; readonly status?: number; readonly body?: string }
  /** Passes the request on to the PACS, reports that to the test, and never answers. */
  | { readonly kind: 'withhold'; readonly done: () => void };

interface Rule {
  readonly applies: (method: string, path: string) => boolean;
  readonly fault: Fault;
  /** Remaining strikes. */
  remaining: number;
}

/** Which requests a fault strikes. */
export interface Strike {
  readonly method?: string;
  /** Matched against path and query. */
  readonly path: RegExp;
  /** How often; always, where absent. */
  readonly times?: number;
}

/** An HTTP proxy between server and PACS that misbehaves on request. */
export class FaultProxy {
  readonly #target: URL;
  readonly #server: Server;
  #rules: Rule[] = [];

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((incoming, answer) => {
      this.#serve(incoming, answer);
    });
  }

  /** Starts a proxy in front of a DICOMweb root. */
  static async start(root: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(root));
    proxy.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.#server.once('listening', resolve));
    return proxy;
  }

  /** The DICOMweb root as seen through the proxy. */
  get root(): string {
    const port = portOf(this.#server);
    return `http://127.0.0.1:${port}${this.#target.pathname}`;
  }

  /** From now on, requests that fit are struck. */
  strike({ method = 'GET', path, times = Infinity }: Strike, fault: Fault): void {
    this.#rules.push({ applies: (m, p) => m === method && path.test(p), fault, remaining: times });
  }

  /** Behaves again. */
  heal(): void {
    this.#rules = [];
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #fault(incoming: IncomingMessage): Fault | undefined {
    const rule = this.#rules.find(
      (candidate) => candidate.remaining > 0 && candidate.applies(incoming.method ?? '', incoming.url ?? ''),
    );
    if (rule !== undefined) rule.remaining -= 1;
    return rule?.fault;
  }

  #serve(incoming: IncomingMessage, answer: ServerResponse): void {
    const fault = this.#fault(incoming);
    answer.on('error', () => undefined);
    if (fault?.kind === 'answer') {
      incoming.resume();
      incoming.once('end', () =>
        answer.writeHead(fault.status, { 'Content-Type': fault.type }).end(fault.body),
      );
    } else if (fault?.kind === 'delay') {
      setTimeout(() => {
        this.#pass(incoming, answer, undefined);
      }, fault.ms);
    } else if (fault?.kind !== 'stall') {
      this.#pass(incoming, answer, fault);
    }
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse, fault: Fault | undefined): void {
    const { hostname, port } = this.#target;
    const outgoing = request(
      {
        hostname,
        port,
        method: incoming.method,
        path: fault?.kind === 'redirect' ? fault.path(incoming.url ?? '') : incoming.url,
        headers: { ...incoming.headers, host: this.#target.host },
      },
      (response) => {
        if (fault?.kind === 'misreport' || fault?.kind === 'withhold') mislead(response, answer, fault);
        else damage(response, answer, fault);
      },
    );
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }
}

function mislead(
  response: IncomingMessage,
  answer: ServerResponse,
  fault: Extract<Fault, { readonly kind: 'misreport' | 'withhold' }>,
): void {
  response.resume().once('end', () => {
    if (fault.kind === 'withhold') fault.done();
    else if (fault.status === undefined) answer.destroy();
    else answer.writeHead(fault.status).end(fault.body ?? '');
  });
}

function damage(response: IncomingMessage, answer: ServerResponse, fault: Fault | undefined): void {
  const headers = { ...response.headers };
  delete headers['content-length'];
  if (fault === undefined || fault.kind === 'redirect') {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
    return;
  }
  answer.writeHead(response.statusCode ?? 502, headers);
  const chunks: Buffer[] = [];
  let sent = 0;
  response.on('data', (chunk: Buffer) => {
    if (fault.kind === 'rewrite') {
      chunks.push(chunk);
      return;
    }
    if (fault.kind !== 'cut' && fault.kind !== 'stall-midway') return;
    const part = chunk.subarray(0, Math.max(0, fault.afterBytes - sent));
    sent += part.length;
    if (part.length > 0) answer.write(part);
    if (fault.kind === 'cut' && sent >= fault.afterBytes) setTimeout(() => answer.destroy(), 20);
  });
  response.on('end', () => {
    if (fault.kind === 'rewrite') answer.end(fault.change(Buffer.concat(chunks)));
  });
}
