import type { IncomingHttpHeaders } from 'node:http';

/** A host as URLs have it: lower case, without the default port of the scheme. */
function hostIn(scheme: string, host: string): string | undefined {
  const url = `${scheme}//${host}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}

function isOwnOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  // A proxy may have terminated TLS: the scheme of this connection says nothing about that of the page.
  const { protocol, host: of, origin: plain } = new URL(origin);
  return origin === plain && /^https?:$/.test(protocol) && hostIn(protocol, host) === of;
}

/**
 * Whether a page of another origin makes this request. Browsers send it all the same, with the reader's place in the network: they only
 * keep the answer from the page. `Sec-Fetch-Site` says it where the connection is secure or local (Fetch Metadata 3), `Origin` with
 * every POST (Fetch 3.2). Programs that are no browsers send neither.
 */
export function isOfForeignPage(headers: IncomingHttpHeaders, isWrite: boolean): boolean {
  const { origin, host = '', 'sec-fetch-site': site } = headers;
  // `none`: the reader typed the address; a typed address is never a POST.
  if (site !== undefined) return site !== 'same-origin' && (isWrite || site !== 'none');
  return origin !== undefined && !isOwnOrigin(origin, host);
}
