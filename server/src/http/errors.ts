import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { ErrorAnswer } from '../apiSchemas/index.ts';

/** Errors of Express' body parser and router carry a type or a status; everything else about them is ours to say. */
interface LibraryError {
  readonly type?: unknown;
  readonly status?: unknown;
}

const EXPECTED_BODY = 'application/json in UTF-8';

/** 404 for everything that no route has answered. */
export const notFound: RequestHandler = (req) => {
  const path = req.originalUrl.split('?')[0] ?? '';
  throw new SamepointError('http/not-found', { method: req.method, path });
};

function fromLibrary({ type, status }: LibraryError, bodyLimitBytes: number): SamepointError | undefined {
  switch (type) {
    case 'entity.parse.failed':
    case 'request.size.invalid':
    case 'request.aborted':
      return new SamepointError('http/invalid-json', {});
    case 'entity.too.large':
      return new SamepointError('http/body-too-large', { limitBytes: bodyLimitBytes });
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new SamepointError('http/unsupported-media-type', { expected: EXPECTED_BODY });
    default:
      return status === 400
        ? new SamepointError('http/invalid-request', { problems: ['path: not a valid URL path'] })
        : undefined;
  }
}

/** A body that is not JSON would parse as no body at all; and only JSON makes browsers send a preflight first. */
export const requireJson: RequestHandler = (req, _res, next) => {
  if (req.method === 'POST' && req.is('application/json') === false) {
    throw new SamepointError('http/unsupported-media-type', { expected: EXPECTED_BODY });
  }
  next();
};

/** Answers with an error, and logs that it was refused. */
export function sendError(error: SamepointError, req: Request, res: Response): void {
  req.log.info({ code: error.code }, 'request refused');
  if ('retryAfterS' in error.fields) res.set('Retry-After', String(error.fields.retryAfterS));
  const answer: ErrorAnswer = { error: error.toJSON() };
  res.status(error.status).set('Cache-Control', 'no-store').json(answer);
}

/**
 * Every error as `{error: {code, status, message, remedy, fields}}`. Errors outside the catalogue are faults of ours:
 * the log gets them with the request id, the client only that id.
 */
export function errorHandler(bodyLimitBytes: number): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
  return (thrown: unknown, req, res, _next) => {
    if (res.headersSent || req.socket.destroyed) {
      // Too late to say so: the client sees a cut. One that has disconnected has caused the error itself.
      if (!req.socket.destroyed) req.log.error({ err: thrown }, 'an answer was cut off');
      res.destroy();
      return;
    }
    const known = isSamepointError(thrown)
      ? thrown
      : fromLibrary(Object(thrown) as LibraryError, bodyLimitBytes);
    const correlationId = typeof req.id === 'string' ? req.id : 'unknown';
    if (known === undefined) req.log.error({ err: thrown, correlationId }, 'request failed unexpectedly');
    sendError(known ?? new SamepointError('http/internal', { correlationId }), req, res);
  };
}
