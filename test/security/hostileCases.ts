/**
 * What a hostile PACS, or a PACS with hostile objects in it, answers. Each case is a study of its own.
 * @module
 */
import { gzipSync } from 'node:zlib';
import {
  deflatedFile,
  element,
  encapsulated,
  fileOf,
  IMPLICIT,
  jpeg2000Header,
  jpegHeader,
  manyElements,
  nested,
  padding,
  report,
  rleZeros,
  slice,
} from './hostileFiles.ts';

/** A body in the chunks in which it is sent. */
export type Chunks = Iterable<Uint8Array>;

/** One hostile answer. */
export interface HostileCase {
  readonly name: string;
  /** What is requested: the images of a series, or the reports of a study. */
  readonly kind: 'images' | 'report';
  /** The instance that the PACS holds. */
  readonly file?: () => Buffer;
  /** The body of the retrieval, where it is not that instance in a multipart envelope. */
  readonly retrieval?: () => { readonly type?: string; readonly gzip?: boolean; readonly body: Chunks };
  /** The JSON of a search for instances. */
  readonly search?: () => { readonly gzip?: boolean; readonly body: Chunks };
}

const MIB = 2 ** 20;
export const BOUNDARY = 'hostile';

function* repeated(piece: Uint8Array, bytes: number): Generator<Uint8Array> {
  const block: Uint8Array = Buffer.alloc(
    Math.max(piece.length, Math.floor(65_536 / piece.length) * piece.length),
    piece,
  );
  for (let sent = 0; sent < bytes; sent += block.length) yield block;
}

function* joined(...bodies: readonly Chunks[]): Generator<Uint8Array> {
  for (const body of bodies) yield* body;
}

const text = (value: string): readonly Buffer[] => [Buffer.from(value, 'latin1')];
const part = (body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`\r\n--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`), body]);

const flooded = (name: string, tag: number, vr: string, piece?: string): HostileCase => ({
  name: `4 MB of padding in ${name}`,
  kind: 'images',
  file: () =>
    fileOf(slice([[tag, element(tag, vr === 'UI' || vr === 'CS' ? 'UT' : vr, padding(4 * MIB, piece))]])),
});

const INSTANCE = '{"00080018":{"vr":"UI","Value":["1.2.3.4"]}}';

