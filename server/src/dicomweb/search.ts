/** QIDO-RS and metadata, through dicomweb-client. */
import { isDicomJson } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import { api } from 'dicomweb-client';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { Exchange } from './fetchXhr.ts';
import { FetchXhr } from './fetchXhr.ts';
import type { NotFoundCode } from './http.ts';
import type { Refusal } from './negotiation.ts';
import type { Transport } from './options.ts';
import { MAX_JSON_BYTES } from './options.ts';
import { withRetries } from './retry.ts';
import type { QidoQuery, RequestOptions } from './types.ts';

/** The `request` option of the package's methods. */
export interface PackageRequest {
  readonly instance: FetchXhr;
}

/** The methods of dicomweb-client that are used. Its own declarations lack `request` and the promises, hence these. */
export interface PackageClient {
  searchForStudies(options: { queryParams: object; request: PackageRequest }): Promise<unknown>;
  searchForSeries(options: {
    studyInstanceUID: string;
    queryParams: object;
    request: PackageRequest;
  }): Promise<unknown>;
  searchForInstances(options: {
    studyInstanceUID: string;
    seriesInstanceUID: string;
    queryParams: object;
    request: PackageRequest;
  }): Promise<unknown>;
  retrieveSeriesMetadata(options: {
    studyInstanceUID: string;
    seriesInstanceUID: string;
    request: PackageRequest;
  }): Promise<unknown>;
  retrieveInstanceMetadata(options: {
    studyInstanceUID: string;
    seriesInstanceUID: string;
    sopInstanceUID: string;
    request: PackageRequest;
  }): Promise<unknown>;
  storeInstances(options: {
    studyInstanceUID: string;
    datasets: readonly ArrayBuffer[];
    request: PackageRequest;
  }): Promise<unknown>;
}

/** Makes the package's client. It writes whole requests, tokens included, to the console by default. */
export function createPackageClient(root: string): PackageClient {
  const client: unknown = new api.DICOMwebClient({ url: root, singlepart: false, verbose: false });
  return client as PackageClient;
}

/** One call of the package's client over `exchange`; the errors are ours, the package's hold the request. */
export async function callPackage(
  transport: Transport,
  exchange: Exchange,
  call: (request: PackageRequest) => Promise<unknown>,
): Promise<FetchXhr> {
  const xhr = new FetchXhr(transport, exchange);
  try {
    await call({ instance: xhr });
  } catch (error) {
    if (xhr.failure) throw xhr.failure.error;
    // Any other status than 200 to 206 rejects; the accepted ones are for the caller to read.
    if (xhr.readyState !== 4) throw error;
  }
  return xhr;
}

/** Media types of DICOM JSON: that of the standard, that of older PACS, and any. */
const JSON_TYPES = ['application/dicom+json', 'application/json', '*/*'] as const;

/** What speaks of the Accept header and of nothing else (RFC 9110 15.5.7). */
export function acceptRefusalOf(error: unknown): Refusal {
  return isSamepointError(error, 'dicomweb/rejected') && error.fields.httpStatus === 406
    ? 'clear'
    : undefined;
}

/**
 * A GET that answers a list of DICOM JSON objects, retried.
 * @throws SamepointError of `dicomweb/`
 */
export async function getDicomJson(
  transport: Transport,
  name: string,
  notFound: NotFoundCode,
  options: RequestOptions,
  call: (request: PackageRequest) => Promise<unknown>,
): Promise<readonly DicomJson[]> {
  const operation = { name, notFound, maxBytes: MAX_JSON_BYTES };
  const kind = { topic: `${name} Accept`, forms: JSON_TYPES, refusalOf: acceptRefusalOf };
  const xhr = await transport.negotiation.choose<string, FetchXhr>(kind, (accept) =>
    withRetries(transport, options.signal, () =>
      callPackage(transport, { operation, accepted: [200, 204, 206], options, accept }, call),
    ),
  );
  if (xhr.status === 204) return [];
  const { response } = xhr;
  if (Array.isArray(response) && response.every(isDicomJson)) return response.map(withUpperCaseTags);
  throw new SamepointError('dicomweb/bad-answer', {
    operation: name,
    reason: 'the JSON is not a list of DICOM JSON objects',
  });
}

/** Tags as PS3.18 F.2.2 writes them; some PACS write their hexadecimal digits small. */
function withUpperCaseTags(json: DicomJson): DicomJson {
  const tags = Object.keys(json);
  return tags.some((tag) => /[a-f]/.test(tag))
    ? Object.fromEntries(Object.entries(json).map(([tag, element]) => [tag.toUpperCase(), element]))
    : json;
}

/** One form of a query, as the package writes it. */
export type QueryForm = Readonly<Record<string, string>>;

/** Parameters with which a client gets a long answer in pages (PS3.18 8.3.4.4). */
const PAGING: readonly string[] = ['limit', 'offset'];
const INCLUDE = 'includefield';

/**
 * A query without more and more of what is optional in QIDO-RS: PACS refuse lists of attributes, attributes that they do not know, any
 * `includefield`, or paging. Without `includefield` the default attributes come (PS3.18 10.6.3.3), among them all that are needed but
 * the issuer of the patient's identifier.
 */
export function queryForms(query: QidoQuery): readonly [QueryForm, ...QueryForm[]] {
  const forms: [QueryForm, ...QueryForm[]] = [queryParams(query)];
  const { [INCLUDE]: fields, ...required } = query;
  if (Array.isArray(fields) && fields.length > 1)
    forms.push({ ...queryParams(required), ...repeated(fields) });
  if (fields !== undefined) forms.push(queryParams(required));
  const names = Object.keys(required);
  if (names.some((name) => PAGING.includes(name)))
    forms.push(
      queryParams(Object.fromEntries(Object.entries(required).filter(([name]) => !PAGING.includes(name)))),
    );
  return forms;
}

/** What is optional in a query, for what is learnt about it. */
export function optionsOf(query: QidoQuery): string {
  return [INCLUDE, ...PAGING].filter((name) => name in query).join(' ');
}

/** Query parameters as the package wants them: it joins lists with commas and does not encode names. */
function queryParams(query: QidoQuery): QueryForm {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      encodeURIComponent(name),
      typeof value === 'string' ? value : value.join(','),
    ]),
  );
}

/** One parameter for each attribute (PS3.18 8.3.4.3). The package writes each name once: the first ones are written into the last name. */
function repeated(fields: readonly string[]): QueryForm {
  const first = fields.slice(0, -1).map((field) => `${INCLUDE}=${encodeURIComponent(field)}&`);
  return { [`${first.join('')}${INCLUDE}`]: fields.at(-1) ?? '' };
}
