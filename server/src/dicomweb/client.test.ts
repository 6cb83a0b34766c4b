/** Searching and storing against a PACS that misbehaves. */
import type { Answer } from './testing/pacs.ts';
import {
  failure,
  FILES,
  json,
  pacs,
  requests,
  SECRET,
  send,
  SERIES,
  SOPS,
  status,
  stopPacs,
} from './testing/pacs.ts';

afterEach(stopPacs);

describe('searches', () => {
  test('encode names and values, join lists, and read 204 and an empty body as nothing found', async () => {
    const source = await pacs({
      '/studies': (response, _request, call) => {
        response.writeHead(call === 1 ? 204 : 200).end();
      },
    });
    expect(
      await source.searchStudies({ PatientName: 'Müller^*&x=1', includefield: ['00081030', '00080060'] }),
    ).toEqual([]);
    expect(await source.searchStudies({})).toEqual([]);
    const query = new URL(requests[0]?.url ?? '', 'http://pacs').searchParams;
    expect([...query]).toEqual([
      ['PatientName', 'Müller^*&x=1'],
      ['includefield', '00081030,00080060'],
    ]);
  });

  test.each([
    ['HTML', '<html>Doe^John</html>', 'text/html'],
    ['cut JSON', '[{"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jo', 'application/json'],
    ['an object', '{"error": "Doe^John"}', 'application/json'],
    ['a list of texts', '["Doe^John"]', 'application/json'],
  ])('%s is a bad answer and is not repeated', async (_name, body, contentType) => {
    const source = await pacs({ '/studies': send(Buffer.from(body), contentType) });
    expect((await failure(source.searchStudies({}))).code).toBe('dicomweb/bad-answer');
  });

  test('nothing is written to the console', async () => {
    const written: unknown[] = [];
    const { error, warn } = console;
    Object.assign(console, {
      error: (...all: unknown[]) => written.push(all),
      warn: (...all: unknown[]) => written.push(all),
    });
    try {
      const source = await pacs({ '/studies': status(403) });
      expect((await failure(source.searchStudies({}, { authorization: SECRET }))).code).toBe(
        'dicomweb/forbidden',
      );
    } finally {
      Object.assign(console, { error, warn });
    }
    expect(written).toEqual([]);
  });

  test('no global XMLHttpRequest remains', () => {
    expect('XMLHttpRequest' in globalThis).toBe(false);
  });

  test('a 404 of the metadata is a missing series', async () => {
    const source = await pacs({});
    expect((await failure(source.retrieveSeriesMetadata(SERIES))).code).toBe('dicomweb/series-not-found');
    expect((await failure(source.retrieveInstanceMetadata(SERIES, '1.2.3'))).code).toBe(
      'dicomweb/instance-not-found',
    );
  });

  test('metadata of an instance are those of this one, never of another that the PACS sends', async () => {
    const of = (uid: string) => ({ '00080018': { vr: 'UI', Value: [uid] } });
    const path = (uid: string) =>
      `/studies/${SERIES.studyInstanceUid}/series/${SERIES.seriesInstanceUid}/instances/${uid}/metadata`;
    const source = await pacs({
      [path('1.2.3')]: (response) => {
        json(response, [of('1.2.4'), of('1.2.3')]);
      },
      [path('1.2.5')]: (response) => {
        json(response, [of('1.2.4')]);
      },
    });
    expect(await source.retrieveInstanceMetadata(SERIES, '1.2.3')).toEqual(of('1.2.3'));
    expect((await failure(source.retrieveInstanceMetadata(SERIES, '1.2.5'))).code).toBe(
      'dicomweb/instance-not-found',
    );
    expect((await failure(source.retrieveInstanceMetadata(SERIES, '1.2/../3'))).code).toBe(
      'dicomweb/invalid-uid',
    );
  });
});

