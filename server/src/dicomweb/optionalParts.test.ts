/** PACS that refuse what is optional in DICOMweb, each in its own way. */
import type { IncomingMessage } from 'node:http';
import type { Answer } from './testing/pacs.ts';
import {
  failure,
  FILES,
  json,
  pacs,
  requests,
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
import { numberOf, stringOf } from '../dicom/index.ts';
import { readFileMeta } from '../dicom/part10.ts';
import type { DicomwebSource } from './types.ts';

afterEach(stopPacs);

const INSTANCE = `${SERIES_PATH}/instances/${SOPS[0]!}`;
const ONE = multipart([FILES[0]!], 'the boundary');

async function sopsOf(source: DicomwebSource): Promise<string[]> {
  const sops: string[] = [];
  for await (const file of source.retrieveSeries(SERIES)) sops.push(readFileMeta(file)?.sopInstanceUid ?? '');
  return sops;
}

/** Answers where a header or parameter pleases, and refuses where it does not. */
const unless =
  (refuses: (request: IncomingMessage) => boolean, code: number, answer: Answer): Answer =>
  (response, request, call) => {
    (refuses(request) ? status(code) : answer)(response, request, call);
  };
const accepting = (pattern: RegExp, code: number, answer: Answer): Answer =>
  unless(({ headers }) => !pattern.test(headers.accept ?? ''), code, answer);

describe('an Accept header', () => {
  test.each([
    ['no transfer syntax, 415', /^multipart\/related; type="application\/dicom"$/, 415],
    ['no quotation marks, 400', /type=application\/dicom$/, 400],
    ['the bare type only, 406', /^application\/dicom$/, 406],
    ['anything but a type, 501', /^\*\/\*$/, 501],
    ['no quotation marks, and a failure else', /type=application\/dicom$/, 500],
  ])('of a PACS that knows %s', async (_, pattern, code) => {
    const source = await pacs({
      [SERIES_PATH]: accepting(pattern, code, send(WHOLE)),
      [INSTANCE]: accepting(pattern, code, send(ONE)),
    });
    for (let time = 0; time < 2; time += 1) expect(await sopsOf(source)).toEqual(SOPS);
    for (let time = 0; time < 2; time += 1) await source.probeInstance(SERIES, SOPS[0]!);
    requests.length = 0;
    expect(await sopsOf(source)).toEqual(SOPS);
    expect(await source.retrieveInstance(SERIES, SOPS[0]!)).toEqual(FILES[0]);
    // The count, the series, the instance: nothing is requested in vain any more.
    expect(requests).toHaveLength(3);
  });

  test('that no form pleases is the error of the first', async () => {
    const source = await pacs({ [INSTANCE]: status(406) });
    expect(await failure(source.retrieveInstance(SERIES, SOPS[0]!))).toMatchObject({
      code: 'dicomweb/rejected',
      fields: { httpStatus: 406 },
    });
  });

  test('is not changed for what the user may not see, and not for what waits in an archive', async () => {
    const source = await pacs({
      [INSTANCE]: (...all) => {
        (all[2] === 1 ? status(403) : status(202))(...all);
      },
    });
    expect((await failure(source.retrieveInstance(SERIES, SOPS[0]!))).code).toBe('dicomweb/forbidden');
    expect((await failure(source.retrieveInstance(SERIES, SOPS[0]!))).code).toBe('dicomweb/nearline');
    expect(requests).toHaveLength(2);
  });
});

test('a series that comes as single images only, after 400 or lasting 500', async () => {
  for (const code of [400, 500]) {
    const source = await pacs({
      [SERIES_PATH]: status(code),
      [`${SERIES_PATH}/instances`]: (response, _request, call) => {
        json(response, call === 1 ? SOPS.map((sop) => ({ '00080018': { vr: 'UI', Value: [sop] } })) : []);
      },
      ...Object.fromEntries(
        FILES.map((file, index) => [
          `${SERIES_PATH}/instances/${SOPS[index]!}`,
          send(multipart([file], 'the boundary')),
        ]),
      ),
    });
    expect(await sopsOf(source)).toEqual(SOPS);
    await stopPacs();
  }
});

describe('a search', () => {
  const has =
    (...names: readonly string[]) =>
    ({ url = '' }: IncomingMessage): boolean =>
      names.some((name) => new URL(url, 'http://pacs').searchParams.has(name));
  const STUDY = [{ '0020000D': { vr: 'UI', Value: ['1.2.3'] }, '00100020': { vr: 'LO', Value: ['P'] } }];
  const study: Answer = (response) => {
    json(response, STUDY);
  };

  test.each([
    ['any includefield, 406', has('includefield'), 406],
    ['includefield with a failure', has('includefield'), 500],
    [
      'a list with commas, 400',
      ({ url = '' }: IncomingMessage) => decodeURIComponent(url).includes(','),
      400,
    ],
    ['a tag that it does not know, 422', ({ url = '' }: IncomingMessage) => url.includes('00100021'), 422],
  ])('of a PACS that refuses %s', async (_, refuses, code) => {
    const source = await pacs({ '/studies': unless(refuses, code, study) });
    const query = { StudyInstanceUID: '1.2.3', includefield: ['00100020', '00100021'] };
    for (let time = 0; time < 2; time += 1) expect(await source.searchStudies(query)).toEqual(STUDY);
    requests.length = 0;
    await source.searchStudies(query);
    expect(requests).toHaveLength(1);
    expect(new URL(requests[0]!.url, 'http://pacs').searchParams.get('StudyInstanceUID')).toBe('1.2.3');
  });

  test('for one attribute is not confused with one for several', async () => {
    const source = await pacs({ '/studies': unless(has('includefield'), 400, study) });
    await source.searchStudies({ includefield: ['00100020', '00100021'] });
    await source.searchStudies({ includefield: '00100020' });
    requests.length = 0;
    await source.searchStudies({ includefield: '00100020' });
    await source.searchStudies({ includefield: ['00100020', '00100021'] });
    expect(requests.map(({ url }) => url.split('?')[1])).toEqual(['', '']);
  });

  test('keeps the attributes where only commas are refused', async () => {
    const isList = ({ url = '' }: IncomingMessage): boolean => decodeURIComponent(url).includes(',');
    const source = await pacs({ '/studies': unless(isList, 400, study) });
    await source.searchStudies({ includefield: ['00100020', '00100021'] });
    const { searchParams } = new URL(requests.at(-1)!.url, 'http://pacs');
    expect(searchParams.getAll('includefield')).toEqual(['00100020', '00100021']);
  });

  test('in pages is one search where a PACS has none', async () => {
    const rows = SOPS.map((sop) => ({ '00080018': { vr: 'UI', Value: [sop] } }));
    const source = await pacs({
      [SERIES_PATH]: status(405),
      [`${SERIES_PATH}/instances`]: unless(has('limit', 'offset'), 400, (response) => {
        json(response, rows);
      }),
      ...Object.fromEntries(
        FILES.map((file, index) => [
          `${SERIES_PATH}/instances/${SOPS[index]!}`,
          send(multipart([file], 'the boundary')),
        ]),
      ),
    });
    expect(await sopsOf(source)).toEqual(SOPS);
  });

  test.each([
    ['application/json only', /^application\/json$/],
    ['no type but any', /^\*\/\*$/],
  ])('of a PACS that accepts %s', async (_, pattern) => {
    const source = await pacs({ '/studies': accepting(pattern, 406, study) });
    expect(await source.searchStudies({})).toEqual(STUDY);
    requests.length = 0;
    expect(await source.searchStudies({})).toEqual(STUDY);
    expect(requests).toHaveLength(1);
  });

  test('that is wrong for another reason is refused after all', async () => {
    const source = await pacs({ '/studies': status(400) });
    expect(await failure(source.searchStudies({ includefield: '00100021' }))).toMatchObject({
      code: 'dicomweb/rejected',
      fields: { httpStatus: 400 },
    });
  });
});

test('a store is answered in XML where a PACS has no JSON, and is one store', async () => {
  const stored: Answer = (response, request) => {
    const answer = `<NativeDicomModel><DicomAttribute tag="00081199" vr="SQ"><Item number="1">
       <DicomAttribute tag="00081155" vr="UI"><Value number="1">${SOPS[0]!} </Value></DicomAttribute></Item></DicomAttribute></NativeDicomModel>`;
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-type': 'application/dicom+xml' }).end(answer);
    });
  };
  const source = await pacs({ '/studies/1.2.3': accepting(/xml/, 406, stored) });
  const { stored: found } = await source.storeInstances('1.2.3', [FILES[0]!]);
  expect(found.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([SOPS[0]]);
  expect(requests).toHaveLength(2);
});

