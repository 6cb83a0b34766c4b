/** Multipart media types as PACS write them (RFC 2045 5.1, RFC 2387). */

/** RFC 2046 5.1.1 allows 70; senders that go beyond are read all the same. */
const MAX_BOUNDARY_CHARACTERS = 256;
/** A parameter: its name, and its value in quotation marks or without. A quoted value may hold what looks like another parameter. */
const PARAMETER = /;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g;

/** True for an answer of parts; some PACS name it `mixed`. */
export function isMultipart(contentType: string): boolean {
  return /^\s*multipart\/(?:related|mixed)\s*(?:;|$)/i.test(contentType);
}

/**
 * Boundary of a multipart content type; undefined when it is another type or does not say. Quoted and unquoted forms, parameters in
 * any order.
 */
export function boundaryOf(contentType: string): string | undefined {
  if (!isMultipart(contentType)) return undefined;
  for (const [, name = '', quoted, plain] of contentType.matchAll(PARAMETER)) {
    if (name.toLowerCase() !== 'boundary') continue;
    const boundary = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    return boundary === '' || boundary.length > MAX_BOUNDARY_CHARACTERS ? undefined : boundary;
  }
  return undefined;
}
