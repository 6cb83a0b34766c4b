/**
 * The viewer's way to the PACS through this server: browsers ask a PACS on another origin for permission (CORS) that
 * most do not give. Requests keep the viewer's own credentials; the server's are never added.
 * @module
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import type { Request, Response, Router } from 'express';
import { withoutTrailing } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';

/** Headers that mean the same on both sides; the others belong to one connection or to the browser. */
const REQUEST_HEADERS = ['accept', 'authorization', 'content-type'] as const;
const RESPONSE_HEADERS = ['content-type', 'www-authenticate', 'location', 'warning'] as const;
/** QIDO-RS and WADO-RS read, STOW-RS posts. Nothing of the viewer deletes. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST']);

/**
 * The URL below the root that a request means; undefined when dot segments lead out of it: a PACS has other, more
 * powerful interfaces beside DICOMweb.
 */
function targetOf(root: URL, url: string): URL | undefined {
  const target = new URL(`${root.href}${url.replace(/^\/+/, '/')}`);
  return target.origin === root.origin && target.pathname.startsWith(`${root.pathname}/`)
    ? target
    : undefined;
}

function requestHeaders(req: Request): Headers {
  // Compressing a whole CT takes the PACS far longer than sending it.
  const headers = new Headers({ 'accept-encoding': 'identity' });
  for (const name of REQUEST_HEADERS) {
    const value = req.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}

async function forward(target: URL, req: Request, signal: AbortSignal): Promise<globalThis.Response> {
  const hasBody = req.method === 'POST';
  try {
    return await fetch(target, {
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
    throw new SamepointError('dicomweb/unreachable', { operation: 'viewer request', reason }, { cause });
  }
}

async function answer(from: globalThis.Response, res: Response): Promise<void> {
  res.status(from.status);
  for (const name of RESPONSE_HEADERS) {
    const value = from.headers.get(name);
    if (value !== null) res.set(name, value);
  }
  if (from.body === null) {
    res.end();
    return;
  }
  // A cut on either side ends the other; the viewer sees the cut.
  await pipeline(Readable.fromWeb(from.body), res).catch(() => res.destroy());
}

/** Forwards DICOMweb requests below the mount path to the PACS. */
export function proxyDicomweb(dicomwebRoot: string): Router {
  const root = new URL(withoutTrailing(dicomwebRoot, '/'));
  const router = express.Router();
  router.use(async (req, res, next) => {
    const target = METHODS.has(req.method) ? targetOf(root, req.url) : undefined;
    if (target === undefined) {
      next();
      return;
    }
    const left = new AbortController();
    res.once('close', () => {
      left.abort();
    });
    await answer(await forward(target, req, left.signal), res);
  });
  return router;
}
