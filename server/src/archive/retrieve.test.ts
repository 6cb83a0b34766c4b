/** WADO-RS and STOW-RS of the archive, seen by our own client and by bare HTTP. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDicomwebClient } from '../dicomweb/index.ts';
import { multipart, part10 } from '../dicomweb/testing/part10.ts';
import type { RunningArchive } from './testing/archive.ts';
import { runArchive } from './testing/archive.ts';

const SERIES = { studyInstanceUid: '1.2.3', seriesInstanceUid: '1.2.3.4' };
const PATH = '/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.5';
/** Two frames of 1 x 2, 16 bit. */
const PIXELS = Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f, 0x57, 0, 0, 8, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0]);
const IMAGE = part10({
  elements: {
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Jörg' }] },
    '00180050': { vr: 'DS', Value: ['2.5'] },
    '00280009': { vr: 'AT', Value: [0x00181063] },
    '00280008': { vr: 'IS', Value: ['2'] },
    '00280010': { vr: 'US', Value: [1] },
    '00280011': { vr: 'US', Value: [2] },
    '00280100': { vr: 'US', Value: [16] },
    '00281201': { vr: 'OW', Value: [new Uint8Array(4).fill(7).buffer] },
    '00281202': { vr: 'OW', Value: [new Uint8Array(2000).fill(9).buffer] },
    '0040A30A': { vr: 'DS', Value: [] },
  },
  tail: PIXELS,
});

let running: RunningArchive;

beforeEach(async () => {
  running = await runArchive();
});
afterEach(async () => {
  await running.stop();
});

async function get(path: string, accept?: string): Promise<{ status: number; type: string; body: Buffer }> {
  const response = await fetch(`${running.root}${path}`, accept === undefined ? {} : { headers: { accept } });
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type') ?? '', body };
}

/** Bodies of a multipart answer, read without our own reader. */
function parts({ type, body }: { type: string; body: Buffer }): { head: string; body: string }[] {
  const boundary = /boundary="([^"]+)"/.exec(type)?.[1] ?? 'none';
  const text = body.toString('latin1');
  expect(text.endsWith(`\r\n--${boundary}--\r\n`)).toBe(true);
  return text
    .slice(0, -`\r\n--${boundary}--\r\n`.length)
    .split(new RegExp(`(?:^|\r\n)--${boundary}\r\n`))
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\r\n\r\n');
      return { head: part.slice(0, end), body: part.slice(end + 4) };
    });
}

