/**
 * Which request targets are DICOMweb. A PACS has other, more powerful interfaces beside DICOMweb (Orthanc: /tools, /modalities, also
 * /dicom-web/servers inside the DICOMweb root), and servers differ in how often they decode a path. So nothing is cleaned up here:
 * a target has exactly one of the forms of PS3.18, in characters that mean the same to every server, or it is not passed on.
 * @module
 */
import { isUid } from '../dicom/index.ts';

/** A request that may be passed on; both texts are written anew from what was checked. */
export interface DicomwebTarget {
  /** Path below the DICOMweb root, e.g. `/studies/1.2.3`; empty for WADO-URI, which is requested at the root itself. */
  readonly path: string;
  /** With its question mark; empty without one. */
  readonly query: string;
  /** Which root of the PACS it is for. */
  readonly service: DicomwebService;
}

/** The parts of DICOMweb that are read, each of which may have a root of its own. */
type DicomwebService = 'qido' | 'wado';

const READ = ['GET', 'HEAD'] as const;
/** Longer ones are invalid: a UID has at most 64 characters, a list of frames some thousand. */
const MAX_TARGET_LENGTH = 8192;
/** Depth of a bulk data path: nested sequences are some steps, one per tag and item. */
const MAX_BULK_SEGMENTS = 24;
/** Part of a bulk data path: a tag, an item number, or the name of a file. Never `.`, `..`, or anything encoded. */
const BULK_SEGMENT = /^[\w-]{1,128}(?:\.[\w-]{1,128}){0,8}$/;
/** PS3.18 10.4.1.1.3, from 1. A browser may write the comma of a list as %2C. */
const FRAME_LIST = /^\d{1,9}(?:(?:,|%2C)\d{1,9}){0,999}$/i;
/** Levels of the information model (PS3.18 Table 10.3.1-1), each with a UID behind it. */
const LEVELS: readonly string[] = ['studies', 'series', 'instances'];
/** What each level has below itself (PS3.18 10.4.1 and 10.6.1; PS3.18 2022a for pixeldata). */
const RETRIEVED: ReadonlySet<string> = new Set(['metadata', 'rendered', 'thumbnail', 'pixeldata']);
const OF_FRAMES: ReadonlySet<string> = new Set(['rendered', 'thumbnail']);
/** `bulkdata` of most archives and of PS3.18 2022a; `bulk` of Orthanc. */
const BULK: ReadonlySet<string> = new Set(['bulkdata', 'bulk']);

/** Parameters that are no attributes: of searches (8.3.4), of retrieval (8.3.5), of byte ranges in bulk data. */
const PARAMETERS: ReadonlySet<string> = new Set([
  ...['includefield', 'limit', 'offset', 'fuzzymatching', 'emptyvaluematching', 'multiplevaluematching'],
  ...['orderby', 'accept', 'charset', 'annotation', 'quality', 'viewport', 'window', 'iccprofile', 'length'],
]);
/** Attributes by keyword or tag, also inside sequences (8.3.4.1). No other name: Orthanc treats `_method=DELETE` as a DELETE. */
const ATTRIBUTE =
  /^(?:[A-Z][A-Za-z\d]{0,63}|[\dA-Fa-f]{8})(?:\.(?:[A-Z][A-Za-z\d]{0,63}|[\dA-Fa-f]{8})){0,8}$/;
