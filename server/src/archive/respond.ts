/** How the archive answers: DICOM JSON, multipart, errors. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { isSamepointError, SamepointError } from '../errors/index.ts';

/** What is read of a request here; requests with any path parameters have it. */
export type RequestView = Pick<Request, 'get' | 'query' | 'protocol' | 'baseUrl'>;

/** One part of a multipart answer; its bytes are read when its turn comes. */
export interface OutgoingPart {
  readonly contentType: string;
  readonly location?: string;
  readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Sends DICOM JSON. */
export function sendJson(response: Response, body: unknown, status = 200): void {
  response.status(status).type('application/dicom+json').send(JSON.stringify(body));
}

/**
 * Streams a multipart/related answer. When a part fails after the first byte was sent, the connection is broken, so that
 * the client never mistakes a shorter answer for the whole one.
 */
export async function sendMultipart(
  response: Response,
  type: string,
  parts: readonly OutgoingPart[],
): Promise<void> {
  const boundary = `samepoint-${randomUUID()}`;
  response.status(200).setHeader('Content-Type', `multipart/related; type="${type}"; boundary="${boundary}"`);
  try {
    await pipeline(Readable.from(encode(parts, boundary), { objectMode: false }), response);
  } catch (error) {
    // Once bytes have gone out, `pipeline` has broken the connection: no client remains.
    if (!response.headersSent) throw error;
  }
}

async function* encode(
  parts: readonly OutgoingPart[],
  boundary: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const [index, { contentType, location, content }] of parts.entries()) {
    const lines = [
      `${index === 0 ? '' : '\r\n'}--${boundary}`,
      `Content-Type: ${contentType}`,
      ...(location === undefined ? [] : [`Content-Location: ${location}`]),
    ];
    yield Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    yield* content();
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

/** URL under which the client reached the router: links in answers are absolute. */
export function rootUrl(request: RequestView): string {
  return `${request.protocol}://${request.get('host') ?? 'localhost'}${request.baseUrl}`;
}

/**
 * Raises `archive/not-acceptable` unless the Accept header accepts one of the media types: bare, in a multipart, or by a
 * wildcard, and with a transfer syntax that is the stored one (or `*`, or none).
 */
export function requireAcceptable(
  request: RequestView,
  available: readonly string[],
  transferSyntaxUid?: string,
): void {
  const ranges = acceptedRanges(request);
  const fits = ({ type, transferSyntax }: AcceptedRange): boolean =>
    (type === '*/*' ||
      available.includes(type) ||
      available.some((candidate) => type === `${candidate.split('/')[0] ?? ''}/*`)) &&
    (transferSyntax === undefined ||
      transferSyntax === '*' ||
      transferSyntaxUid === undefined ||
      transferSyntax === transferSyntaxUid);
  if (ranges.length > 0 && !ranges.some(fits))
    throw new SamepointError('archive/not-acceptable', { available });
}

/** True when the first choice of the client is the bare media type, outside of a multipart. */
export function prefersBare(request: RequestView, type: string): boolean {
  const [first] = acceptedRanges(request);
  return first !== undefined && !first.multipart && first.type === type;
}

interface AcceptedRange {
  /** Media range of the content: the `type` parameter inside a multipart. */
  readonly type: string;
  readonly multipart: boolean;
  readonly transferSyntax: string | undefined;
}

/** OHIF also requests by the query parameter `accept` (PS3.18 8.3.3.1). */
function acceptedRanges(request: RequestView): readonly AcceptedRange[] {
  const header =
    typeof request.query['accept'] === 'string' ? request.query['accept'] : request.get('accept');
  // A quoted string may hold a comma; alternatives that cannot both match keep this linear.
  return ((header ?? '').match(/(?:[^",]|"[^"]*(?:"|$))+/g) ?? [])
    .map((range) => range.trim())
    .filter((range) => range !== '')
    .map((range) => {
      const parameter = (name: string): string | undefined =>
        new RegExp(`;\\s*${name}\\s*=\\s*"?([^";,\\s]+)`, 'i').exec(range)?.[1];
      const outer = (range.split(';')[0] ?? '').trim().toLowerCase();
      const multipart = outer.startsWith('multipart/');
      return {
        type: multipart ? (parameter('type')?.toLowerCase() ?? '*/*') : outer,
        multipart,
        transferSyntax: parameter('transfer-syntax'),
      };
    });
}

/** Errors of the archive as its answers; anything else goes on to the application. */
export const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (isSamepointError(error) && !response.headersSent)
    response.status(error.status).json({ error: error.toJSON() });
  else next(error);
};
