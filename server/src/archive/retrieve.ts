/** WADO-RS: metadata, whole files, frames, bulk data (PS3.18 10.4). */
import type { DicomElement, DicomJson } from '../dicom/index.ts';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Request, Response, Router } from 'express';
import { SamepointError } from '../errors/index.ts';
import { instanceUrl } from './attributes.ts';
import { errnoOf } from './files.ts';
import { parsePixels, readFrames } from './pixels.ts';
import type { Registry } from './registry.ts';
import type { RequestView } from './respond.ts';
import { prefersBare, requireAcceptable, rootUrl, sendJson, sendMultipart } from './respond.ts';
import type { RouterContext } from './routerContext.ts';
import type { InstanceEntry } from './types.ts';

interface Params {
  study: string;
  series?: string;
  instance?: string;
}

const OCTET_STREAM = 'application/octet-stream';
const DICOM = 'application/dicom';
const PIXEL_DATA = '7FE00010';
/** Levels at which files and metadata can be had. */
const LEVELS = [
  '/studies/:study',
  '/studies/:study/series/:series',
  '/studies/:study/series/:series/instances/:instance',
];
const INSTANCE = LEVELS[2] ?? '';

/** Adds the retrieval of metadata, files, frames and bulk data. */
export function addRetrieveRoutes(router: Router, { registry }: RouterContext): void {
  for (const level of LEVELS) {
    router.get(`${level}/metadata`, (request: Request<Params>, response) => {
      requireAcceptable(request, ['application/dicom+json', 'application/json']);
      const root = rootUrl(request);
      sendJson(
        response,
        found(registry, request.params).map((entry) => withAbsoluteUris(root, entry)),
      );
    });
    router.get(level, async (request: Request<Params>, response) => {
      await sendFiles(request, response, found(registry, request.params));
    });
  }
  router.get(
    `${INSTANCE}/frames/:frames`,
    async (request: Request<Params & { frames: string }>, response) => {
      const [entry] = found(registry, request.params);
      await sendFrames(request, response, entry, request.params.frames);
    },
  );
  router.get(`${INSTANCE}/bulkdata/:tag`, async (request: Request<Params & { tag: string }>, response) => {
    const [entry] = found(registry, request.params);
    await sendBulkData(request, response, entry, request.params.tag);
  });
}

function found(
  registry: Registry,
  { study, series, instance }: Params,
): readonly [InstanceEntry, ...InstanceEntry[]] {
  const [first, ...others] = registry.instances(study, series, instance);
  if (first) return [first, ...others];
  const what = instance === undefined ? (series === undefined ? 'study' : 'series') : 'instance';
  throw new SamepointError('archive/not-found', { what });
}

function withAbsoluteUris(root: string, entry: InstanceEntry): DicomJson {
  const url = instanceUrl(root, entry);
  const absolute = (element: DicomElement): DicomElement =>
    element.BulkDataURI === undefined
      ? element
      : { ...element, BulkDataURI: `${url}/${element.BulkDataURI}` };
  return Object.fromEntries(Object.entries(entry.metadata).map(([tag, element]) => [tag, absolute(element)]));
}

async function sendFiles(
  request: RequestView,
  response: Response,
  entries: readonly InstanceEntry[],
): Promise<void> {
  for (const { transferSyntaxUid } of entries) requireAcceptable(request, [DICOM], transferSyntaxUid);
  const [first] = entries;
  if (first && entries.length === 1 && prefersBare(request, DICOM)) {
    response.type(DICOM).send(await read(first));
    return;
  }
  await sendMultipart(
    response,
    DICOM,
    entries.map((entry) => ({
      contentType: `${DICOM}; transfer-syntax=${entry.transferSyntaxUid}`,
      content: () => createReadStream(entry.file),
    })),
  );
}

async function sendFrames(
  request: RequestView,
  response: Response,
  entry: InstanceEntry,
  list: string,
): Promise<void> {
  requireAcceptable(request, [OCTET_STREAM], entry.transferSyntaxUid);
  const numbers = frameNumbers(list);
  const frames = readFrames(await read(entry));
  if (numbers.some((number) => number > frames.count))
    throw new SamepointError('archive/not-found', { what: 'frame' });
  const contentType = `${OCTET_STREAM}; transfer-syntax=${frames.transferSyntaxUid}`;
  const [only] = numbers;
  if (only !== undefined && numbers.length === 1 && prefersBare(request, OCTET_STREAM)) {
    response.setHeader('Content-Type', contentType);
    response.send(Buffer.from(frames.frame(only - 1)));
    return;
  }
  await sendMultipart(
    response,
    OCTET_STREAM,
    numbers.map((number) => ({ contentType, content: () => [frames.frame(number - 1)] })),
  );
}

/** Frame numbers count from 1 (PS3.18 10.4.1.1.3). */
function frameNumbers(list: string): readonly number[] {
  const numbers = list.split(',').map(Number);
  if (/^\d{1,9}(,\d{1,9})*$/.test(list) && !numbers.includes(0)) return numbers;
  throw new SamepointError('archive/invalid-query', {
    parameter: 'frames',
    reason: 'it must be a list of frame numbers from 1, separated by commas',
  });
}

async function sendBulkData(
  request: RequestView,
  response: Response,
  entry: InstanceEntry,
  tag: string,
): Promise<void> {
  requireAcceptable(request, [OCTET_STREAM]);
  const wanted = tag.toUpperCase();
  if (entry.metadata[wanted]?.BulkDataURI === undefined)
    throw new SamepointError('archive/not-found', { what: 'bulk data' });
  const part10 = await read(entry);
  const values = wanted === PIXEL_DATA ? allFrames(part10) : elementBytes(part10, wanted);
  await sendMultipart(
    response,
    OCTET_STREAM,
    values.map(({ bytes, contentType }) => ({ contentType, content: () => [bytes] })),
  );
}

interface BulkValue {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** Compressed pixel data is one part per frame, native pixel data one part (PS3.18 8.7.3.3). */
function allFrames(part10: Uint8Array): readonly BulkValue[] {
  const frames = readFrames(part10);
  const contentType = `${OCTET_STREAM}; transfer-syntax=${frames.transferSyntaxUid}`;
  const all = Array.from({ length: frames.count }, (_, index) => frames.frame(index));
  return frames.isNative
    ? [{ bytes: Buffer.concat(all), contentType }]
    : all.map((bytes) => ({ bytes, contentType }));
}

function elementBytes(part10: Uint8Array, tag: string): readonly BulkValue[] {
  const { dataSet } = parsePixels(part10);
  const element = dataSet.elements[`x${tag.toLowerCase()}`];
  if (!element) throw new SamepointError('archive/not-found', { what: 'bulk data' });
  const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  return [{ bytes, contentType: OCTET_STREAM }];
}

async function read(entry: InstanceEntry): Promise<Buffer> {
  try {
    return await readFile(entry.file);
  } catch (error) {
    throw new SamepointError('archive/read-failed', { reason: errnoOf(error) });
  }
}
