/** STOW-RS through dicomweb-client, and the reading of its answer (PS3.18 10.5). */
import { SamepointError } from '../errors/index.ts';
import { readFileMeta } from '../dicom/index.ts';
import { MAX_STORE_ANSWER_BYTES } from './options.ts';
import type { Transport } from './options.ts';
import { withRetries } from './retry.ts';
import { acceptRefusalOf, callPackage } from './search.ts';
import type { PackageClient } from './search.ts';
import { parseStoreAnswer } from './storeAnswer.ts';
import type { RequestOptions, StoreResult } from './types.ts';

const OPERATION = 'STOW-RS store';
/** Media types of the answer; older PACS have XML only. */
const ANSWER_TYPES = ['application/dicom+json', 'application/dicom+xml', '*/*'] as const;
/** "Duplicate SOP instance" (PS3.18 Table I.2-2). */
const DUPLICATE_SOP_INSTANCE = 0x0111;
/** Statuses that say of the whole request that it was stored. */
const WHOLE: ReadonlySet<number> = new Set([200, 201, 204]);
/** What stands for "the answer does not mention this instance": 0 is no failure reason of the standard. */
const NOT_MENTIONED = 0;

/** Stores Part 10 files; see `DicomwebSource.storeInstances`. The cause of `dicomweb/store-refused` is the StoreResult. */
export async function storePart10(
  transport: Transport,
  client: PackageClient,
  studyInstanceUid: string,
  instances: readonly Uint8Array[],
  options: RequestOptions,
): Promise<StoreResult> {
  const sent = instances.map((part10, index) => {
    const meta = readFileMeta(part10);
    if (meta) return meta;
    throw new SamepointError('dicomweb/store-refused', {
      operation: OPERATION,
      stored: 0,
      failed: instances.length,
      failureReasons: [`instance ${index + 1} is not a DICOM Part 10 file; nothing was sent`],
    });
  });
  const operation = {
    name: OPERATION,
    notFound: 'dicomweb/study-not-found',
    maxBytes: MAX_STORE_ANSWER_BYTES,
  } as const;
  const kind = { topic: `${OPERATION} Accept`, forms: ANSWER_TYPES, refusalOf: acceptRefusalOf };
  let requests = 0;
  return await transport.negotiation.choose<string, StoreResult>(kind, (accept) =>
    withRetries(transport, options.signal, async () => {
      requests += 1;
      const exchange = { operation, accepted: [200, 201, 202, 204, 409], options, accept };
      const xhr = await callPackage(transport, exchange, (request) =>
        client.storeInstances({
          studyInstanceUID: studyInstanceUid,
          datasets: instances.map(ownBuffer),
          request,
        }),
      );
      const text = typeof xhr.response === 'string' ? xhr.response : '';
      const result = settle(sent, parseStoreAnswer(text, OPERATION), xhr.status, requests > 1);
      if (result.failed.length > 0) throw refused(result);
      return result;
    }),
  );
}

/** What became of each instance that was sent. */
function settle(
  sent: readonly { readonly sopClassUid: string; readonly sopInstanceUid: string }[],
  answer: StoreResult | undefined,
  status: number,
  isRetry: boolean,
): StoreResult {
  const reasons = new Map(
    answer?.failed.map(({ sopInstanceUid, failureReason }) => [sopInstanceUid, failureReason]),
  );
  const named = new Set(answer?.stored.map(({ sopInstanceUid }) => sopInstanceUid));
  const stored: { sopClassUid: string; sopInstanceUid: string }[] = [];
  const failed: { sopInstanceUid: string; failureReason: number }[] = [];
  for (const { sopClassUid, sopInstanceUid } of sent) {
    const reason = reasons.get(sopInstanceUid);
    // An earlier try may have been stored although its answer was lost.
    const storedBefore = isRetry && reason === DUPLICATE_SOP_INSTANCE;
    // Without a list, 200 means that all were stored (PS3.18 Table 10.5.3-1); any other status means that we do not know.
    const isStored = named.has(sopInstanceUid) || (answer === undefined && WHOLE.has(status));
    if (storedBefore || (reason === undefined && isStored)) stored.push({ sopClassUid, sopInstanceUid });
    else failed.push({ sopInstanceUid, failureReason: reason ?? NOT_MENTIONED });
  }
  return { stored, failed };
}

function refused(result: StoreResult): SamepointError {
  const reasons = new Set(result.failed.map(({ failureReason }) => failureReason));
  return new SamepointError(
    'dicomweb/store-refused',
    {
      operation: OPERATION,
      stored: result.stored.length,
      failed: result.failed.length,
      failureReasons: [...reasons].map((reason) =>
        reason === NOT_MENTIONED
          ? 'not mentioned'
          : `0x${reason.toString(16).toUpperCase().padStart(4, '0')}`,
      ),
    },
    { cause: result },
  );
}

/** The package copies from ArrayBuffers; a view into a larger one is copied out first. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength
    ? buffer
    : new Uint8Array(bytes).buffer;
}
