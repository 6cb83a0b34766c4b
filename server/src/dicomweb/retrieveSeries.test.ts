/** Retrieval from a PACS that misbehaves in every way that we have seen or feared. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './testing/pacs.ts';
import {
  cut,
  failure,
  FILES,
  json,
  MULTIPART,
  pacs,
  pauses,
  requests,
  SECRET,
  send,
  SERIES,
  SERIES_PATH,
  seriesSearch,
  SOPS,
  status,
  stopPacs,
  WHOLE,
} from './testing/pacs.ts';
import { multipart, part10 } from './testing/part10.ts';
import { readFileMeta } from '../dicom/part10.ts';
import type { DicomwebSource, FetchProgress } from './types.ts';

afterEach(stopPacs);

async function sopsOf(source: DicomwebSource, options: Parameters<DicomwebSource['retrieveSeries']>[1] = {}) {
  const sops: string[] = [];
  for await (const file of source.retrieveSeries(SERIES, { authorization: SECRET, ...options }))
    sops.push(readFileMeta(file)?.sopInstanceUid ?? '');
  return sops;
}

describe('retrieveSeries', () => {
  test('streams every instance, requests the stored form, forwards the credentials', async () => {
    const progress: FetchProgress[] = [];
    const source = await pacs({ [SERIES_PATH]: send(WHOLE) });
    expect(await sopsOf(source, { onProgress: (at) => progress.push(at) })).toEqual(SOPS);
    expect(progress.map(({ instances, totalInstances }) => [instances, totalInstances])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(progress[2]?.bytes).toBe(FILES.reduce((sum, file) => sum + file.byteLength, 0));
    expect(requests[1]?.headers).toMatchObject({
      accept: 'multipart/related; type="application/dicom"; transfer-syntax=*',
      'accept-encoding': 'identity',
      authorization: SECRET,
    });
    expect(requests[0]?.headers.authorization).toBe(SECRET);
  });

  test('uses the credentials of the server where the request has none', async () => {
    const source = await pacs(
      {
        '/studies': (response) => {
          json(response, []);
        },
      },
      { authorization: 'Basic c2VydmVy' },
    );
    await source.searchStudies({});
    await source.searchStudies({}, { authorization: SECRET });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Basic c2VydmVy', SECRET]);
  });

  test('a cut stream is fetched again, and no instance is delivered twice', async () => {
    const afterTwo = WHOLE.length - FILES[2]!.byteLength;
    const source = await pacs({
      [SERIES_PATH]: (response, request, call) => {
        (call < 3 ? cut(afterTwo) : send(WHOLE))(response, request, call);
      },
    });
    expect(await sopsOf(source)).toEqual(SOPS);
    expect(pauses).toEqual([75, 150]);
  });

  test('a stream that is always cut is an error that says how far it came', async () => {
    const source = await pacs({ [SERIES_PATH]: cut(WHOLE.length - 20) });
    const error = await failure(sopsOf(source));
    expect(error).toMatchObject({ code: 'dicomweb/truncated', fields: { instances: 2 } });
  });

  test('an answer that ends properly but before the closing boundary is an error', async () => {
    const source = await pacs({ [SERIES_PATH]: send(multipart(FILES, 'the boundary', false)) });
    expect(await failure(sopsOf(source))).toMatchObject({
      code: 'dicomweb/truncated',
      fields: { instances: 2 },
    });
    expect(requests.filter(({ url }) => url.endsWith('1.2.3.4'))).toHaveLength(3);
  });

  test('fewer instances than the PACS counts is an error, HTTP 206 too', async () => {
    const two = multipart(FILES.slice(0, 2), 'the boundary');
    const short = await pacs({ [SERIES_PATH]: send(two) });
    expect(await failure(sopsOf(short))).toMatchObject({
      code: 'dicomweb/truncated',
      fields: { instances: 2, reason: 'the PACS counts 3 instances in the series' },
    });
    await stopPacs();
    const partial = await pacs({
      '/studies/1.2.3/series': seriesSearch(undefined),
      [SERIES_PATH]: send(two, MULTIPART, 206),
    });
    expect(await failure(sopsOf(partial))).toMatchObject({
      code: 'dicomweb/truncated',
      fields: { instances: 2 },
    });
  });

  test('500 and 429 pass, with the pause that the PACS requests', async () => {
    const source = await pacs({
      [SERIES_PATH]: (response, request, call) => {
        const answer =
          call === 1 ? status(500) : call === 2 ? status(429, { 'retry-after': '2' }) : send(WHOLE);
        answer(response, request, call);
      },
    });
    expect(await sopsOf(source)).toEqual(SOPS);
    expect(pauses).toEqual([75, 2000]);
  });

  test('503 without end is a server error; what the PACS wrote is not repeated', async () => {
    const source = await pacs({ [SERIES_PATH]: status(503) });
    expect(await failure(sopsOf(source))).toMatchObject({
      code: 'dicomweb/server-error',
      fields: { httpStatus: 503 },
    });
    expect(pauses).toHaveLength(2);
  });

  test.each([
    [401, 'dicomweb/unauthorized'],
    [403, 'dicomweb/forbidden'],
    [400, 'dicomweb/rejected'],
  ])('HTTP %d is %s, requested once', async (code, expected) => {
    const source = await pacs({ [SERIES_PATH]: status(code) });
    expect(await failure(sopsOf(source))).toMatchObject({ code: expected });
    expect(pauses).toEqual([]);
  });

  test('a login page is not accepted as a series', async () => {
    const source = await pacs({
      [SERIES_PATH]: send(Buffer.from('<html>Login</html>'), 'text/html; charset=utf-8'),
    });
    expect(await failure(sopsOf(source))).toMatchObject({
      code: 'dicomweb/not-multipart',
      fields: { contentType: 'text/html' },
    });
  });

  test('a login page behind a redirect neither', async () => {
    const source = await pacs({
      [SERIES_PATH]: status(302, { location: '/login' }),
      '/login': send(Buffer.from('<html>Login</html>'), 'text/html'),
    });
    expect((await failure(sopsOf(source))).code).toBe('dicomweb/redirected');
    expect(requests.map(({ url }) => url)).not.toContain('/login');
  });

  test('a wrong boundary, parts that are not DICOM', async () => {
    const wrong = await pacs({ [SERIES_PATH]: send(multipart(FILES, 'another', true)) });
    // The bytes end before the announced boundary comes.
    expect((await failure(sopsOf(wrong))).code).toBe('dicomweb/truncated');
    await stopPacs();
    const junk = await pacs({ [SERIES_PATH]: send(multipart([Buffer.from('junk')], 'the boundary')) });
    expect(await failure(sopsOf(junk))).toMatchObject({ code: 'dicomweb/bad-answer' });
  });

  test('the byte cap holds, whatever the PACS announces', async () => {
    const source = await pacs({ [SERIES_PATH]: send(WHOLE) }, { maxSeriesBytes: FILES[0]!.byteLength + 500 });
    expect((await failure(sopsOf(source))).code).toBe('dicomweb/too-large');
    expect(pauses).toEqual([]);
  });

  test('a stall is a timeout, after its retries', async () => {
    const source = await pacs(
      {
        [SERIES_PATH]: (response) => {
          response.writeHead(200, { 'content-type': MULTIPART });
          response.write(WHOLE.subarray(0, 500));
        },
      },
      { timeoutMs: 50, retries: 1 },
    );
    expect(await failure(sopsOf(source))).toMatchObject({
      code: 'dicomweb/timeout',
      fields: { timeoutMs: 50 },
    });
    expect(pauses).toHaveLength(1);
  });

  test('a slow consumer is no stall', async () => {
    const large = SOPS.map((sop) => part10({ sop, tail: Buffer.alloc(2_000_000) }));
    const source = await pacs(
      { [SERIES_PATH]: send(multipart(large, 'the boundary')) },
      { timeoutMs: 1_000, retries: 0 },
    );
    let instances = 0;
    for await (const file of source.retrieveSeries(SERIES)) {
      expect(file.byteLength).toBeGreaterThan(2_000_000);
      instances += 1;
      // Longer than the time-out, which is itself long enough for a machine that is busy with other things.
      if (instances === 1) await new Promise((resolve) => setTimeout(resolve, 1_200));
    }
    expect(instances).toBe(3);
  });

  test('no server listens', async () => {
    const source = await pacs({});
    await stopPacs();
    expect(await failure(sopsOf(source))).toMatchObject({
      code: 'dicomweb/unreachable',
      fields: { reason: 'ECONNREFUSED' },
    });
    expect(pauses).toHaveLength(2);
  });

  test('a consumer that stops early closes the connection', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const source = await pacs({
      [SERIES_PATH]: (response) => {
        closed = new Promise((resolve) => response.once('close', resolve));
        response.writeHead(200, { 'content-type': MULTIPART });
        // Never ended by the PACS: only the client can close it.
        response.write(WHOLE.subarray(0, WHOLE.length - 20));
      },
    });
    for await (const file of source.retrieveSeries(SERIES)) {
      expect(file.byteLength).toBe(FILES[0]!.byteLength);
      break;
    }
    await closed;
  });

  test('an abort gives the reason of the signal and closes the connection', async () => {
    const reason = new Error('the user disconnected');
    const controller = new AbortController();
    let closed: Promise<unknown> = Promise.resolve();
    const source = await pacs({
      [SERIES_PATH]: (response) => {
        closed = new Promise((resolve) => response.once('close', resolve));
        response.writeHead(200, { 'content-type': MULTIPART });
        response.write(WHOLE.subarray(0, WHOLE.length - 20), () => {
          controller.abort(reason);
        });
      },
    });
    await expect(sopsOf(source, { signal: controller.signal })).rejects.toBe(reason);
    await closed;
    await expect(source.searchStudies({}, { signal: controller.signal })).rejects.toBe(reason);
  });

  test('an empty search distinguishes a missing study from a missing series', async () => {
    const empty: Answer = (response) => {
      json(response, []);
    };
    const noStudy = await pacs({ '/studies/1.2.3/series': empty, '/studies': empty });
    expect((await failure(sopsOf(noStudy))).code).toBe('dicomweb/study-not-found');
    await stopPacs();
    const noSeries = await pacs({
      '/studies/1.2.3/series': empty,
      '/studies': (response) => {
        json(response, [{ '0020000D': { vr: 'UI', Value: ['1.2.3'] } }]);
      },
    });
    expect((await failure(sopsOf(noSeries))).code).toBe('dicomweb/series-not-found');
  });

  test.each([404, 406, 501])(
    'a PACS that answers the series with %d is queried instance by instance',
    async (code) => {
      const instances = (response: ServerResponse, request: IncomingMessage): void => {
        // Two to a page, whatever the request says.
        const offset = Number(new URL(request.url ?? '', 'http://pacs').searchParams.get('offset'));
        json(
          response,
          SOPS.slice(offset, offset + 2).map((sop) => ({ '00080018': { vr: 'UI', Value: [sop] } })),
        );
      };
      const source = await pacs({
        [SERIES_PATH]: status(code),
        [`${SERIES_PATH}/instances`]: instances,
        [`${SERIES_PATH}/instances/${SOPS[0]}`]: send(multipart([FILES[0]!], 'the boundary')),
        [`${SERIES_PATH}/instances/${SOPS[1]}`]: (response, request, call) => {
          (call === 1 ? status(500) : send(FILES[1]!, 'application/dicom'))(response, request, call);
        },
        [`${SERIES_PATH}/instances/${SOPS[2]}`]: send(multipart([FILES[2]!], 'the boundary')),
      });
      expect(await sopsOf(source)).toEqual(SOPS);
    },
  );

  test('instance by instance, one that is missing fails the series', async () => {
    const source = await pacs({
      [SERIES_PATH]: status(501),
      [`${SERIES_PATH}/instances`]: (response) => {
        json(
          response,
          SOPS.map((sop) => ({ '00080018': { vr: 'UI', Value: [sop] } })),
        );
      },
      [`${SERIES_PATH}/instances/${SOPS[0]}`]: send(multipart([FILES[0]!], 'the boundary')),
    });
    expect((await failure(sopsOf(source))).code).toBe('dicomweb/instance-not-found');
  });

  test('the wrong instance is not accepted as the right one', async () => {
    const source = await pacs({
      [`${SERIES_PATH}/instances/${SOPS[0]}`]: send(multipart([FILES[1]!], 'the boundary')),
    });
    expect((await failure(source.retrieveInstance(SERIES, SOPS[0]!))).code).toBe('dicomweb/bad-answer');
  });

  test('UIDs that could break out of their place in the URL are refused before anything is sent', async () => {
    const source = await pacs({});
    for (const uid of ['../../admin', '1.2/3', '1..2', '', '1.2?x=y', '1'.repeat(65)]) {
      const series = { ...SERIES, seriesInstanceUid: uid };
      expect((await failure(source.retrieveSeriesMetadata(series))).code).toBe('dicomweb/invalid-uid');
      expect(() => source.retrieveSeries(series)).toThrow('is not a DICOM UID');
    }
    expect(requests).toEqual([]);
  });
});
