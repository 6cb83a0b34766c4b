/** What a PACS sends: multipart streams, DICOM JSON, headers. */
import {
  isDicomJson,
  itemsOf,
  numberOf,
  numbersOf,
  stringOf,
  stringsOf,
  ATTRIBUTES,
  readFileMeta,
} from '../../../server/src/dicom/index.ts';
import type { Keyword } from '../../../server/src/dicom/index.ts';
import { safeContentType } from '../../../server/src/dicomweb/http.ts';
import { JsonFault, readJsonList } from '../../../server/src/dicomweb/jsonList.ts';
import { boundaryOf } from '../../../server/src/dicomweb/mediaType.ts';
import { MultipartError, readMultipart } from '../../../server/src/dicomweb/multipart.ts';
import { requireUid } from '../../../server/src/dicomweb/index.ts';
import { part10 } from '../../../server/src/volume/testing/syntheticSeries.ts';
import { mutateBytes, mutateDicom, mutateJson } from '../mutate.ts';
import type { Target } from './target.ts';

const BOUNDARY = 'part of a whole';
const file = part10({ SOPInstanceUID: '1.2.3' });
const stream = Buffer.concat([
  ...[file, file.subarray(0, 40), Buffer.alloc(0)].flatMap((body) => [
    Buffer.from(`\r\n--${BOUNDARY}\r\nContent-Type: application/dicom\r\nContent-Length: 9\r\n\r\n`),
    body,
  ]),
  Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
]);

/** Pieces of the sizes in which a network delivers, or does not. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = [1, 7, 64, 1000, 1 << 16][bytes.length % 5] ?? 1;
  for (let at = 0; at < bytes.length; at += bytes.length > 20_000 ? 1 << 16 : size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + (bytes.length > 20_000 ? 1 << 16 : size));
  }
}

/** An error of the reader's own is what its caller translates. */
async function except(known: new (...args: never[]) => Error, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof known)) throw error;
  }
}

export const multipart: Target = {
  name: 'multipart',
  weight: 2,
  make: (random) => mutateBytes(stream, random),
  run: (input) =>
    except(MultipartError, async () => {
      for await (const { body, contentType } of readMultipart(pieces(input), BOUNDARY)) {
        readFileMeta(body);
        safeContentType(contentType);
      }
    }),
};

const answer = [
  {
    '00080018': { vr: 'UI', Value: ['1.2.3'] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane', Ideographic: 'x' }] },
    '00201209': { vr: 'IS', Value: [3, '4'] },
    '00280030': { vr: 'DS', Value: ['0.5', 0.5] },
    '00081199': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['1.2'] } }, {}] },
    '7FE00010': { vr: 'OW', BulkDataURI: 'http://pacs/bulk' },
  },
  { '0020000E': { vr: 'UI' } },
];
const KEYWORDS = Object.keys(ATTRIBUTES) as Keyword[];

export const dicomJson: Target = {
  name: 'dicomJson',
  weight: 2,
  make: (random) => mutateJson(answer, random),
  run: (input) =>
    except(JsonFault, async () => {
      for (const object of await readJsonList(pieces(input))) {
        if (!isDicomJson(object)) continue;
        for (const keyword of KEYWORDS) {
          stringOf(object, keyword);
          stringsOf(object, keyword);
          numberOf(object, keyword);
          numbersOf(object, keyword);
          itemsOf(object, keyword);
        }
      }
    }),
};

const TEXTS = [
  'multipart/related; type="application/dicom"; boundary="a \\"quoted\\" one"; start=x',
  'multipart/related;boundary=simple;type=application/dicom',
  'application/dicom+json; charset=utf-8',
  '1.2.840.113619.2.55.3.604688119',
  '20260102030405.123456+0100',
];

/** Header values and UIDs. */
export const texts: Target = {
  name: 'texts',
  make: (random) => mutateBytes(Buffer.from(random.pick(TEXTS)), random),
  run(input) {
    const text = Buffer.from(input).toString('latin1');
    boundaryOf(text);
    safeContentType(text);
    requireUid('fuzz', text);
  },
};

export const fileMeta: Target = {
  name: 'fileMeta',
  make: (random) => mutateDicom(file.subarray(0, 500), random),
  run: (input) => readFileMeta(input),
};