describe('storeInstances', () => {
  const reference = (sop: string, reason?: number) => ({
    '00081150': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
    '00081155': { vr: 'UI', Value: [sop] },
    ...(reason === undefined ? {} : { '00081197': { vr: 'US', Value: [reason] } }),
  });
  const answer =
    (stored: readonly string[], failed: readonly [string, number][], code: number): Answer =>
    (response, request) => {
      request.resume();
      request.once('end', () => {
        json(
          response,
          {
            '00081199': { vr: 'SQ', Value: stored.map((sop) => reference(sop)) },
            '00081198': { vr: 'SQ', Value: failed.map(([sop, reason]) => reference(sop, reason)) },
          },
          code,
        );
      });
    };

  test('sends one multipart with every file, byte for byte', async () => {
    let body = Buffer.alloc(0);
    const source = await pacs({
      '/studies/1.2.3': (response, request, call) => {
        request.on('data', (chunk: Buffer) => (body = Buffer.concat([body, chunk])));
        answer(SOPS, [], 200)(response, request, call);
      },
    });
    const inside = Buffer.concat([Buffer.alloc(7), FILES[2]!]).subarray(7);
    const result = await source.storeInstances('1.2.3', [FILES[0]!, FILES[1]!, inside], {
      authorization: SECRET,
    });
    expect(result.stored.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(SOPS);
    expect(result.failed).toEqual([]);
    expect(requests[0]).toMatchObject({ method: 'POST', headers: { authorization: SECRET } });
    const boundary = /boundary="(.*)"/.exec(requests[0]?.headers['content-type'] ?? '')?.[1] ?? '';
    expect(body.toString('latin1').split(`--${boundary}`)).toHaveLength(5);
    for (const file of FILES) expect(body.includes(Buffer.from(file))).toBe(true);
  });

  test('an instance in both lists counts as refused', async () => {
    const source = await pacs({ '/studies/1.2.3': answer([SOPS[0]!], [[SOPS[0]!, 0x0110]], 202) });
    expect(await failure(source.storeInstances('1.2.3', [FILES[0]!]))).toMatchObject({
      fields: { stored: 0, failed: 1, failureReasons: ['0x0110'] },
    });
  });

  test('202 and 409 say what was stored and why the rest was not', async () => {
    const source = await pacs({
      '/studies/1.2.3': answer(
        [SOPS[0]!],
        [
          [SOPS[1]!, 0xa700],
          [SOPS[2]!, 0x0110],
        ],
        202,
      ),
    });
    const error = await failure(source.storeInstances('1.2.3', FILES));
    expect(error).toMatchObject({
      code: 'dicomweb/store-refused',
      fields: { stored: 1, failed: 2, failureReasons: ['0xA700', '0x0110'] },
      cause: {
        stored: [{ sopInstanceUid: SOPS[0] }],
        failed: [{ sopInstanceUid: SOPS[1] }, { sopInstanceUid: SOPS[2] }],
      },
    });
    await stopPacs();
    const refusing = await pacs({ '/studies/1.2.3': answer([], [[SOPS[0]!, 0xc000]], 409) });
    expect(await failure(refusing.storeInstances('1.2.3', [FILES[0]!]))).toMatchObject({
      fields: { stored: 0, failed: 1 },
    });
  });

  test('200 with a failure in the list, or without one of the instances, is not success', async () => {
    const listed = await pacs({ '/studies/1.2.3': answer([SOPS[0]!], [[SOPS[1]!, 0x0122]], 200) });
    expect(await failure(listed.storeInstances('1.2.3', FILES.slice(0, 2)))).toMatchObject({
      fields: { failureReasons: ['0x0122'] },
    });
    await stopPacs();
    const silent = await pacs({ '/studies/1.2.3': answer([SOPS[0]!], [], 200) });
    expect(await failure(silent.storeInstances('1.2.3', FILES.slice(0, 2)))).toMatchObject({
      fields: { stored: 1, failed: 1, failureReasons: ['not mentioned'] },
    });
  });

  test('200 without a body means stored, 409 without a body does not', async () => {
    const empty =
      (code: number): Answer =>
      (response, request) => {
        request.resume();
        request.once('end', () => response.writeHead(code).end());
      };
    const accepting = await pacs({ '/studies/1.2.3': empty(200) });
    expect((await accepting.storeInstances('1.2.3', FILES)).stored).toHaveLength(3);
    await stopPacs();
    const refusing = await pacs({ '/studies/1.2.3': empty(409) });
    expect(await failure(refusing.storeInstances('1.2.3', FILES))).toMatchObject({
      fields: { stored: 0, failed: 3 },
    });
  });

  test.each([
    ['an address only', '{"00081190": {"vr": "UR", "Value": ["http://pacs"]}}', 200],
    ['another list', '{"00081198": {"vr": "SQ"}}', 202],
    ['a list in a list', '[[]]', 200],
    ['null', 'null', 201],
    ['a word', '"stored"', 200],
  ])('%s is not called a refusal', async (_, body, code) => {
    const source = await pacs({ '/studies/1.2.3': send(Buffer.from(body), 'application/json', code) });
    const { message } = await failure(source.storeInstances('1.2.3', [FILES[0]!]));
    expect(message).toMatch(/did not say whether it stored 1 of 1|is not usable/);
    expect(message).not.toMatch(/refused/);
  });

  test('a store whose answer was lost is sent again; "duplicate" then means stored', async () => {
    const source = await pacs({
      '/studies/1.2.3': (response, request, call) => {
        if (call > 1)
          answer(
            [],
            SOPS.map((sop) => [sop, 0x0111] as [string, number]),
            409,
          )(response, request, call);
        else request.resume().once('end', () => response.destroy());
      },
    });
    expect((await source.storeInstances('1.2.3', FILES)).stored).toHaveLength(3);
    await stopPacs();
    const first = await pacs({ '/studies/1.2.3': answer([], [[SOPS[0]!, 0x0111]], 409) });
    expect(await failure(first.storeInstances('1.2.3', [FILES[0]!]))).toMatchObject({
      fields: { failureReasons: ['0x0111'] },
    });
  });

  test('a redirect does not turn the store into something else, a login page is not success', async () => {
    const moved = await pacs({
      '/studies/1.2.3': status(302, { location: '/login' }),
      '/login': send(Buffer.from('{}')),
    });
    expect(await failure(moved.storeInstances('1.2.3', FILES))).toMatchObject({
      fields: { httpStatus: 302 },
    });
    await stopPacs();
    const login = await pacs({ '/studies/1.2.3': send(Buffer.from('<html>Login</html>'), 'text/html') });
    expect((await failure(login.storeInstances('1.2.3', FILES))).code).toBe('dicomweb/bad-answer');
  });

  test('what is not DICOM is not sent', async () => {
    const source = await pacs({});
    const error = await failure(source.storeInstances('1.2.3', [FILES[0]!, Buffer.from('no DICOM')]));
    expect(error).toMatchObject({ code: 'dicomweb/store-refused', fields: { stored: 0, failed: 2 } });
    expect(requests).toEqual([]);
  });
});