describe('metadata', () => {
  const METADATA = `${INSTANCE}/metadata`;
  const elements = {
    '00100010': { vr: 'PN', Value: ['Müller^Änne'] },
    '00280010': { vr: 'US', Value: [512] },
    '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] },
  };
  const image = multipart([part10({ sop: SOPS[0]!, elements })], 'the boundary');

  test.each([
    ['none, 404', status(404)],
    ['none, 405', status(405)],
    ['none yet, 202', status(202)],
    ['XML', send(Buffer.from('<?xml version="1.0"?><NativeDicomModel/>'), 'application/dicom+xml')],
    ['a failure', status(500)],
    [
      'an empty list',
      ((response) => {
        json(response, []);
      }) satisfies Answer,
    ],
    ['the instance itself', send(image)],
    [
      'another instance',
      ((response) => {
        json(response, [{ '00080018': { vr: 'UI', Value: ['1.2.9'] } }]);
      }) satisfies Answer,
    ],
  ])('of a PACS that answers with %s are those of the image', async (_, answer) => {
    const source = await pacs({ [METADATA]: answer, [INSTANCE]: send(image) });
    const metadata = await source.retrieveInstanceMetadata(SERIES, SOPS[0]!);
    expect(stringOf(metadata, 'PatientName')).toBe('Müller^Änne');
    expect(numberOf(metadata, 'Rows')).toBe(512);
    expect(metadata['7FE00010']).toBeUndefined();
  });

  test('are not requested again from a PACS that has none', async () => {
    const source = await pacs({ [METADATA]: status(501), [INSTANCE]: send(image) });
    await source.retrieveInstanceMetadata(SERIES, SOPS[0]!);
    requests.length = 0;
    await source.retrieveInstanceMetadata(SERIES, SOPS[0]!);
    expect(requests.map(({ url }) => url.replace('/dicom-web', ''))).toEqual([INSTANCE]);
  });

  test('that the user may not see are refused', async () => {
    const source = await pacs({ [METADATA]: status(403), [INSTANCE]: send(image) });
    expect((await failure(source.retrieveInstanceMetadata(SERIES, SOPS[0]!))).code).toBe(
      'dicomweb/forbidden',
    );
  });

  test('of an image that is none are an error of the catalogue', async () => {
    const cut = multipart([FILES[0]!.subarray(0, 300)], 'the boundary');
    const source = await pacs({ [METADATA]: status(404), [INSTANCE]: send(cut) });
    await failure(source.retrieveInstanceMetadata(SERIES, SOPS[0]!));
  });
});

