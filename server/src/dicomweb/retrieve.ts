/** WADO-RS retrieval of Part 10 files: whole series as a stream, single instances. */
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { NotFoundCode, Operation, PacsResponse } from './http.ts';
import { openRetrieval } from './accept.ts';
import type { TryOptions } from './accept.ts';
import { sopInstanceUidOfDataSet, readFileMeta } from '../dicom/index.ts';
import { readAll, safeContentType } from './http.ts';
import { boundaryOf, isMultipart } from './mediaType.ts';
import { MultipartError, readMultipart } from './multipart.ts';
import type { Part } from './multipart.ts';
import type { Transport } from './options.ts';
import type { SeriesRef } from './types.ts';

/** A Part 10 file and the SOP Instance UID of its data set, by which a PACS lists it; that of its header where it cannot be read. */
export interface RetrievedInstance {
  readonly sopInstanceUid: string;
  /** The same of its header; differs where the PACS has changed one of them. */
  readonly headerUid: string;
  readonly part10: Uint8Array<ArrayBuffer>;
}

/** What is retrieved. */
interface Retrieval {
  readonly name: string;
  readonly notFound: NotFoundCode;
  /** Whether all that was requested has come, where the answer says that it is a part, or does not end as it must. */
  readonly isWhole: () => boolean;
}

/**
 * Instances of one retrieval, in the order of the PACS; no retry.
 * @throws SamepointError of `dicomweb/`; `dicomweb/truncated` when the answer is not whole
 */
export async function* streamInstances(
  transport: Transport,
  path: string,
  { isWhole, ...what }: Retrieval,
  options: TryOptions & { readonly maxBytes?: number },
): AsyncGenerator<RetrievedInstance, void, undefined> {
  const maxBytes = Math.min(transport.maxSeriesBytes, options.maxBytes ?? Infinity);
  const operation = { ...what, maxBytes };
  const response = await openRetrieval(transport, path, operation, options);
  await refuseCompressed(response, operation);
  let instances = 0;
  try {
    for await (const part of dicomParts(partsOf(response, operation), operation)) {
      yield part;
      instances += 1;
    }
  } catch (error) {
    const explained = explain(error, operation, instances);
    // Each part was whole: what is missing is the end of the answer.
    if (isSamepointError(explained, 'dicomweb/truncated') && isWhole()) return;
    throw explained;
  }
  // PS3.18 8.5: "Partial Content" means that some instances could not be provided; some PACS say so of whole answers.
  if (response.status === 206 && !isWhole())
    throw new SamepointError('dicomweb/truncated', {
      operation: operation.name,
      instances,
      reason: 'the PACS answered with only a part of the instances (HTTP 206)',
    });
}

