import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import {
  failure,
  FILES,
  MULTIPART,
  pacs,
  requests,
  SECRET,
  send,
  SERIES,
  SERIES_PATH,
  status,
  stopPacs,
  WHOLE,
} from './testing/pacs.ts';
import type { DicomwebSource } from './types.ts';
import { portOf } from '../concurrency/testing/portOf.ts';

/** A server that the PACS has no business to send us to; it would answer well. */
let elsewhere: Server;
let seen: { url: string; authorization: string | undefined }[];
let other: string;

beforeAll(async () => {
  elsewhere = createServer((req, res) => {
    seen.push({ url: req.url ?? '', authorization: req.headers.authorization });
    res.writeHead(200, { 'content-type': MULTIPART }).end();
  }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  other = `127.0.0.1:${portOf(elsewhere)}`;
});
beforeEach(() => {
  seen = [];
});
afterEach(stopPacs);
afterAll(() => new Promise((resolve) => elsewhere.close(resolve)));

async function collect(source: DicomwebSource): Promise<number> {
  let count = 0;
  for await (const part10 of source.retrieveSeries(SERIES, { authorization: SECRET }))
    count += part10.length && 1;
  return count;
}

/** Every kind of request, each led away by the same Location. */
const OPERATIONS: readonly (readonly [string, string, (source: DicomwebSource) => Promise<unknown>])[] = [
  ['WADO-RS of a series', SERIES_PATH, collect],
  [
    'WADO-RS of an instance',
    `${SERIES_PATH}/instances/1.2.3.4.1`,
    (source) => source.retrieveInstance(SERIES, '1.2.3.4.1', { authorization: SECRET }),
  ],
  ['QIDO-RS of studies', '/studies', (source) => source.searchStudies({}, { authorization: SECRET })],
  [
    'QIDO-RS of instances',
    `${SERIES_PATH}/instances`,
    (source) => source.searchInstances(SERIES, {}, { authorization: SECRET }),
  ],
  [
    'the metadata',
    `${SERIES_PATH}/metadata`,
    (source) => source.retrieveSeriesMetadata(SERIES, { authorization: SECRET }),
  ],
  ['STOW-RS', '/studies/1.2.3', (source) => source.storeInstances('1.2.3', FILES, { authorization: SECRET })],
];

describe.each(OPERATIONS)('%s', (_name, path, call) => {
  test.each([301, 302, 303, 307, 308])(
    'HTTP %d to another origin is refused and not followed',
    async (code) => {
      const source = await pacs({ [path]: status(code, { location: `http://${other}${path}` }) });
      expect(await failure(call(source))).toMatchObject({
        code: 'dicomweb/redirected',
        fields: { httpStatus: code },
      });
      expect(seen).toEqual([]);
    },
  );
});

test.each([
  ['the REST interface beside DICOMweb', '/tools/reset'],
  ['a path with dot segments', '/dicom-web/../tools/reset'],
  ['encoded dot segments', '/dicom-web/%2e%2e/tools/reset'],
  ['an encoded slash', '/dicom-web/..%2ftools/reset'],
  ['an encoded backslash', '/dicom-web/..%5ctools/reset'],
  ['another root that begins alike', '/dicom-web-internal/studies'],
  ['another host without a scheme', '//OTHER/dicom-web/studies'],
  ['a user in the URL', 'http://user:password@OTHER/dicom-web/studies'],
  ['another scheme', 'file:///etc/passwd'],
  ['no URL', 'http://'],
  ['nothing', ''],
])('a redirect of a retrieval to %s is refused', async (_name, location) => {
  const source = await pacs({ [SERIES_PATH]: status(302, { location: location.replace('OTHER', other) }) });
  expect((await failure(collect(source))).code).toBe('dicomweb/redirected');
  expect(seen).toEqual([]);
  expect(requests.filter(({ url }) => url.includes('tools'))).toEqual([]);
});

test('a redirect inside the root is followed, with the credentials', async () => {
  const source = await pacs({
    [SERIES_PATH]: status(307, { location: '/dicom-web/studies/1.2.3/series/1.2.3.4.9?x=1' }),
    '/studies/1.2.3/series/1.2.3.4.9': send(WHOLE),
  });
  expect(await collect(source)).toBe(FILES.length);
  expect(requests.at(-1)).toMatchObject({
    url: '/dicom-web/studies/1.2.3/series/1.2.3.4.9?x=1',
    headers: { authorization: SECRET },
  });
});

test('a circle ends', async () => {
  const source = await pacs({ [SERIES_PATH]: status(302, { location: `/dicom-web${SERIES_PATH}` }) });
  expect((await failure(collect(source))).code).toBe('dicomweb/redirected');
  expect(requests.filter(({ url }) => url === `/dicom-web${SERIES_PATH}`)).toHaveLength(4);
});