describe('roots', () => {
  test('of searches, retrieval and storing are used apart', async () => {
    const source = await pacs(
      {
        '/qido/studies/1.2.3/series': seriesSearch(3),
        [`/wado${SERIES_PATH}`]: send(WHOLE),
        '/stow/studies/1.2.3': (response, request) => {
          request.resume().once('end', () => response.writeHead(201).end());
        },
      },
      {},
      ({ root }) => ({ qidoRoot: `${root}qido`, wadoRoot: `${root}wado/`, stowRoot: `${root}stow` }),
    );
    expect(await sopsOf(source)).toEqual(SOPS);
    expect((await source.storeInstances('1.2.3', [FILES[0]!])).stored).toHaveLength(1);
    expect(
      requests.map(({ method, url }) => `${method} ${url.replace('/dicom-web', '').split('?')[0]!}`),
    ).toEqual(['GET /qido/studies/1.2.3/series', `GET /wado${SERIES_PATH}`, 'POST /stow/studies/1.2.3']);
  });

  test('may redirect to each other, and nowhere else', async () => {
    for (const [to, code] of [
      ['/dicom-web/wado', undefined],
      ['/elsewhere', 'dicomweb/redirected'],
    ] as const) {
      const source = await pacs(
        {
          '/qido/studies/1.2.3/series': (response) => {
            response.writeHead(307, { location: `${to}/studies/1.2.3/series` }).end();
          },
          '/wado/studies/1.2.3/series': seriesSearch(3),
        },
        {},
        ({ root }) => ({ qidoRoot: `${root}qido`, wadoRoot: `${root}wado` }),
      );
      const search = source.searchSeries('1.2.3', {});
      if (code === undefined) expect(await search).toHaveLength(1);
      else expect((await failure(search)).code).toBe(code);
      await stopPacs();
    }
  });
});
