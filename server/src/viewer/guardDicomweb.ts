import type { Request, RequestHandler, Response } from 'express';
import { SamepointError } from '../errors/index.ts';
import { dicomwebTarget } from './dicomwebTarget.ts';
import type { DicomwebTarget } from './dicomwebTarget.ts';
import { isOfForeignPage } from './foreignPage.ts';

/** Bodies of STOW-RS (PS3.18 10.5.1). A browser sends a preflight before one of these for a foreign page (Fetch 3.2.3), and is refused. */
const STORED = /^(?:multipart\/related|application\/dicom(?:\+json)?)[ \t]*(?:;|$)/i;

/**
 * Headers of everything below the DICOMweb path, errors included: no answer becomes a page or a script of the viewer's origin,
 * whatever a stored object or a PACS puts into it, and no other origin can embed one.
 */
const ANSWER_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'self'; sandbox",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
} as const;

/**
 * The DICOMweb request that this is.
 * @throws SamepointError `viewer/not-dicomweb`, `http/method-not-allowed`, `viewer/foreign-page`, `http/unsupported-media-type`
 */
export function requireDicomweb(req: Request, res: Response): DicomwebTarget {
  res.set(ANSWER_HEADERS);
  const { baseUrl, originalUrl, method, headers } = req;
  // The target as it was sent: Express has decoded and resolved parts of its own url.
  const requested = originalUrl.startsWith(baseUrl)
    ? dicomwebTarget(originalUrl.slice(baseUrl.length))
    : undefined;
  if (requested === undefined) throw new SamepointError('viewer/not-dicomweb', {});
  if (!requested.methods.includes(method)) {
    res.set('Allow', requested.methods.join(', '));
    throw new SamepointError('http/method-not-allowed', { method, allowed: requested.methods });
  }
  const isWrite = method === 'POST';
  if (isOfForeignPage(headers, isWrite)) throw new SamepointError('viewer/foreign-page', {});
  if (isWrite && !STORED.test(headers['content-type'] ?? '')) {
    throw new SamepointError('http/unsupported-media-type', {
      expected: 'multipart/related with DICOM instances',
    });
  }
  return requested.target;
}

/** Lets only DICOMweb requests of the viewer itself through, to whatever answers them. */
export const guardDicomweb: RequestHandler = (req, res, next) => {
  requireDicomweb(req, res);
  next();
};
