/**
 * A program: a PACS in which each case is a study. In a process of its own, because making some of the inputs needs seconds.
 * @module
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BOUNDARY, CASES, studyOf } from './hostileCases.ts';
import type { Chunks, HostileCase } from './hostileCases.ts';
import { fileOf, slice } from './hostileFiles.ts';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';

const MULTIPART = `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`;
const byStudy = new Map(CASES.map((one) => [studyOf(one), one]));

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(body));
}

async function send(response: ServerResponse, type: string, body: Chunks, gzip = false): Promise<void> {
  response.writeHead(200, { 'content-type': type, ...(gzip ? { 'content-encoding': 'gzip' } : {}) });
  // Who does not want the rest closes the connection.
  await pipeline(Readable.from(body), response).catch(() => undefined);
}

function multipart(files: readonly Uint8Array[]): Chunks {
  return [
    ...files.flatMap((file) => [
      Buffer.from(`\r\n--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`),
      file,
    ]),
    Buffer.from(`\r\n--${BOUNDARY}--`),
  ];
}

/** Slices of a well-formed study, so that threads and models are there before anything is measured. */
function wellFormed(): readonly Uint8Array[] {
  return [0, 1, 2, 3].map((z) =>
    fileOf(slice([], { study: '1.2.1', series: '1.2.1.1', sop: `1.2.1.1.${z}`, z }), { sop: `1.2.1.1.${z}` }),
  );
}

const element = (vr: string, value: unknown): object => ({ vr, Value: [value] });

function uidsOf(hostile: HostileCase | undefined): readonly string[] {
  return hostile === undefined ? [0, 1, 2, 3].map((z) => `1.2.1.1.${z}`) : ['1.2.3.4'];
}

function answerSeries(hostile: HostileCase | undefined, study: string, response: ServerResponse): void {
  json(response, [
    {
      '0020000E': element('UI', `${study}.1`),
      '00080060': element('CS', hostile?.kind === 'report' ? 'SR' : 'CT'),
      '00201209': element('IS', uidsOf(hostile).length),
    },
  ]);
}

async function answerInstances(hostile: HostileCase | undefined, response: ServerResponse): Promise<void> {
  const search = hostile?.search?.();
  if (search) await send(response, 'application/dicom+json', search.body, search.gzip);
  else
    json(
      response,
      uidsOf(hostile).map((uid) => ({ '00080018': element('UI', uid) })),
    );
}

async function answerRetrieval(hostile: HostileCase | undefined, response: ServerResponse): Promise<void> {
  const special = hostile?.retrieval?.();
  if (special) await send(response, special.type ?? MULTIPART, special.body, special.gzip);
  else
    await send(response, MULTIPART, multipart(hostile?.file === undefined ? wellFormed() : [hostile.file()]));
}

async function answer(study: string, path: string, response: ServerResponse): Promise<void> {
  const hostile = byStudy.get(study);
  if (path.endsWith('/series')) answerSeries(hostile, study, response);
  else if (path.endsWith('/instances')) await answerInstances(hostile, response);
  else await answerRetrieval(hostile, response);
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://pacs');
  const queried = url.searchParams.get('StudyInstanceUID');
  if (url.pathname.endsWith('/studies') && queried !== null) {
    json(response, [{ '0020000D': { vr: 'UI', Value: [queried] }, '00100020': { vr: 'LO', Value: ['P1'] } }]);
    return;
  }
  const study = /\/studies\/([\d.]+)/.exec(url.pathname)?.[1] ?? '';
  await answer(study, url.pathname, response);
}

const server = createServer((request, response) => void handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const port = portOf(server);
  process.stdout.write(`PACS at http://127.0.0.1:${port}/dicom-web\n`);
});
