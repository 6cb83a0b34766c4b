/**
 * One HTTP exchange with the PACS: stall timeout, minimum rate, byte cap, cancellation, and every failure as an error of the catalogue.
 * Nothing of a request (headers, URL, query) ever enters an error: headers hold tokens, queries hold patient data.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import type { ErrorCode } from '../errors/index.ts';
import { cooperativeTurns } from '../concurrency/index.ts';
import type { Transport } from './options.ts';
import { followInside } from './redirects.ts';
import { TransferRate } from './transferRate.ts';
import type { RequestOptions } from './types.ts';

/** What a 404 means for a request. */
export type NotFoundCode = Extract<
  ErrorCode,
  'dicomweb/study-not-found' | 'dicomweb/series-not-found' | 'dicomweb/instance-not-found'
>;

/** What a request is, for error messages and for the meaning of a 404. */
export interface Operation {
  /** e.g. `WADO-RS retrieve series`. */
  readonly name: string;
  /** Without it a 404 is `dicomweb/rejected`. */
  readonly notFound?: NotFoundCode;
  readonly maxBytes: number;
}

/** One request; the URL is complete. */
export interface PacsRequest extends RequestOptions {
  readonly operation: Operation;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** An answer whose headers have arrived; the body is read by iterating, at most once. */
export interface PacsResponse {
  readonly status: number;
  /** Media type with its parameters, empty where the PACS sends none. */
  readonly contentType: string;
  /** The body was compressed for the transfer (RFC 9110 8.4) and is inflated while it is read. */
  readonly isCompressed: boolean;
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes an answer whose body will not be read. */
  readonly discard: () => Promise<void>;
}

/** Pause that a busy PACS may request, in ms; a longer one is not waited for by a person. */
const MAX_RETRY_AFTER_MS = 30_000;

/** Aborts when nothing has happened for `timeoutMs` while somebody waits. */
class StallWatch {
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Awaits with the clock running; between two reads it stands still, a slow consumer is no stall of the PACS. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#timer = setTimeout(() => {
      this.#controller.abort();
    }, this.#timeoutMs);
    try {
      return await work;
    } finally {
      clearTimeout(this.#timer);
    }
  }
}

/**
 * Sends a request and waits for the headers of the answer. A status that may pass
 * (5xx, 429) is raised, any other is returned; see {@link requireStatus}.
 * @throws SamepointError `dicomweb/unreachable`, `dicomweb/timeout`, `dicomweb/server-error`, `dicomweb/redirected`; the reason of the signal when it aborts.
 */
export async function send(transport: Transport, request: PacsRequest): Promise<PacsResponse> {
  request.signal?.throwIfAborted();
  const watch = new StallWatch(transport.timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, watch.signal]) : watch.signal;
  const describe = (error: unknown, code: 'unreachable' | 'truncated'): unknown => {
    if (request.signal?.aborted) return request.signal.reason;
    const operation = request.operation.name;
    if (watch.signal.aborted)
      return new SamepointError('dicomweb/timeout', { operation, timeoutMs: transport.timeoutMs });
    const reason = networkReason(error);
    return code === 'unreachable'
      ? new SamepointError('dicomweb/unreachable', { operation, reason })
      : new SamepointError('dicomweb/truncated', { operation, instances: 0, reason });
  };
  const exchange = async (url: string): Promise<Response> => {
    try {
      return await watch.during(transport.fetch(url, fetchInit(transport, request, signal)));
    } catch (error) {
      throw describe(error, 'unreachable');
    }
  };
  const response = await followInside(
    Object.values(transport.roots),
    request,
    exchange,
    request.operation.name,
  );
  const contentType = response.headers.get('content-type') ?? '';
  const body = readBody(response, { transport, watch, operation: request.operation }, (error) =>
    describe(error, 'truncated'),
  );
  const discard = async (): Promise<void> => {
    await response.body?.cancel().catch(() => undefined);
  };
  if (isRetryable(response.status)) {
    await discard();
    throw serverError(request.operation, response);
  }
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  const isCompressed = encoding.trim().toLowerCase() !== 'identity';
  return { status: response.status, contentType, isCompressed, body, discard };
}

