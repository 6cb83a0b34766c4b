/**
 * The log of a hospital server: enough to find a fault, nothing about patients. Headers, queries and bodies are never
 * logged; UIDs (a study UID leads to a patient) are replaced by keyed hashes wherever they occur in text.
 * @module
 */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { pino, symbols } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { errorFrom, isSamepointError } from '../errors/index.ts';

/** UIDs of registered roots have at least five components; those made of UUIDs begin with 2.25. */
const UID_IN_TEXT = /\b(?:2\.25\.\d+|\d+(?:\.\d+){4,})\b/g;
/** Characters of a hash in the log: 64 bits, no two series of a hospital collide. */
const HASH_LENGTH = 11;
/** Causes of causes that are logged. */
const MAX_CAUSES = 4;
/** Request ids of a proxy are adopted when they are harmless in a log. */
const ACCEPTED_REQUEST_ID = /^[\w.-]{1,64}$/;

type SerializerMap = Readonly<Record<string, (value: unknown) => unknown>>;

/** Replaces each UID in a text by a keyed hash. */
type Redact = (text: string) => string;

/** @param key Without one, each process has its own and its hashes cannot be joined with those of another. */
function createRedact(key: string | undefined): Redact {
  const secret = key ?? randomBytes(32);
  const hash = (uid: string): string =>
    createHmac('sha256', secret).update(uid).digest('base64url').slice(0, HASH_LENGTH);
  return (text) => text.replaceAll(UID_IN_TEXT, (uid) => `uid:${hash(uid)}`);
}

/** An error for the log: type, code, redacted message and stack, and the same of its causes. */
function describeError(error: unknown, redact: Redact, depth = 0): object {
  if (typeof error !== 'object' || error === null || !('message' in error)) {
    // Libraries throw texts and numbers, too; without theirs, the log would say only that something happened.
    return { type: typeof error, message: redact(errorFrom(error).message) };
  }
  const { name, message, stack, cause } = error as Error;
  const code = isSamepointError(error) ? error.code : (error as NodeJS.ErrnoException).code;
  return {
    type: name,
    message: redact(message),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack: redact(stack) }),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describeError(cause, redact, depth + 1) }),
  };
}

/** How the log is written. */
export interface LoggingOptions {
  readonly level: string;
  readonly uidHashKey?: string | undefined;
  /** Standard output by default. */
  readonly destination?: DestinationStream;
}

/** The logger of the server. */
export function createLogger({ level, uidHashKey, destination }: LoggingOptions): Logger {
  const redact = createRedact(uidHashKey);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: {
        err: (error: unknown) => describeError(error, redact),
        path: (path: unknown) => redact(String(path)),
      },
      // A second line: nothing puts these into the log, and if something ever does, they stay out.
      redact: ['*.authorization', '*.cookie', 'authorization', 'cookie', 'req.headers', 'headers'],
    },
    ...(destination === undefined ? [] : [destination]),
  );
}

function requestId(req: IncomingMessage, res: ServerResponse): string {
  const given = req.headers['x-request-id'];
  const id = typeof given === 'string' && ACCEPTED_REQUEST_ID.test(given) ? given : randomUUID();
  res.setHeader('X-Request-Id', id);
  return id;
}

/** The fields of the line of one request. */
function requestLine(req: IncomingMessage, res: ServerResponse, value: unknown): object {
  const { originalUrl } = req as IncomingMessage & { readonly originalUrl?: string };
  const { responseTime } = value as { readonly responseTime: number };
  return { method: req.method, path: originalUrl?.split('?')[0] ?? '', status: res.statusCode, responseTime };
}

/** One line per request: id, method, path without query, status, duration. */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: requestId,
    quietReqLogger: true,
    // pino-http would put its own serializers before ours: they know nothing of UIDs, and print headers.
    wrapSerializers: false,
    serializers: {
      ...(logger as unknown as { readonly [symbols.serializersSym]: SerializerMap })[symbols.serializersSym],
      req: () => undefined,
      res: () => undefined,
    },
    customSuccessObject: requestLine,
    // The error handler has logged the error already, with what is known about it.
    customErrorObject: (req, res, _error, value: unknown) => requestLine(req, res, value),
    customErrorMessage: () => 'request completed',
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'warn' : 'info'),
  }) as RequestHandler;
}
