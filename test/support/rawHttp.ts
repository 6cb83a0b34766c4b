import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';

/** What came back on a connection. */
export interface RawAnswer {
  /** 0 where the connection was closed without an answer. */
  readonly status: number;
  /** Head and body, as they came. */
  readonly text: string;
}

/** A request as its bytes: no client cleans it up. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  /** Beside Host, Content-Length and Connection. */
  readonly headers: readonly string[];
  readonly body: string;
  /** In the place of the address. */
  readonly host?: string;
}

const TIMEOUT_MS = 20_000;

/** Writes a request to a socket; each character is one byte. */
export async function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const { method, target, headers, body, host = `127.0.0.1:${port}` } = request;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    ...headers,
    ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
    'Connection: close',
    '',
    body,
  ];
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  socket.write(lines.join('\r\n'), 'latin1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A refusal may come before the request was read to its end, and then a reset.
  socket.on('error', () => undefined);
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('latin1');
  return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(text)?.[1] ?? 0), text };
}

/** A PACS that only records its requests, byte by byte, and answers everything with a list. */
export class RecordingPacs {
  readonly #server: Server;
  /** Request lines without the version, e.g. `GET /dicom-web/studies`. */
  requests: string[] = [];

  private constructor() {
    this.#server = createServer((socket) => {
      let text = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const isNew = !socket.writableEnded && text.includes('\r\n\r\n');
        if (!isNew) return;
        this.requests.push(text.slice(0, text.indexOf('\r\n')).replace(/ HTTP\/1\.1$/, ''));
        socket.end(
          'HTTP/1.1 200 OK\r\nContent-Type: application/dicom+json\r\nContent-Length: 8\r\nConnection: close\r\n\r\n["PACS"]',
        );
      });
    });
  }

  static async start(): Promise<RecordingPacs> {
    const pacs = new RecordingPacs();
    pacs.#server.listen(0, '127.0.0.1');
    await once(pacs.#server, 'listening');
    return pacs;
  }

  get root(): string {
    return `http://127.0.0.1:${portOf(this.#server)}/dicom-web`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