const images: readonly HostileCase[] = [
  flooded('a SOP Instance UID', 0x00080018, 'UI'),
  flooded('a modality', 0x00080060, 'CS', ' '),
  flooded('an image type', 0x00080008, 'CS', '\\'),
  flooded('a position', 0x00200032, 'UT', '1\\'),
  flooded('a private text', 0x00091001, 'UT'),
  {
    name: '60 kB of padding in the file header',
    kind: 'images',
    file: () => fileOf(slice(), { more: element(0x00020012, 'UI', padding(65_000)) }),
  },
  {
    name: 'padding in the UID of the file header',
    kind: 'images',
    file: () => fileOf(slice(), { sop: padding(65_000).toString('latin1') }),
  },
  {
    name: 'a file header of a million elements',
    kind: 'images',
    file: () => fileOf(slice(), { more: Buffer.alloc(8 * MIB, element(0x00020016, 'AE', '')) }),
  },
  {
    name: 'a million elements',
    kind: 'images',
    file: () => fileOf(Buffer.concat([manyElements(MIB), slice()])),
  },
  {
    name: 'a million items',
    kind: 'images',
    file: () => {
      const items = Buffer.alloc(8 * MIB, Buffer.from('feff00e000000000', 'hex'));
      return fileOf(Buffer.concat([element(0x00091010, 'SQ', items), slice()]));
    },
  },
  { name: '100,000 sequences in one another', kind: 'images', file: () => fileOf(nested(100_000)) },
  {
    name: '100,000 sequences in one another, implicit VR',
    kind: 'images',
    file: () => fileOf(nested(100_000), { syntax: IMPLICIT }),
  },
  {
    name: 'an element of undefined length and 64 MB',
    kind: 'images',
    file: () => fileOf(Buffer.concat([element(0x00091010, 'OB', Buffer.alloc(64 * MIB, 1), 0xffffffff)])),
  },
  {
    name: 'a private sequence of 32 MB',
    kind: 'images',
    file: () => {
      const item = Buffer.concat([
        Buffer.from('feff00e014000000', 'hex'),
        element(0x00091011, 'UT', 'abcdefgh'),
      ]);
      return fileOf(
        Buffer.concat([
          element(0x00091010, 'SQ', Buffer.alloc(32 * MIB - ((32 * MIB) % item.length), item)),
          slice(),
        ]),
      );
    },
  },
  {
    name: 'a million parts',
    kind: 'images',
    retrieval: () => ({
      body: joined(repeated(part(fileOf(Buffer.alloc(0))), 100 * MIB), text(`\r\n--${BOUNDARY}--`)),
    }),
  },
  {
    name: 'a million empty parts',
    kind: 'images',
    retrieval: () => ({ body: repeated(part(Buffer.alloc(0)), 40 * MIB) }),
  },
  {
    name: 'a flood of what is nearly the boundary',
    kind: 'images',
    retrieval: () => ({
      body: joined([part(fileOf(slice()))], repeated(Buffer.from(`\r\n--${BOUNDARY}-`), 100 * MIB)),
    }),
  },
  {
    name: 'a boundary with megabytes of white space',
    kind: 'images',
    retrieval: () => ({ body: joined(text(`\r\n--${BOUNDARY}`), repeated(Buffer.from(' '), 64 * MIB)) }),
  },
  {
    name: 'a header line of a part without end',
    kind: 'images',
    retrieval: () => ({
      body: joined(text(`\r\n--${BOUNDARY}\r\ncontent-type: `), repeated(Buffer.from(' '), 64 * MIB)),
    }),
  },
  {
    name: 'a list of a hundred thousand instances',
    kind: 'images',
    search: () => ({
      body: joined(text('['), repeated(Buffer.from(`${INSTANCE},`), 50 * MIB), text(`${INSTANCE}]`)),
    }),
  },
  {
    name: '100 MB of metadata in one object',
    kind: 'images',
    search: () => ({
      body: joined(text('[{"00080018":{"vr":"UI","Value":["'), repeated(Buffer.from(' '), 100 * MIB)),
    }),
  },
  {
    name: 'JSON of a million levels',
    kind: 'images',
    search: () => ({
      body: joined(
        text('[{"a":'),
        repeated(Buffer.from('['), 3 * MIB),
        repeated(Buffer.from(']'), 3 * MIB),
        text('}]'),
      ),
    }),
  },
  {
    name: 'a list of a million numbers',
    kind: 'images',
    search: () => ({ body: joined(text('[{"a":['), repeated(Buffer.from('1,'), 3 * MIB), text('1]}]')) }),
  },
];

const reports: readonly HostileCase[] = [
  {
    name: '4 MB of padding in the text of a report',
    kind: 'report',
    file: () => report(element(0x0040a160, 'UT', padding(4 * MIB))),
  },
  {
    name: 'padding in a code of a report',
    kind: 'report',
    file: () => report(element(0x00080100, 'UT', padding(4 * MIB, '\0'))),
  },
  {
    name: 'the character set of a report is megabytes',
    kind: 'report',
    file: () => fileOf(element(0x00080005, 'UT', padding(4 * MIB))),
  },
  { name: 'a report of 100,000 levels', kind: 'report', file: () => report(nested(100_000)) },
  { name: 'a report of a million elements', kind: 'report', file: () => report(manyElements(MIB - 1000)) },
  {
    name: 'a report of half a million content items',
    kind: 'report',
    file: () => {
      const item = Buffer.from('feff00e000000000', 'hex');
      return report(element(0x0040a730, 'SQ', Buffer.alloc(7 * MIB - ((7 * MIB) % item.length), item)));
    },
  },
  {
    name: 'a million values in a report',
    kind: 'report',
    file: () => report(element(0x00700022, 'UT', padding(6 * MIB, '\\'))),
  },
  {
    name: 'a report of 64 MB',
    kind: 'report',
    file: () => report(element(0x0040a160, 'UT', Buffer.alloc(64 * MIB))),
  },
];

const jpeg = (syntax: string, stream: Buffer, size: { rows: number; columns: number }): Buffer =>
  fileOf(slice([[0x7fe00010, encapsulated(stream)]], size), { syntax });
