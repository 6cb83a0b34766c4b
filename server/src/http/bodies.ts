/**
 * Bodies that never arrive. A client may announce a body, send half of it and stay: each such request holds a connection and memory.
 * @module
 */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { SamepointError } from '../errors/index.ts';
import { addressKey } from '../exchange/index.ts';
import { sendError } from './errors.ts';
import type { Places } from '../exchange/index.ts';

/** A body is on its way for milliseconds. */
const RETRY_AFTER_S = 5;

/** RFC 9112 6.3: what announces a body. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Bounds how many bodies may be on their way, and for how long.
 * @param timeoutMs Without it, only the server's own `http.requestTimeoutMs` holds: for the images of a whole study.
 * @throws SamepointError `http/too-many-bodies`; answers `http/body-timeout`
 */
export function boundBodies(places: Places, timeoutMs?: number): RequestHandler {
  return (req, res, next) => {
    if (!hasBody(req)) {
      next();
      return;
    }
    const release = places.acquire([addressKey(req.ip)]);
    if (release === undefined) {
      // The rest of the body is not waited for.
      res.set('Connection', 'close');
      throw new SamepointError('http/too-many-bodies', { open: places.open, retryAfterS: RETRY_AFTER_S });
    }
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            if (req.complete || res.headersSent) return;
            res.set('Connection', 'close');
            sendError(new SamepointError('http/body-timeout', { timeoutMs }), req, res);
          }, timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      release();
    };
    req.once('end', done);
    res.once('close', done);
    next();
  };
}