/** One instance by its UID; one request, no retry. */
export async function fetchInstance(
  transport: Transport,
  series: SeriesRef,
  sopInstanceUid: string,
  options: TryOptions & { readonly maxBytes?: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const name = 'WADO-RS retrieve instance';
  const path = `${seriesPath(series)}/instances/${sopInstanceUid}`;
  const found: Uint8Array<ArrayBuffer>[] = [];
  const isWhole = (): boolean => found.length > 0;
  const what = { name, notFound: 'dicomweb/instance-not-found', isWhole } as const;
  for await (const { sopInstanceUid: uid, headerUid, part10 } of streamInstances(
    transport,
    path,
    what,
    options,
  )) {
    if (uid === sopInstanceUid || headerUid === sopInstanceUid) found.push(part10);
  }
  const [first] = found;
  if (first) return first;
  throw new SamepointError('dicomweb/bad-answer', {
    operation: name,
    reason: 'the answer does not hold the requested instance',
  });
}

/**
 * The request is for uncompressed bytes. A compressed answer would be inflated on the way here, by a factor of a thousand
 * where somebody wants that.
 */
async function refuseCompressed(response: PacsResponse, operation: Operation): Promise<void> {
  if (!response.isCompressed) return;
  await response.discard();
  throw new SamepointError('dicomweb/bad-answer', {
    operation: operation.name,
    reason: 'it is compressed (Content-Encoding), although the request does not accept that',
  });
}

/** Path of a series below the root; the UIDs have been checked. */
export function seriesPath(series: SeriesRef): string {
  return `/studies/${series.studyInstanceUid}/series/${series.seriesInstanceUid}`;
}

/** A single instance may also come bare (PS3.18 8.7.3.1), not as multipart; some PACS do not name its type. */
export function isBareDicom(contentType: string): boolean {
  return /^\s*(?:application\/(?:dicom|octet-stream)\s*(?:;|$)|$)/i.test(contentType);
}

async function* partsOf(response: PacsResponse, operation: Operation): AsyncGenerator<Part, void, undefined> {
  const { contentType, body } = response;
  if (isMultipart(contentType)) {
    yield* readMultipart(body, boundaryOf(contentType));
    return;
  }
  if (isBareDicom(contentType)) {
    const { beginning, whole } = await peek(body);
    // A Part 10 file begins with 128 bytes that may be anything; the mark behind them decides.
    if (beginning.startsWith('--') && !beginning.startsWith('DICM', PREAMBLE_BYTES))
      yield* readMultipart(whole, undefined);
    else yield { contentType: 'application/dicom', body: await readAll(whole) };
    return;
  }
  await response.discard();
  throw new SamepointError('dicomweb/not-multipart', {
    operation: operation.name,
    contentType: safeContentType(contentType),
  });
}

/** PS3.10 7.1: before the mark of a Part 10 file. */
const PREAMBLE_BYTES = 128;

/** The first characters of a body, and the body with them. */
async function peek(
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly beginning: string; readonly whole: AsyncIterable<Uint8Array> }> {
  const chunks = body[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  for (let bytes = 0; bytes < PREAMBLE_BYTES + 4;) {
    const next = await chunks.next();
    if (next.done === true) break;
    seen.push(next.value);
    bytes += next.value.byteLength;
  }
  async function* whole(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* seen;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  return { beginning: Buffer.concat(seen).toString('latin1', 0, PREAMBLE_BYTES + 4), whole: whole() };
}

/** Parts beside the instances: empty ones, and what a PACS says about its answer. */
const NO_INSTANCE = /^(?:application\/(?:dicom\+)?(?:json|xml)|text\/(?:plain|xml))\s*(?:;|$)/i;

/** The parts that are instances. @throws SamepointError where a part is something else, or none is an instance */
async function* dicomParts(
  parts: AsyncIterable<Part>,
  operation: Operation,
): AsyncGenerator<RetrievedInstance, void, undefined> {
  let index = 0;
  let strange: SamepointError | undefined;
  let isAny = false;
  for await (const { contentType, body } of parts) {
    const instance = identify(body);
    index += 1;
    if (instance !== undefined) {
      isAny = true;
      yield instance;
      continue;
    }
    strange ??= strangePart(body, contentType, operation, index);
    if (body.byteLength > 0 && !NO_INSTANCE.test(contentType)) throw strange;
  }
  if (!isAny && strange !== undefined) throw strange;
}

function identify(part10: Uint8Array<ArrayBuffer>): RetrievedInstance | undefined {
  const meta = readFileMeta(part10);
  if (meta === undefined) return undefined;
  const { sopInstanceUid: headerUid, dataSetOffset, transferSyntaxUid } = meta;
  const uid = sopInstanceUidOfDataSet(part10, dataSetOffset, transferSyntaxUid);
  return { part10, headerUid, sopInstanceUid: uid ?? headerUid };
}

function strangePart(
  body: Uint8Array,
  contentType: string,
  { name }: Operation,
  index: number,
): SamepointError {
  if (!/^"?(application\/(dicom|octet-stream)"?\s*(;|$)|$)/i.test(contentType))
    return new SamepointError('dicomweb/not-multipart', {
      operation: name,
      contentType: `a part of type ${safeContentType(contentType)}`,
    });
  return new SamepointError('dicomweb/bad-answer', {
    operation: name,
    reason: `part ${index} (${body.byteLength} bytes) is not a DICOM Part 10 file`,
  });
}

function explain(error: unknown, operation: Operation, instances: number): unknown {
  if (error instanceof MultipartError)
    return error.fault === 'truncated'
      ? new SamepointError('dicomweb/truncated', {
          operation: operation.name,
          instances,
          reason: error.message,
        })
      : new SamepointError('dicomweb/bad-answer', { operation: operation.name, reason: error.message });
  // The connection broke: say also how far it came.
  if (isSamepointError(error, 'dicomweb/truncated'))
    return new SamepointError('dicomweb/truncated', { ...error.fields, instances });
  return error;
}
