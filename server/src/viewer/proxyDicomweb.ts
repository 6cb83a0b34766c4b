/**
 * The viewer's way to the PACS through this server: browsers need permission of a PACS on another origin (CORS) that
 * most do not give. Requests keep the viewer's own credentials; the server's are never added.
 *
 * The threat: this server stands where the PACS trusts it, and a page of anybody can make a reader's browser send requests here. So
 * only DICOMweb passes (dicomwebTarget.ts), only from the viewer's own origin (foreignPage.ts), and only data comes back
 * (dicomwebAnswer.ts).
 * @module
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import type { Request, Response, Router } from 'express';
import { pacsFetch, safeContentType } from '../dicomweb/index.ts';
import { withoutTrailing } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';
import { isPassedOn, locationThrough } from './dicomwebAnswer.ts';
import type { DicomwebTarget } from './dicomwebTarget.ts';
import { requireDicomweb } from './guardDicomweb.ts';

/** Headers that mean the same on both sides; the others belong to one connection or to the browser. */
const REQUEST_HEADERS = ['accept', 'authorization', 'content-type'] as const;
/** Content-Type and Location are looked at one by one. */
const RESPONSE_HEADERS = ['www-authenticate', 'warning'] as const;
/** RFC 9110 8.3: what a recipient may assume of a body without a type. */
const UNKNOWN_TYPE = 'application/octet-stream';
const OPERATION = 'viewer request';

/** The URL of the PACS. Parsing must not have changed the path: what was checked is what is requested. */
function urlOf(root: URL, { path, query }: DicomwebTarget): URL {
  const pathname = `${withoutTrailing(root.pathname, '/')}${path}`;
  const url = new URL(`${root.origin}${pathname}${query}`);
  if (url.origin !== root.origin || (url.pathname !== pathname && pathname !== '')) {
    throw new SamepointError('viewer/not-dicomweb', {});
  }
  return url;
}

function requestHeaders(req: Request): Headers {
  // The PACS needs far longer to compress a whole CT than to send it.
  const headers = new Headers({ 'accept-encoding': 'identity' });
  for (const name of REQUEST_HEADERS) {
    const value = req.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}

async function forward(
  url: URL,
  req: Request,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<globalThis.Response> {
  const hasBody = req.method === 'POST';
  try {
    return await fetch(url, {
      method: req.method,
      headers: requestHeaders(req),
      redirect: 'manual',
      signal,
      ...(hasBody
        ? { body: Readable.toWeb(req) as globalThis.ReadableStream<Uint8Array>, duplex: 'half' }
        : {}),
    });
  } catch (cause) {
    signal.throwIfAborted();
    const reason = cause instanceof Error ? cause.name : 'unknown';
    throw new SamepointError('dicomweb/unreachable', { operation: OPERATION, reason }, { cause });
  }
}

async function discard(from: globalThis.Response): Promise<void> {
  await from.body?.cancel().catch(() => undefined);
}

/** An answer of a type that must not be passed on: a refusal of the PACS without its text, or an error. */
async function withhold(from: globalThis.Response, contentType: string, res: Response): Promise<void> {
  await discard(from);
  if (from.status >= 400) {
    res.status(from.status).end();
    return;
  }
  throw new SamepointError('dicomweb/not-multipart', {
    operation: OPERATION,
    contentType: safeContentType(contentType),
  });
}

async function answer(from: globalThis.Response, res: Response, location: string | undefined): Promise<void> {
  if (from.status >= 300 && from.status < 400 && location === undefined) {
    await discard(from);
    throw new SamepointError('dicomweb/redirected', { operation: OPERATION, httpStatus: from.status });
  }
  for (const name of RESPONSE_HEADERS) {
    const value = from.headers.get(name);
    if (value !== null) res.set(name, value);
  }
  const contentType = from.headers.get('content-type') ?? UNKNOWN_TYPE;
  const mayPass = isPassedOn(contentType);
  if (from.body !== null && !mayPass) {
    await withhold(from, contentType, res);
    return;
  }
  res.status(from.status);
  if (mayPass) res.setHeader('Content-Type', contentType);
  if (location !== undefined) res.setHeader('Location', location);
  if (from.body === null) {
    res.end();
    return;
  }
  // A cut on either side ends the other; the viewer sees the cut.
  await pipeline(Readable.fromWeb(from.body), res).catch(() => res.destroy());
}

/** The roots of the PACS, which may be one. */
export interface ProxiedRoots {
  readonly qidoRoot: string;
  readonly wadoRoot: string;
  readonly stowRoot: string;
}

/** Forwards the DICOMweb requests below the mount path to the PACS; refuses everything else there. */
export function proxyDicomweb(
  { qidoRoot, wadoRoot, stowRoot }: ProxiedRoots,
  fetch: typeof globalThis.fetch = pacsFetch,
): Router {
  const roots = { qido: new URL(qidoRoot), wado: new URL(wadoRoot) };
  const stow = new URL(stowRoot);
  const router = express.Router();
  router.use(async (req, res) => {
    const target = requireDicomweb(req, res);
    const root = req.method === 'POST' ? stow : roots[target.service];
    const url = urlOf(root, target);
    const disconnect = new AbortController();
    res.once('close', () => {
      disconnect.abort();
    });
    const from = await forward(url, req, fetch, disconnect.signal);
    const location = from.headers.get('location');
    await answer(
      from,
      res,
      location === null ? undefined : locationThrough(location, url, root, req.baseUrl),
    );
  });
  return router;
}
