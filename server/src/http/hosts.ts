/**
 * A web page of anybody may let its own name point to 127.0.0.1 and then talk to a server on the reader's machine as if
 * it were its own (DNS rebinding): same origin for the browser, no CORS, and a PACS that trusts this machine. The Host
 * header still carries the foreign name.
 * @module
 */
import type { RequestHandler } from 'express';
import { SamepointError } from '../errors/index.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);
/** Longest host name of DNS (RFC 1035 2.3.4); the rest of a longer one is not repeated. */
const MAX_NAME_LENGTH = 253;

/** The name in a Host header, without its port. */
function nameIn(header: string): string {
  return header.replace(/:\d*$/, '').toLowerCase();
}

/** Answers only for the names of this machine and the allowed ones. */
export function requireKnownHost(listensOn: string, allowedHosts: readonly string[]): RequestHandler {
  const isLocal = LOOPBACK.has(listensOn);
  if (!isLocal && allowedHosts.length === 0) {
    return (_req, _res, next) => {
      next();
    };
  }
  const allowed = new Set([...LOOPBACK, listensOn, ...allowedHosts].map((name) => name.toLowerCase()));
  return (req, _res, next) => {
    const host = nameIn(req.headers.host ?? '');
    if (!allowed.has(host)) {
      throw new SamepointError('http/unknown-host', { host: host.slice(0, MAX_NAME_LENGTH) });
    }
    next();
  };
}