async function post(path: string, body: Uint8Array<ArrayBuffer> | Buffer<ArrayBuffer>, contentType: string) {
  const response = await fetch(`${running.root}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': contentType },
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, { Value: Record<string, { Value: unknown[] }>[] }>,
  };
}

const MULTIPART = 'multipart/related; type="application/dicom"; boundary=bnd';

test('what our client stores comes back byte for byte: series, study, instance', async () => {
  const client = createDicomwebClient({ root: running.root });
  const files = [IMAGE, part10({ sop: '1.2.3.4.6' }), part10({ sop: '1.2.3.4.7' })];
  expect((await client.storeInstances('1.2.3', files)).stored).toHaveLength(3);
  const back: Uint8Array[] = [];
  for await (const file of client.retrieveSeries(SERIES)) back.push(file);
  expect(back.map((file) => Buffer.from(file).toString('base64'))).toEqual(
    files.map((file) => Buffer.from(file).toString('base64')),
  );
  expect(Buffer.compare(await client.retrieveInstance(SERIES, '1.2.3.4.5'), IMAGE)).toBe(0);
  expect(parts(await get('/studies/1.2.3'))).toHaveLength(3);
});

test('metadata: values as DICOM JSON has them, bulk data by URI, the stored transfer syntax', async () => {
  await running.archive.store(IMAGE);
  for (const path of ['/studies/1.2.3', '/studies/1.2.3/series/1.2.3.4', PATH]) {
    const { status, type, body } = await get(`${path}/metadata`, 'application/dicom+json');
    expect([status, type.split(';')[0]]).toEqual([200, 'application/dicom+json']);
    const [json] = JSON.parse(body.toString()) as [Record<string, unknown>];
    expect(json).toMatchObject({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00083002': { vr: 'UI', Value: ['1.2.840.10008.1.2.1'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Jörg' }] },
      '00180050': { vr: 'DS', Value: [2.5] },
      '00280009': { vr: 'AT', Value: ['00181063'] },
      '00280010': { vr: 'US', Value: [1] },
      '00281201': { vr: 'OW', InlineBinary: 'BwcHBw==' },
      '00281202': { vr: 'OW', BulkDataURI: `${running.root}${PATH}/bulkdata/00281202` },
      '7FE00010': { vr: 'OW', BulkDataURI: `${running.root}${PATH}/bulkdata/7FE00010` },
    });
    expect(json['0040A30A']).toEqual({ vr: 'DS' });
    expect(json).not.toHaveProperty('00020010');
  }
});

test('bulk data answers at its URI', async () => {
  await running.archive.store(IMAGE);
  const [value] = parts(await get(`${PATH}/bulkdata/00281202`));
  expect(value?.body).toBe('\t'.repeat(2000));
  const [pixels] = parts(await get(`${PATH}/bulkdata/7FE00010`));
  expect(Buffer.from(pixels?.body ?? '', 'latin1')).toEqual(PIXELS.subarray(12));
  for (const tag of ['00280010', 'constructor', '__proto__', '00281299'])
    expect((await get(`${PATH}/bulkdata/${tag}`)).status).toBe(404);
});

test('frames, as OHIF requests them', async () => {
  await running.archive.store(IMAGE);
  const accept = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';
  const answer = await get(`${PATH}/frames/2,1`, accept);
  expect(answer.type).toMatch(/^multipart\/related; type="application\/octet-stream"; boundary=/);
  expect(parts(answer)).toEqual([
    {
      head: 'Content-Type: application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
      body: '\x03\0\x04\0',
    },
    {
      head: 'Content-Type: application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
      body: '\x01\0\x02\0',
    },
  ]);
  const bare = await get(`${PATH}/frames/1`, 'application/octet-stream');
  expect(bare.body).toEqual(Buffer.from([1, 0, 2, 0]));
  expect((await get(`${PATH}/frames/3`)).status).toBe(404);
  for (const list of ['0', 'x', '1,,2', '-1', '1e3'])
    expect((await get(`${PATH}/frames/${list}`)).status).toBe(400);
});

test('what is not there, or not possible, is a clean error and never a page', async () => {
  await running.archive.store(IMAGE);
  await running.archive.store(part10({ sop: '1.2.3.4.6' }));
  const expected: [string, string | undefined, number, string][] = [
    ['/studies/9', undefined, 404, 'archive/not-found'],
    ['/studies/1.2.3/series/9', undefined, 404, 'archive/not-found'],
    ['/studies/1.2.3/series/1.2.3.4/instances/9/metadata', undefined, 404, 'archive/not-found'],
    [`${PATH}/rendered`, 'image/jpeg', 404, 'archive/not-found'],
    [`${PATH}/frames/1/thumbnail`, 'image/jpeg', 404, 'archive/not-found'],
    ['/studies/..%2f..%2fetc%2fpasswd', undefined, 404, 'archive/not-found'],
    ['/nothing', undefined, 404, 'archive/not-found'],
    [PATH, 'image/jpeg', 406, 'archive/not-acceptable'],
    [
      PATH,
      'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.90',
      406,
      'archive/not-acceptable',
    ],
    [`${PATH}/frames/1`, 'image/jpeg', 406, 'archive/not-acceptable'],
    [`${PATH}/metadata`, 'application/dicom+xml', 406, 'archive/not-acceptable'],
    [
      '/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.6/frames/1',
      undefined,
      406,
      'archive/unreadable-pixels',
    ],
  ];
  for (const [path, accept, status, code] of expected) {
    const answer = await get(path, accept);
    expect([path, answer.status]).toEqual([path, status]);
    expect((JSON.parse(answer.body.toString()) as { error: { code: string } }).error.code).toBe(code);
  }
  const anything = 'text/html, image/webp;q=0.9, */*;q=0.8';
  expect((await get(PATH, anything)).status).toBe(200);
  expect(
    (await get(PATH, 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.1'))
      .status,
  ).toBe(200);
});

test('a file that vanished breaks the answer instead of shortening it', async () => {
  await running.archive.store(IMAGE);
  await running.archive.store(part10({ sop: '1.2.3.4.6' }));
  await rm(join(running.directory, '1.2.3', '1.2.3.4', '1.2.3.4.6.dcm'));
  await expect(get('/studies/1.2.3')).rejects.toThrow();
  expect((await get(PATH)).status).toBe(200);
});

describe('storing', () => {
  test('200, 202 and 409 with the lists of PS3.18 Annex I', async () => {
    const all = await post('/studies', multipart([IMAGE], 'bnd'), MULTIPART);
    expect(all.status).toBe(200);
    expect(all.body['00081199']?.Value[0]).toMatchObject({
      '00081150': { Value: ['1.2.840.10008.5.1.4.1.1.2'] },
      '00081155': { Value: ['1.2.3.4.5'] },
      '00081190': { Value: [`${running.root}${PATH}`] },
    });
    expect(all.body).not.toHaveProperty('00081198');

    const other = part10({ sop: '1.2.3.4.6', study: '7.7' });
    const some = await post(
      '/studies/1.2.3',
      multipart([IMAGE, other, Buffer.from('junk')], 'bnd'),
      MULTIPART,
    );
    expect(some.status).toBe(202);
    expect(some.body['00081199']?.Value).toHaveLength(1);
    expect(some.body['00081198']?.Value).toMatchObject([
      { '00081155': { Value: ['1.2.3.4.6'] }, '00081197': { Value: [0xa900] } },
    ]);
    expect(some.body['0008119A']?.Value).toMatchObject([{ '00081197': { Value: [0xc000] } }]);

    const changed = part10({ elements: { '00080050': { vr: 'SH', Value: ['changed'] } } });
    const none = await post('/studies', multipart([changed], 'bnd'), MULTIPART);
    expect(none.status).toBe(409);
    expect(none.body['00081198']?.Value).toMatchObject([{ '00081197': { Value: [0x0111] } }]);
    expect(running.archive.counts().instances).toBe(1);
  });

  test.each([
    ['text/plain', 415],
    ['multipart/related; type="application/dicom+json"; boundary=bnd', 415],
    ['multipart/related; type="application/dicom"', 415],
    ['multipart/related; type="application/dicom"; boundary=other', 400],
  ])('%s: %d', async (contentType, status) => {
    expect((await post('/studies', multipart([IMAGE], 'bnd'), contentType)).status).toBe(status);
    expect(running.archive.counts().instances).toBe(0);
  });

  test('a body that ends early keeps the whole instances and says so; an empty one is an error', async () => {
    const cut = multipart([IMAGE, part10({ sop: '1.2.3.4.6' })], 'bnd', false);
    const answer = await post('/studies', cut, MULTIPART);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'archive/bad-multipart', fields: { stored: 1 } } },
    });
    expect((await post('/studies', Buffer.from('--bnd--'), MULTIPART)).status).toBe(400);
    expect(running.archive.counts().instances).toBe(1);
  });
});

test('the byte cap of a store request', async () => {
  const small = await runArchive({ maxStoreBytes: 1000 });
  try {
    const body = multipart([part10({ tail: Buffer.alloc(500_000) })], 'bnd');
    // The archive answers 413 and closes without reading on; a client that is still writing may see only the close.
    const status = await fetch(`${small.root}/studies`, {
      method: 'POST',
      body,
      headers: { 'content-type': MULTIPART },
    }).then(
      (response) => response.status,
      () => 'closed',
    );
    expect([413, 'closed']).toContain(status);
    expect(small.archive.counts().instances).toBe(0);
    expect((await fetch(`${small.root}/studies`)).status).toBe(200);
  } finally {
    await small.stop();
  }
});
