/** A PACS for tests: a local HTTP server that answers as a test says, well or badly. */
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { isSamepointError } from '../../errors/index.ts';
import type { SamepointError } from '../../errors/index.ts';
import { createDicomwebClient } from '../client.ts';
import type { DicomwebClientOptions } from '../options.ts';
import { multipart, part10 } from './part10.ts';
import type { DicomwebSource } from '../types.ts';
import { portOf } from '../../concurrency/testing/portOf.ts';

export const SERIES = { studyInstanceUid: '1.2.3', seriesInstanceUid: '1.2.3.4' };
export const SOPS = ['1.2.3.4.1', '1.2.3.4.2', '1.2.3.4.3'];
export const FILES = SOPS.map((sop) => part10({ sop }));
export const SECRET = 'Bearer token-of-the-user';
export const MULTIPART = 'multipart/related; type="application/dicom"; boundary="the boundary"';
export const WHOLE = multipart(FILES, 'the boundary');

/** What the PACS does with the n-th call (from 1) of a path. */
export type Answer = (response: ServerResponse, request: IncomingMessage, call: number) => void;

let server: Server | undefined;
/** The requests to the running PACS, in order. */
export let requests: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
/** Pauses between retries, in ms. */
export let pauses: number[] = [];

/** Stops the PACS and breaks its connections; for `afterEach`, and between two PACS in one test. */
export async function stopPacs(): Promise<void> {
  const stopped = server;
  server = undefined;
  if (!stopped) return;
  stopped.closeAllConnections();
  await new Promise((resolve) => stopped.close(resolve));
}

/** Starts a PACS. `answers`: path without query (or `METHOD path`) to what it does; the series search answers by default.
 * `apart` gives services roots of their own. */
export async function pacs(
  answers: Readonly<Record<string, Answer>>,
  options: Partial<DicomwebClientOptions> = {},
  apart: (one: { readonly root: string }) => Partial<DicomwebClientOptions> = () => ({}),
): Promise<DicomwebSource> {
  requests = [];
  pauses = [];
  const calls = new Map<string, number>();
  const listener: RequestListener = (request, response) => {
    const url = request.url ?? '';
    const path = decodeURIComponent(url.split('?')[0] ?? '').replace('/dicom-web', '');
    requests.push({ method: request.method ?? '', url, headers: request.headers });
    const call = (calls.get(path) ?? 0) + 1;
    calls.set(path, call);
    const answer = answers[path] ?? (path === '/studies/1.2.3/series' ? seriesSearch(3) : undefined);
    if (answer) answer(response, request, call);
    else response.writeHead(404).end();
  };
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const root = `http://127.0.0.1:${portOf(server)}/dicom-web/`;
  return createDicomwebClient({
    root,
    timeoutMs: 2000,
    retries: 2,
    backoffMs: 100,
    random: () => 0.5,
    sleep: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    ...options,
    ...apart({ root }),
  });
}

export const seriesSearch =
  (instances: number | undefined): Answer =>
  (response) => {
    json(response, [
      {
        '0020000E': { vr: 'UI', Value: ['1.2.3.4'] },
        ...(instances === undefined ? {} : { '00201209': { vr: 'IS', Value: [instances] } }),
      },
    ]);
  };

/** Answers DICOM JSON. */
export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(body));
}

export const SERIES_PATH = '/studies/1.2.3/series/1.2.3.4';
export const send =
  (body: Uint8Array, contentType = MULTIPART, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': contentType }).end(body);
  };
/** Sends the first bytes, then breaks the connection. */
export const cut =
  (bytes: number): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': MULTIPART });
    response.write(WHOLE.subarray(0, bytes), () => setTimeout(() => response.destroy(), 10));
  };
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end('the PACS says something about Doe^John');
  };

/** The error of a promise, checked for what must never travel on. */
export async function failure(work: Promise<unknown>): Promise<SamepointError> {
  const error: unknown = await work.then(
    (value) => new Error(`resolved with ${String(value)}`),
    (caught: unknown) => caught,
  );
  if (!isSamepointError(error)) throw new Error('not an error of the catalogue', { cause: error });
  // Whatever went wrong: no token, no name, no URL in what travels on.
  const text = `${JSON.stringify(error)} ${error.stack ?? ''} ${String(error.cause)}`;
  for (const secret of ['token-of-the-user', 'Doe', '1.2.3.4', '127.0.0.1'])
    expect(text).not.toContain(secret);
  return error;
}
