/**
 * Redirects of the PACS. Outside its DICOMweb roots the caller's credentials have no business, nor has the answer that comes from there.
 * @module
 */
import { withoutTrailing } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';

/** RFC 9110 15.4; the others of the class are no redirects, or need a choice. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** A PACS that moves its resources does it once; more are a circle. */
const MAX_REDIRECTS = 3;
/** Path below the root, without anything that another server could decode to a way out of it. */
const PATH = /^(?:\/[\w.,~-]+)+$/;

/** Where a redirect leads, when that is inside one of the roots. */
function insideRoots(roots: readonly string[], from: string, location: string | null): string | undefined {
  if (location === null || !URL.canParse(location, from)) return undefined;
  const { origin, pathname, search, username, password } = new URL(location, from);
  const isInside = roots.some((root) => {
    const { origin: rootOrigin, pathname: rootPath } = new URL(root);
    const base = withoutTrailing(rootPath, '/');
    return origin === rootOrigin && pathname.startsWith(base) && PATH.test(pathname.slice(base.length));
  });
  return isInside && username === '' && password === '' ? `${origin}${pathname}${search}` : undefined;
}

/**
 * Sends a request, and a GET again where the PACS redirects it inside its roots; a POST would silently become a GET.
 * @param send One exchange that follows no redirect itself.
 * @throws SamepointError `dicomweb/redirected`
 */
export async function followInside(
  roots: readonly string[],
  { url, method }: { readonly url: string; readonly method: string },
  send: (url: string) => Promise<Response>,
  operation: string,
): Promise<Response> {
  let at = url;
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(at);
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel().catch(() => undefined);
    const next = insideRoots(roots, at, response.headers.get('location'));
    if (next === undefined || method !== 'GET' || redirects >= MAX_REDIRECTS) {
      throw new SamepointError('dicomweb/redirected', { operation, httpStatus: response.status });
    }
    at = next;
  }
}
