/** Retrievals that are whole although their form is another than that of the standard, and those that are not. */
import {
  failure,
  FILES,
  pacs,
  send,
  SERIES,
  SERIES_PATH,
  seriesSearch,
  SOPS,
  stopPacs,
} from './testing/pacs.ts';
import { readFileMeta } from '../dicom/part10.ts';
import type { DicomwebSource } from './types.ts';

afterEach(stopPacs);

async function sopsOf(source: DicomwebSource): Promise<string[]> {
  const sops: string[] = [];
  for await (const file of source.retrieveSeries(SERIES)) sops.push(readFileMeta(file)?.sopInstanceUid ?? '');
  return sops;
}

describe('an answer that is whole, in another form', () => {
  const part = (type: string, body: Uint8Array | string, lineBreak = '\r\n'): Buffer =>
    Buffer.concat([
      Buffer.from(`--b${lineBreak}Content-Type: ${type}${lineBreak}${lineBreak}`),
      Buffer.from(body),
      Buffer.from(lineBreak),
    ]);
  const close = Buffer.from('--b--\r\n');
  const parts = FILES.map((file) => part('application/dicom', file));
  const TYPE = 'multipart/related; type="application/dicom"; boundary=b';

  test.each([
    ['an empty part', Buffer.concat([part('application/dicom', ''), ...parts, close]), TYPE],
    [
      'a part with metadata',
      Buffer.concat([...parts, part('application/dicom+json; charset=utf-8', '[]'), close]),
      TYPE,
    ],
    ['a part with words', Buffer.concat([part('text/plain', '3 instances'), ...parts, close]), TYPE],
    [
      'line feeds only',
      Buffer.concat([...FILES.map((file) => part('application/dicom', file, '\n')), Buffer.from('--b--\n')]),
      TYPE,
    ],
    [
      'types in quotation marks',
      Buffer.concat([...FILES.map((file) => part('"application/dicom"', file)), close]),
      TYPE,
    ],
    [
      'no boundary in its type',
      Buffer.concat([...parts, close]),
      'multipart/related; type="application/dicom"',
    ],
    ['parts that are named bytes', Buffer.concat([...parts, close]), 'application/octet-stream'],
    ['no two dashes at its end', Buffer.concat([...parts, Buffer.from('--b\r\n')]), TYPE],
    ['another kind of multipart', Buffer.concat([...parts, close]), 'multipart/mixed; boundary="b"'],
  ])('%s', async (_, body, type) => {
    for (const code of [200, 206]) {
      const source = await pacs({ [SERIES_PATH]: send(body, type, code) });
      expect(await sopsOf(source)).toEqual(SOPS);
      await stopPacs();
    }
  });

  test('without its end, of a series of unknown size, is an error', async () => {
    const source = await pacs({
      '/studies/1.2.3/series': seriesSearch(undefined),
      [SERIES_PATH]: send(Buffer.concat([...parts, Buffer.from('--b\r\n')]), TYPE),
    });
    expect(await failure(sopsOf(source))).toMatchObject({
      code: 'dicomweb/truncated',
      fields: { instances: 3 },
    });
  });

  test('206 with a part of it is an error, as is 206 for a series of unknown size', async () => {
    const two = Buffer.concat([...parts.slice(1), close]);
    for (const [body, count] of [
      [two, 3],
      [Buffer.concat([...parts, close]), undefined],
    ] as const) {
      const source = await pacs({
        '/studies/1.2.3/series': seriesSearch(count),
        [SERIES_PATH]: send(body, TYPE, 206),
      });
      expect((await failure(sopsOf(source))).code).toBe('dicomweb/truncated');
      await stopPacs();
    }
  });

  test('a picture in the place of an instance, and nothing but words, are errors', async () => {
    for (const [body, contentType] of [
      [Buffer.concat([...parts, part('image/jpeg', 'JFIF'), close]), 'a part of type image/jpeg'],
      [Buffer.concat([part('text/plain', 'Doe^John'), close]), 'a part of type text/plain'],
    ] as const) {
      const source = await pacs({ [SERIES_PATH]: send(body, TYPE) });
      expect(await failure(sopsOf(source))).toMatchObject({
        code: 'dicomweb/not-multipart',
        fields: { contentType },
      });
      await stopPacs();
    }
  });

  test('an instance without a media type, or as bytes', async () => {
    const path = `${SERIES_PATH}/instances/${SOPS[0]!}`;
    for (const type of ['application/octet-stream', '']) {
      const source = await pacs({ [path]: send(FILES[0]!, type) });
      expect(await source.retrieveInstance(SERIES, SOPS[0]!)).toEqual(FILES[0]);
      await source.probeInstance(SERIES, SOPS[0]!);
      await stopPacs();
    }
  });
});
