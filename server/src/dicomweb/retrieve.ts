/** WADO-RS retrieval of Part 10 files: whole series as a stream, single instances. */
import { isSamepointError, SamepointError } from '../errors/index.ts';
import type { NotFoundCode, Operation, PacsResponse } from './http.ts';
import { readAll, requireStatus, safeContentType, send } from './http.ts';
import { boundaryOf, MultipartError, readMultipart } from './multipart.ts';
import type { Transport } from './options.ts';
import { readFileMeta } from './part10.ts';
import type { RequestOptions, SeriesRef } from './types.ts';

/**
 * The stored transfer syntax, whatever it is (PS3.18 8.7.3.5.2). Without it a PACS must convert to Explicit VR Little
 * Endian; Orthanc then transcodes JPEG-LS and answers 500 for JPEG 2000.
 */
export const INSTANCE_ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*';

/** A Part 10 file and the SOP Instance UID of its header. */
export interface RetrievedInstance {
  readonly sopInstanceUid: string;
  readonly part10: Uint8Array<ArrayBuffer>;
}

/**
 * Instances of one retrieval, in the order of the PACS; one request, no retry.
 * @throws SamepointError of `dicomweb/`; `dicomweb/truncated` when the answer is not whole
 */
export async function* streamInstances(
  transport: Transport,
  path: string,
  what: { readonly name: string; readonly notFound: NotFoundCode },
  options: RequestOptions & { readonly maxBytes?: number },
): AsyncGenerator<RetrievedInstance, void, undefined> {
  const maxBytes = Math.min(transport.maxSeriesBytes, options.maxBytes ?? Infinity);
  const operation = { ...what, maxBytes };
  const response = await send(transport, {
    ...options,
    operation,
    url: `${transport.root}${path}`,
    method: 'GET',
    headers: { accept: INSTANCE_ACCEPT },
  });
  await requireStatus(response, operation, [200, 206]);
  await refuseCompressed(response, operation);
  let instances = 0;
  try {
    for await (const { contentType, body } of partsOf(response, operation)) {
      yield { part10: body, sopInstanceUid: identify(body, contentType, operation, instances) };
      instances += 1;
    }
  } catch (error) {
    throw explain(error, operation, instances);
  }
  // PS3.18 8.5: "Partial Content" means that some instances could not be provided.
  if (response.status === 206)
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
  options: RequestOptions & { readonly maxBytes?: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const name = 'WADO-RS retrieve instance';
  const path = `${seriesPath(series)}/instances/${sopInstanceUid}`;
  const found: Uint8Array<ArrayBuffer>[] = [];
  const what = { name, notFound: 'dicomweb/instance-not-found' } as const;
  for await (const instance of streamInstances(transport, path, what, options)) {
    if (instance.sopInstanceUid === sopInstanceUid) found.push(instance.part10);
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

/** A single instance may also come bare (PS3.18 8.7.3.1), not as multipart. */
export function isBareDicom(contentType: string): boolean {
  return /^\s*application\/dicom\s*(;|$)/i.test(contentType);
}

async function* partsOf(
  response: PacsResponse,
  operation: Operation,
): AsyncGenerator<{ contentType: string; body: Uint8Array<ArrayBuffer> }, void, undefined> {
  const boundary = boundaryOf(response.contentType);
  if (boundary !== undefined) {
    yield* readMultipart(response.body, boundary);
    return;
  }
  if (isBareDicom(response.contentType)) {
    yield { contentType: 'application/dicom', body: await readAll(response.body) };
    return;
  }
  await response.discard();
  throw new SamepointError('dicomweb/not-multipart', {
    operation: operation.name,
    contentType: safeContentType(response.contentType),
  });
}

function identify(body: Uint8Array, contentType: string, operation: Operation, index: number): string {
  const meta = readFileMeta(body);
  if (meta) return meta.sopInstanceUid;
  if (!/^(application\/(dicom|octet-stream)\s*(;|$)|$)/i.test(contentType))
    throw new SamepointError('dicomweb/not-multipart', {
      operation: operation.name,
      contentType: `a part of type ${safeContentType(contentType)}`,
    });
  throw new SamepointError('dicomweb/bad-answer', {
    operation: operation.name,
    reason: `part ${index + 1} (${body.byteLength} bytes) is not a DICOM Part 10 file`,
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
