/**
 * For whom a request is. A web page of anybody may let its own name point to 127.0.0.1 and then talk to a server on the reader's
 * machine as if it were its own (DNS rebinding): same origin for the browser, no CORS, and a PACS that trusts this machine. The Host
 * header still carries the foreign name. A request that names its host twice, or in two ways, would be for one host here and for
 * another in the proxy before it: it is refused (RFC 9112 3.2).
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { RequestHandler } from 'express';
import { SamepointError } from '../errors/index.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'] as const;
/** Longest host name of DNS (RFC 1035 2.3.4); the rest of a longer one is not repeated. */
const MAX_NAME_LENGTH = 253;
/** `uri-host [":" port]` (RFC 9110 7.2) without what no host here has: users, paths, percent signs. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
/** RFC 9112 3.2.2, as clients send it to a proxy. */
const ABSOLUTE_FORM = /^[a-z][a-z\d+.-]*:/i;

/** The name in a Host header, without its port. */
function nameIn(header: string): string {
  return header.replace(/:\d*$/, '').toLowerCase();
}

function countHostHeaders({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;
}

/** The authority of a target in absolute form, as it stands there; undefined for any other target. */
function authorityOf(target: string): string | undefined {
  if (!ABSOLUTE_FORM.test(target)) return undefined;
  return /^https?:\/\/([^/?#\\]*)/i.exec(target)?.[1] ?? '';
}

function problemOf(req: IncomingMessage): string | undefined {
  const { host = '' } = req.headers;
  if (countHostHeaders(req) > 1) return 'it has two Host headers';
  if (host !== '' && !HOST.test(host)) return 'its Host header is not a host name with an optional port';
  const authority = authorityOf(req.url ?? '');
  if (authority !== undefined && authority.toLowerCase() !== host.toLowerCase()) {
    return 'its target and its Host header name different hosts';
  }
  return undefined;
}

/**
 * Refuses requests that do not say clearly for which host they are.
 * @throws SamepointError `http/invalid-target`
 */
export const requireOneHost: RequestHandler = (req, _res, next) => {
  const reason = problemOf(req);
  if (reason !== undefined) throw new SamepointError('http/invalid-target', { reason });
  next();
};

/**
 * Answers only for the names of this machine and the allowed ones.
 * @throws SamepointError `http/unknown-host`
 */
export function requireKnownHost(listensOn: string, allowedHosts: readonly string[]): RequestHandler {
  const own = isIPv6(listensOn) ? `[${listensOn}]` : listensOn;
  const isLocal = LOOPBACK.some((name) => name === own);
  if (!isLocal && allowedHosts.length === 0) {
    return (_req, _res, next) => {
      next();
    };
  }
  const allowed = new Set([...LOOPBACK, own, ...allowedHosts].map((name) => name.toLowerCase()));
  return (req, _res, next) => {
    const host = nameIn(req.headers.host ?? '');
    if (!allowed.has(host)) {
      throw new SamepointError('http/unknown-host', { host: host.slice(0, MAX_NAME_LENGTH) });
    }
    next();
  };
}
