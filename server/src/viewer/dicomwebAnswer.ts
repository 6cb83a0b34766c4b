/** What of a PACS' answer may reach the browser. */
import { withoutTrailing } from '../dicom/index.ts';
import { dicomwebTarget } from './dicomwebTarget.ts';

/** DICOM and rendered images. Nothing that a browser runs or shows as a page: no text/*, no XML, hence no SVG and no DICOM XML. */
const MEDIA_TYPES =
  /^(?:application\/(?:dicom|dicom\+json|json|octet-stream|pdf)|multipart\/related|(?:image|video|audio)\/[a-z\d.-]{1,60})$/;
/** No real one is longer. */
const MAX_TYPE_LENGTH = 512;

/**
 * True for a Content-Type that may be passed on. Browsers use the last of several types in one header (Fetch 3.1): a comma outside
 * of quotes is refused, and so is a backslash, which hides a quote.
 */
export function isPassedOn(contentType: string): boolean {
  if (contentType.length > MAX_TYPE_LENGTH || contentType.includes('\\')) return false;
  const [essence = ''] = contentType.split(';');
  const unquoted = contentType.replace(/"[^"]*"/g, '');
  return !/[",]/.test(unquoted) && MEDIA_TYPES.test(essence.trim().toLowerCase());
}

/**
 * A Location of the PACS as the browser may follow it: below the mount path of the proxy.
 * @returns undefined where it leads out of the DICOMweb root
 */
export function locationThrough(
  location: string,
  requested: URL,
  root: URL,
  mount: string,
): string | undefined {
  if (!URL.canParse(location, requested.href)) return undefined;
  const { origin, pathname, search } = new URL(location, requested.href);
  const rootPath = withoutTrailing(root.pathname, '/');
  if (origin !== root.origin || !pathname.startsWith(`${rootPath}/`)) return undefined;
  const found = dicomwebTarget(`${pathname.slice(rootPath.length)}${search}`);
  return found && `${mount}${found.target.path}${found.target.query}`;
}