/** PS3.18 9.4.1 and 9.5: WADO-URI, which OHIF uses with `imageRendering: 'wadouri'`. */
const WADO_URI: ReadonlySet<string> = new Set([
  ...[
    'requestType',
    'studyUID',
    'seriesUID',
    'objectUID',
    'contentType',
    'charset',
    'transferSyntax',
    'anonymize',
  ],
  ...[
    'annotation',
    'rows',
    'columns',
    'region',
    'windowCenter',
    'windowWidth',
    'frameNumber',
    'imageQuality',
  ],
  ...['presentationUID', 'presentationSeriesUID', 'iccprofile'],
]);
/** The characters of a query as browsers send them (URL Standard 1.3): printable ASCII; a `;` separates parameters for some servers. */
const QUERY_VALUE = /^(?:[!$&-;=?-~]|%[\dA-F]{2})*$/i;
/** What RFC 3986 3.4 has not in a query, and the `;`: passed on encoded. */
const TO_ENCODE = /[[\]\\^`{|};]/g;

/** How many levels a path names with their UIDs: 3 for an instance. */
function depthOf(segments: readonly string[]): number {
  const missing = LEVELS.findIndex(
    (level, depth) => segments[2 * depth] !== level || !isUid(segments[2 * depth + 1]),
  );
  return missing === -1 ? LEVELS.length : missing;
}

/** What a path of DICOMweb is; undefined when it is none. */
function formOf(
  segments: readonly string[],
): { readonly isStored: boolean; readonly service: DicomwebService } | undefined {
  const depth = depthOf(segments);
  const below = segments.slice(2 * depth);
  // STOW-RS posts to all studies or to one (PS3.18 10.5.1).
  const isStored = depth === 0 ? segments.join('/') === 'studies' : depth === 1 && below.length === 0;
  if (isSearch(below, depth)) return { isStored, service: 'qido' };
  const isRetrieved = (depth > 0 && isPartOf(below)) || (depth === LEVELS.length && isFrames(below));
  return isRetrieved ? { isStored, service: 'wado' } : undefined;
}

/** A search for what lies at a lower level. */
function isSearch(segments: readonly string[], depth: number): boolean {
  const [level = ''] = segments;
  return segments.length === 1 && LEVELS.slice(depth).includes(level);
}

/** What may follow a study, a series or an instance, nothing included. */
function isPartOf(segments: readonly string[]): boolean {
  const [name, ...rest] = segments;
  if (name === undefined) return true;
  if (BULK.has(name))
    return rest.length <= MAX_BULK_SEGMENTS && rest.every((segment) => BULK_SEGMENT.test(segment));
  return RETRIEVED.has(name) && rest.length === 0;
}

function isFrames([name, list = '', rendering, ...rest]: readonly string[]): boolean {
  return (
    name === 'frames' &&
    FRAME_LIST.test(list) &&
    (rendering === undefined || OF_FRAMES.has(rendering)) &&
    rest.length === 0
  );
}

/** True for a value that is text without control characters once it is decoded. */
function isText(value: string): boolean {
  if (!QUERY_VALUE.test(value)) return false;
  try {
    // Also an overlong or a cut UTF-8 sequence throws (RFC 3629 3).
    return !/\p{Cc}/u.test(decodeURIComponent(value));
  } catch {
    return false;
  }
}

/** The query of a request, written anew; undefined when a parameter is unknown or no text. */
function checkedQuery(raw: string, isKnown: (name: string) => boolean): string | undefined {
  if (raw === '') return '';
  const pairs = raw.split('&').filter((pair) => pair !== '');
  for (const pair of pairs) {
    const [name = '', ...value] = pair.split('=');
    if (!isKnown(name) || !isText(value.join('='))) return undefined;
  }
  return pairs.length === 0
    ? ''
    : `?${pairs.join('&').replace(TO_ENCODE, (character) => `%${hexOf(character)}`)}`;
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase();
}

function wadoUri(rawQuery: string): DicomwebTarget | undefined {
  const query = checkedQuery(rawQuery, (name) => WADO_URI.has(name));
  if (query === undefined) return undefined;
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  const isOne = parameters.get('requestType') === 'WADO' && new Set(names).size === names.length;
  return isOne ? { path: '', query, service: 'wado' } : undefined;
}

/**
 * The request target below the mount path of the proxy.
 * @param raw As it stood in the request line, e.g. `/studies?PatientID=X`: nothing decoded, nothing cleaned up.
 * @returns The checked target and its methods; undefined when it is not DICOMweb.
 */
export function dicomwebTarget(
  raw: string,
): { readonly target: DicomwebTarget; readonly methods: readonly string[] } | undefined {
  if (raw.length > MAX_TARGET_LENGTH) return undefined;
  const [path = '', ...rest] = raw.split('?');
  const rawQuery = rest.join('?');
  if (path === '' || path === '/') {
    const target = wadoUri(rawQuery);
    return target && { target, methods: READ };
  }
  if (!path.startsWith('/')) return undefined;
  const form = formOf(path.slice(1).split('/'));
  const query = checkedQuery(rawQuery, (name) => PARAMETERS.has(name) || ATTRIBUTE.test(name));
  if (form === undefined || query === undefined) return undefined;
  const { isStored, service } = form;
  return { target: { path, query, service }, methods: isStored ? [...READ, 'POST'] : READ };
}
