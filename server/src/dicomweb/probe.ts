/** WADO-RS retrieval of the beginning of an instance: whether the PACS sends it, at the price of a few packets. */
import { SamepointError } from '../errors/index.ts';
import { openRetrieval } from './accept.ts';
import type { TryOptions } from './accept.ts';
import { safeContentType } from './http.ts';
import { isMultipart } from './mediaType.ts';
import type { Transport } from './options.ts';
import { isBareDicom, seriesPath } from './retrieve.ts';
import type { SeriesRef } from './types.ts';

const NAME = 'WADO-RS retrieve instance';
/** The file meta information (PS3.10 7.1), which names the instance, stands at the beginning: far within this. */
const SEARCHED_BYTES = 64 * 1024;
/** A slice is read to its end, so that the connection can be used again; a multi-frame object is not. */
const READ_BYTES = 2 ** 20;

/**
 * Requests an instance and resolves when the PACS has begun to send it. No retry.
 * @throws SamepointError of `dicomweb/`; `dicomweb/not-multipart` or `dicomweb/bad-answer` for anything but that instance,
 * such as a login page with status 200
 */
export async function probe(
  transport: Transport,
  series: SeriesRef,
  sopInstanceUid: string,
  options: TryOptions,
): Promise<void> {
  const operation = {
    name: NAME,
    notFound: 'dicomweb/instance-not-found',
    maxBytes: transport.maxSeriesBytes,
  } as const;
  const path = `${seriesPath(series)}/instances/${sopInstanceUid}`;
  const response = await openRetrieval(transport, path, operation, options);
  const { contentType } = response;
  if (!isMultipart(contentType) && !isBareDicom(contentType)) {
    await response.discard();
    throw new SamepointError('dicomweb/not-multipart', {
      operation: NAME,
      contentType: safeContentType(contentType),
    });
  }
  const chunks = response.body[Symbol.asyncIterator]();
  if (await namesInstance(chunks, sopInstanceUid)) {
    finish(chunks);
    return;
  }
  await chunks.return?.();
  throw new SamepointError('dicomweb/bad-answer', {
    operation: NAME,
    reason: 'the answer does not hold the requested instance',
  });
}

/** Reads until the SOP Instance UID has come, or until it should have. */
async function namesInstance(chunks: AsyncIterator<Uint8Array>, sopInstanceUid: string): Promise<boolean> {
  let begin = Buffer.alloc(0);
  while (begin.byteLength < SEARCHED_BYTES) {
    const next = await chunks.next();
    if (next.done === true) return false;
    begin = Buffer.concat([begin, next.value.subarray(0, SEARCHED_BYTES)]);
    if (begin.includes(sopInstanceUid, 0, 'latin1')) return true;
  }
  return false;
}

/** Reads the rest of a small answer in the background, and closes a large one. */
function finish(chunks: AsyncIterator<Uint8Array>): void {
  const read = async (): Promise<void> => {
    for (let bytes = 0; bytes < READ_BYTES;) {
      const next = await chunks.next();
      if (next.done === true) return;
      bytes += next.value.byteLength;
    }
    await chunks.return?.();
  };
  read().catch(() => undefined);
}
