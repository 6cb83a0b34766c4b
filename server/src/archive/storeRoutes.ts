/** STOW-RS (PS3.18 10.5). */
import { tagOf, readFileMeta } from '../dicom/index.ts';
import type { DicomElement, DicomJson } from '../dicom/index.ts';
import type { Request, Response, Router } from 'express';
import { boundaryOf, MultipartError, readMultipart } from '../dicomweb/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { instanceUrl } from './attributes.ts';
import { rootUrl, sendJson } from './respond.ts';
import type { RouterContext } from './routerContext.ts';
import type { StoredInstance, StoreInto } from './types.ts';

/** Failure reasons of PS3.18 Table I.2-2. */
const PROCESSING_FAILURE = 0x0110;
const REASONS = {
  'archive/not-dicom': 0xc000,
  'archive/duplicate-instance': 0x0111,
  'archive/wrong-study': 0xa900,
  'archive/write-failed': 0xa700,
} as const;
/** OtherFailuresSequence: failures of what has no SOP Instance UID. */
const OTHER_FAILURES_SEQUENCE = '0008119A';

/** What became of the parts of one request. */
interface Outcome {
  readonly stored: StoredInstance[];
  readonly failed: { readonly part10: Uint8Array; readonly reason: number }[];
}

/** Adds `POST /studies` and `POST /studies/{study}`. */
export function addStoreRoutes(router: Router, { store, maxStoreBytes }: RouterContext): void {
  const handler = async (request: Request<{ study?: string }>, response: Response): Promise<void> => {
    const outcome: Outcome = { stored: [], failed: [] };
    // A refused body is not read to its end: the connection cannot be used again. Cleared when the body was read.
    response.setHeader('Connection', 'close');
    for await (const part10 of incoming(request, maxStoreBytes, outcome))
      await storePart(store, part10, request.params.study, outcome);
    response.removeHeader('Connection');
    // The epilogue, if any.
    request.resume();
    const { stored, failed } = outcome;
    if (stored.length + failed.length === 0)
      throw new SamepointError('archive/bad-multipart', { reason: 'there is no part in it', stored: 0 });
    // PS3.18 Table 10.5.3-1: 200 all stored, 202 some, 409 none.
    const status = failed.length === 0 ? 200 : stored.length > 0 ? 202 : 409;
    sendJson(response, describe(rootUrl(request), outcome), status);
  };
  router.post('/studies', handler);
  router.post('/studies/:study', handler);
}

async function storePart(
  store: StoreInto,
  part10: Uint8Array,
  study: string | undefined,
  { stored, failed }: Outcome,
): Promise<void> {
  try {
    stored.push(await store(part10, study));
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    const reasons: Readonly<Record<string, number>> = REASONS;
    failed.push({ part10, reason: reasons[error.code] ?? PROCESSING_FAILURE });
  }
}

/** Part 10 files of a request body, one at a time, below the byte cap. */
async function* incoming(
  request: Pick<Request, 'get' | 'iterator'>,
  maxBytes: number,
  { stored }: Outcome,
): AsyncGenerator<Uint8Array, void, undefined> {
  const contentType = request.get('content-type') ?? '';
  const boundary = boundaryOf(contentType);
  const type = /;\s*type\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  if (boundary === undefined || (type !== undefined && type !== 'application/dicom'))
    throw new SamepointError('archive/unsupported-media-type', {
      received: /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(contentType)?.[0] ?? 'a body without a media type',
    });
  try {
    for await (const { body } of readMultipart(capped(request, maxBytes), boundary)) yield body;
  } catch (error) {
    if (!(error instanceof MultipartError)) throw error;
    throw new SamepointError('archive/bad-multipart', { reason: error.message, stored: stored.length });
  }
}

async function* capped(
  request: Pick<Request, 'iterator'>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  // The default iterator would close the connection at the closing boundary, before the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new SamepointError('archive/too-large', { maxBytes });
    yield chunk;
  }
}

/** The Store Instances Response Module (PS3.18 Table I.1-1). */
function describe(root: string, { stored, failed }: Outcome): DicomJson {
  const references = stored.map((instance) => ({
    [tagOf('ReferencedSOPClassUID')]: value('UI', instance.sopClassUid),
    [tagOf('ReferencedSOPInstanceUID')]: value('UI', instance.sopInstanceUid),
    [tagOf('RetrieveURL')]: value('UR', instanceUrl(root, instance)),
  }));
  const failures: DicomJson[] = [];
  const others: DicomJson[] = [];
  for (const { part10, reason } of failed) {
    const meta = readFileMeta(part10);
    const why = { [tagOf('FailureReason')]: value('US', reason) };
    if (!meta) others.push(why);
    else
      failures.push({
        [tagOf('ReferencedSOPClassUID')]: value('UI', meta.sopClassUid),
        [tagOf('ReferencedSOPInstanceUID')]: value('UI', meta.sopInstanceUid),
        ...why,
      });
  }
  const studies = new Set(stored.map(({ studyInstanceUid }) => studyInstanceUid));
  const [study] = studies;
  return {
    ...(study !== undefined && studies.size === 1
      ? { [tagOf('RetrieveURL')]: value('UR', `${root}/studies/${study}`) }
      : {}),
    ...sequence(tagOf('FailedSOPSequence'), failures),
    ...sequence(tagOf('ReferencedSOPSequence'), references),
    ...sequence(OTHER_FAILURES_SEQUENCE, others),
  };
}

function value(vr: string, content: string | number): DicomElement {
  return { vr, Value: [content] };
}

function sequence(tag: string, items: readonly DicomJson[]): DicomJson {
  return items.length === 0 ? {} : { [tag]: { vr: 'SQ', Value: items } };
}