const HUGE = { rows: 60_000, columns: 60_000 };
const SMALL = { rows: 64, columns: 64 };
const LARGEST = { rows: 4096, columns: 4096 };

/** Small to send, gigabytes to read. */
export const bombs: readonly HostileCase[] = [
  ...(
    [
      ['pixels', [[0x7fe00010, element(0x7fe00010, 'OW', Buffer.alloc(400 * MIB))]], undefined],
      ['a private element', [[0x00091001, element(0x00091001, 'OB', Buffer.alloc(400 * MIB))]], undefined],
      [
        'what stands behind the pixels',
        [[0xfffcfffc, element(0xfffcfffc, 'OB', Buffer.alloc(400 * MIB))]],
        undefined,
      ],
      [
        'pixels that its header has, too',
        [[0x7fe00010, element(0x7fe00010, 'OW', Buffer.alloc(400 * MIB))]],
        { rows: 14_000, columns: 14_000 },
      ],
    ] as const
  ).map(([name, changes, size]): HostileCase => ({
    name: `deflate: 400 MB of ${name}`,
    kind: 'images',
    file: () => deflatedFile(slice(changes, size)),
  })),
  {
    name: 'deflate: 10 million elements',
    kind: 'images',
    file: () => deflatedFile(Buffer.concat([manyElements(10 * MIB), slice()])),
  },
  ...(['90', '91', '201', '203'] as const).flatMap((syntax): readonly HostileCase[] => [
    {
      name: `JPEG 2000 (${syntax}): 60,000 x 60,000 in the stream`,
      kind: 'images',
      file: () => jpeg(`1.2.840.10008.1.2.4.${syntax}`, jpeg2000Header(60_000, 60_000), SMALL),
    },
    {
      name: `JPEG 2000 (${syntax}): 60,000 x 60,000 in the header, too`,
      kind: 'images',
      file: () => jpeg(`1.2.840.10008.1.2.4.${syntax}`, jpeg2000Header(60_000, 60_000), HUGE),
    },
    {
      name: `JPEG 2000 (${syntax}): tiles of one pixel`,
      kind: 'images',
      file: () => jpeg(`1.2.840.10008.1.2.4.${syntax}`, jpeg2000Header(4096, 4096, 1), LARGEST),
    },
  ]),
  ...(
    [
      ['JPEG-LS', '80', 0xf7],
      ['JPEG Lossless', '70', 0xc3],
      ['JPEG Baseline', '50', 0xc0],
    ] as const
  ).flatMap(([name, syntax, marker]): readonly HostileCase[] => [
    {
      name: `${name}: 60,000 x 60,000 in the stream`,
      kind: 'images',
      file: () => jpeg(`1.2.840.10008.1.2.4.${syntax}`, jpegHeader(marker, 60_000, 60_000), SMALL),
    },
    {
      name: `${name}: 60,000 x 60,000 in the header, too`,
      kind: 'images',
      file: () => jpeg(`1.2.840.10008.1.2.4.${syntax}`, jpegHeader(marker, 60_000, 60_000), HUGE),
    },
  ]),
  {
    name: 'RLE: 30,000 x 30,000',
    kind: 'images',
    file: () => jpeg('1.2.840.10008.1.2.5', rleZeros(9e8), { rows: 30_000, columns: 30_000 }),
  },
  {
    name: 'gzip: a series of 400 MB',
    kind: 'images',
    retrieval: () => ({ gzip: true, body: [gzipSync(part(Buffer.alloc(400 * MIB)))] }),
  },
  {
    name: 'gzip: a search of 400 MB',
    kind: 'images',
    search: () => ({
      gzip: true,
      body: [gzipSync(Buffer.concat([Buffer.from('[{"a":"'), Buffer.alloc(400 * MIB, ' ')]))],
    }),
  },
];

/** Everything that is read while the health of the server is checked. */
export const freezes: readonly HostileCase[] = [...images, ...reports];

/** Every case has a study. */
export const CASES: readonly HostileCase[] = [...freezes, ...bombs];

/** The study of a case; its series and instance are numbered below it. */
export function studyOf(hostile: HostileCase): string {
  return `1.2.${String(CASES.indexOf(hostile) + 1000)}`;
}