function fetchInit(transport: Transport, request: PacsRequest, signal: AbortSignal): RequestInit {
  const authorization = request.authorization ?? transport.authorization;
  return {
    method: request.method,
    headers: {
      // Node requests gzip by default, and Orthanc then spends 15 s of CPU on a series instead of 0.7 s.
      'accept-encoding': 'identity',
      ...request.headers,
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(request.body ? { body: request.body } : {}),
    // See followInside.
    redirect: 'manual',
    signal,
  };
}

async function* readBody(
  response: Response,
  {
    transport,
    watch,
    operation,
  }: { readonly transport: Transport; readonly watch: StallWatch; readonly operation: Operation },
  describe: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!response.body) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const { minBytesPerSecond, timeoutMs } = transport;
  const rate = new TransferRate(minBytesPerSecond, timeoutMs);
  // Chunks that have arrived are handed out without a pause; what is done with each is part of this turn.
  const turn = cooperativeTurns();
  let bytes = 0;
  try {
    for (;;) {
      await turn();
      const requestedAt = performance.now();
      const { done, value } = await watch.during(reader.read()).catch((error: unknown) => {
        throw describe(error);
      });
      if (done) return;
      const tooSlow = rate.add(value.byteLength, performance.now() - requestedAt);
      if (tooSlow !== undefined)
        throw new SamepointError('dicomweb/too-slow', {
          operation: operation.name,
          bytesPerSecond: Math.round(tooSlow),
          minBytesPerSecond,
        });
      bytes += value.byteLength;
      if (bytes > operation.maxBytes)
        throw new SamepointError('dicomweb/too-large', {
          operation: operation.name,
          maxBytes: operation.maxBytes,
        });
      yield value;
    }
  } finally {
    // Also when the consumer stops early: the connection is closed instead of filling up.
    await reader.cancel().catch(() => undefined);
  }
}

/** True for answers that may be different a moment later (RFC 9110 15.6, RFC 6585 4); 501 and 505 will not be. */
function isRetryable(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

function serverError(operation: Operation, response: Response): SamepointError {
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  const retryAfterMs = Number.isFinite(seconds)
    ? Math.min(Math.max(seconds, 0) * 1000, MAX_RETRY_AFTER_MS)
    : 0;
  return new SamepointError('dicomweb/server-error', {
    operation: operation.name,
    httpStatus: response.status,
    retryAfterMs,
  });
}

/** Raises the error that a status stands for and closes the answer, unless the status is one of the accepted ones. */
export async function requireStatus(
  response: PacsResponse,
  operation: Operation,
  accepted: readonly number[],
): Promise<void> {
  const { status } = response;
  if (accepted.includes(status)) return;
  await response.discard();
  const { name, notFound } = operation;
  if (status === 401) throw new SamepointError('dicomweb/unauthorized', { operation: name });
  if (status === 403) throw new SamepointError('dicomweb/forbidden', { operation: name });
  // A PACS whose store has more than one level answers so, and begins to fetch what was requested.
  if (status === 202) throw new SamepointError('dicomweb/nearline', { operation: name });
  if ((status === 404 || status === 410) && notFound) throw new SamepointError(notFound, { operation: name });
  throw new SamepointError('dicomweb/rejected', { operation: name, httpStatus: status });
}

/** Reads a body to its end. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** The code of a network failure, e.g. ECONNREFUSED. The message is not used: it may quote a header or a URL. */
function networkReason(error: unknown): string {
  let at = error;
  // fetch wraps the cause once or twice.
  for (let depth = 0; depth < 5 && typeof at === 'object' && at !== null; depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    at = 'cause' in at ? at.cause : undefined;
  }
  return 'network failure';
}

/** The media type of an answer for an error message, cut to what cannot hold anything else. */
export function safeContentType(contentType: string): string {
  const type = /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(contentType.trim());
  return type ? type[0].toLowerCase() : 'an answer without a content type';
}
