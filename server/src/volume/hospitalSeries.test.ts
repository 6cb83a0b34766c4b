/** Series as hospitals send them: an image of another sort among the slices, streams that end or count otherwise, no frame of reference. */
import fc from 'fast-check';
import { readVolume } from './index.ts';
import type { ReadVolumeOptions, Volume } from './index.ts';
import { createFrameDecoder } from './decoding/frameDecoder.ts';
import { encodeJpeg2000, encodeJpegLs } from './testing/encoders.ts';
import {
  ctAttributes,
  ctSeries,
  ctSlice,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from './testing/syntheticSeries.ts';
import type { Attributes, Storage } from './testing/syntheticSeries.ts';

const decoder = createFrameDecoder({ threads: 2 });
afterAll(() => decoder.close());

const JPEG_LS = '1.2.840.10008.1.2.4.80';
const JPEG_2000 = '1.2.840.10008.1.2.4.90';

function read(files: readonly Uint8Array[], options: ReadVolumeOptions = {}): Promise<Volume> {
  return readVolume(streamOf(files), { decoder, ...options });
}

function houndsfield(...slices: number[]): number[] {
  return slices.flatMap((slice) => [...storedValues(slice)].map((value) => value - 1024));
}

/** Compressed slices: the encoder of JPEG 2000 fails with smaller ones. */
const LARGE = { columns: 61, rows: 47 };
const LARGE_SIZE = { Columns: LARGE.columns, Rows: LARGE.rows };

function largeHu(...slices: number[]): number[] {
  return slices.flatMap((slice) => [...storedValues(slice, LARGE)].map((value) => value - 1024));
}

const codesOf = ({ warnings }: Volume): string[] => warnings.map(({ code }) => code);

describe('one image of another sort among the slices', () => {
  /** Attributes that replace those of a slice; what the warning calls it. */
  const odd: readonly (readonly [string, Attributes, Storage?])[] = [
    ['without ImagePositionPatient', { ImagePositionPatient: undefined }],
    [
      'without ImageOrientationPatient',
      { ImageOrientationPatient: undefined, ImagePositionPatient: undefined },
    ],
    ['without PixelSpacing', { PixelSpacing: undefined }],
    ['without RescaleIntercept', { RescaleIntercept: undefined }],
    ['with a wrong PixelSpacing', { PixelSpacing: [0, 0] }],
    ['in another orientation', { ImageOrientationPatient: [0, 1, 0, 0, 0, -1] }],
    ['with another pixel spacing', { PixelSpacing: [1.5, 1.5] }],
    ['in another frame of reference', { FrameOfReferenceUID: '2.25.99' }],
    [
      'secondary images',
      { ImageType: ['DERIVED', 'SECONDARY', 'SCREEN SAVE'], ImagePositionPatient: [-10, -20, 32] },
    ],
    ['OT', { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', Modality: 'OT' }],
    ['JPEG XL', {}, { transferSyntaxUid: '1.2.840.10008.1.2.4.112', pixels: [new Uint8Array(10)] }],
    ['32 bits allocated', { BitsAllocated: 32, BitsStored: 32, HighBit: 31 }],
    ['of another size', { Rows: 20, Columns: 24 }, { pixels: new Uint16Array(480) }],
    ['of another size', { Rows: 5, Columns: 6 }, { pixels: new Uint16Array(30) }],
    [
      'in colour',
      {
        SamplesPerPixel: 3,
        PhotometricInterpretation: 'YBR_FULL',
        BitsAllocated: 8,
        BitsStored: 8,
        HighBit: 7,
      },
      { pixels: new Uint8Array(360) },
    ],
  ];

  it.each(odd.map(([kind, attributes, storage = {}]) => ({ kind, attributes, storage })))(
    'is omitted, wherever it comes: $kind',
    async ({ kind, attributes, storage }) => {
      const files = ctSeries(6);
      const page = ctSlice(50, attributes, storage);
      for (const place of [0, 3, 6]) {
        const volume = await read([...files.slice(0, place), page, ...files.slice(place)]);
        expect([...volume.data]).toEqual(houndsfield(0, 1, 2, 3, 4, 5));
        expect(codesOf(volume)).toEqual(['volume/odd-images-left-out']);
        expect(volume.warnings[0]?.message).toContain(
          `1 images that are not like the others were omitted: ${kind}`,
        );
      }
    },
  );

  it('several of different sorts are omitted together', async () => {
    const pages = odd.slice(0, 3).map(([, attributes], n) => ctSlice(60 + n, attributes));
    const volume = await read([...pages, ...ctSeries(12)]);
    expect(volume.dims[2]).toBe(12);
    expect(volume.warnings[0]?.message).toMatch(/^3 images .*: without Im.*, without Im.*, without Pix/);
  });

  it('more than a fifth are refused, for what is wrong with them', async () => {
    const pages = [60, 61].map((slice) => ctSlice(slice, { PixelSpacing: undefined }));
    await expect(read([...pages, ...ctSeries(7)])).rejects.toMatchObject({
      code: 'volume/missing-attribute',
      fields: { sopInstanceUid: '2.25.100060' },
    });
    const scouts = [60, 61].map((slice) => ctSlice(slice, { ImageOrientationPatient: [1, 0, 0, 0, 0, -1] }));
    await expect(read([...scouts, ...ctSeries(7)])).rejects.toMatchObject({
      code: 'volume/mixed-orientation',
    });
  });

  it('of another patient is refused all the same', async () => {
    const page = ctSlice(50, { PixelSpacing: undefined, PatientID: 'B' });
    await expect(read([...ctSeries(9), page])).rejects.toMatchObject({ code: 'volume/mixed-patients' });
  });

  it('that comes first does not decide what is kept of the others', async () => {
    const size = { Rows: 96, Columns: 96 };
    const form = { ...size, PixelSpacing: [0.75, 0.75] };
    const sampling = { spacingMm: 2, antialias: false };
    const pixels = (slice: number): Storage => ({ pixels: storedValues(slice, { columns: 96, rows: 96 }) });
    const slices = Array.from({ length: 6 }, (_, slice) => ctSlice(slice, form, pixels(slice)));
    const expected = await read(slices, { sampling });
    for (const changes of [{ PixelSpacing: [0.4, 0.4] }, { ImageOrientationPatient: [0, 1, 0, 0, 0, -1] }]) {
      const volume = await read([ctSlice(50, { ...form, ...changes }, pixels(50)), ...slices], { sampling });
      expect(codesOf(volume)).toEqual(['volume/odd-images-left-out']);
      // A series of which the first image is of another form keeps all its pixels.
      const { data, reduced, voxelToLps } = volume.reduced === undefined ? await read(slices) : expected;
      expect(volume).toMatchObject({ voxelToLps, ...(reduced && { reduced }) });
      expect([...volume.data]).toEqual([...data]);
    }
  });
});

describe('images without a frame of reference', () => {
  const named = (slice: number): Attributes => ({ ImagePositionPatient: [0, 0, slice] });

  it('have one of their own series, the same each time and no other', async () => {
    const read2 = async (SeriesInstanceUID: string, FrameOfReferenceUID?: string): Promise<Volume> =>
      await read(ctSeries(3, (slice) => ({ ...named(slice), SeriesInstanceUID, FrameOfReferenceUID })));
    const [first, again, other] = [
      await read2('2.25.2'),
      await read2('2.25.2', 'unknown'),
      await read2('2.25.9'),
    ];
    expect(first.frameOfReferenceUid).toMatch(/^2\.25\.\d{30,}$/);
    expect(again.frameOfReferenceUid).toBe(first.frameOfReferenceUid);
    expect(other.frameOfReferenceUid).not.toBe(first.frameOfReferenceUid);
    expect([first, again, other].map(codesOf)).toEqual(new Array(3).fill(['volume/no-frame-of-reference']));
    expect(codesOf(await read2('2.25.2', '2.25.3'))).toEqual([]);
  });

  it('and multi-frame ones are read, too; a series that names it here and there is not', async () => {
    const frames = [0, 1, 2].map((slice) => ({ position: [0, 0, slice] }));
    const pixels = new Uint16Array([0, 1, 2].flatMap((slice) => [...storedValues(slice)]));
    const file = part10(enhancedAttributes('MR', frames, { FrameOfReferenceUID: undefined }), { pixels });
    expect(codesOf(await read([file]))).toEqual(['volume/no-frame-of-reference']);
    const mixed = ctSeries(6, (slice) => (slice < 3 ? { FrameOfReferenceUID: undefined } : {}));
    await expect(read(mixed)).rejects.toMatchObject({ code: 'volume/mixed-frame-of-reference' });
  });
});

describe('compressed slices', () => {
  const picture = (slice: number, bits = 12): Parameters<typeof encodeJpegLs>[0] => ({
    width: LARGE.columns,
    height: LARGE.rows,
    bitsPerSample: bits,
    isSigned: false,
    cells: storedValues(slice, LARGE),
  });
  const withoutEnd = (stream: Uint8Array): Uint8Array =>
    stream.subarray(0, Buffer.from(stream).lastIndexOf('\xff\xd9', undefined, 'latin1'));

  async function series(
    transferSyntaxUid: string,
    change: (stream: Uint8Array) => Uint8Array,
    attributes: Attributes = {},
    bits = 12,
  ): Promise<Uint8Array[]> {
    const encode = transferSyntaxUid === JPEG_LS ? encodeJpegLs : encodeJpeg2000;
    return await Promise.all(
      [0, 1, 2].map(async (slice) =>
        part10(ctAttributes(slice, { ...LARGE_SIZE, ...attributes }), {
          transferSyntaxUid,
          pixels: [change(await encode(picture(slice, bits)))],
        }),
      ),
    );
  }

  it.each([JPEG_LS, JPEG_2000])('of %s may have any bytes behind their end', async (syntax) => {
    for (const behind of [
      [0xff],
      [0x20, 0x20, 0x20],
      [0, 0, 1],
      Array.from({ length: 999 }, (_, n) => n % 200),
    ]) {
      const volume = await read(await series(syntax, (stream) => Uint8Array.from([...stream, ...behind])));
      expect([...volume.data]).toEqual(largeHu(0, 1, 2));
      expect(volume.warnings).toEqual([]);
    }
  });

  it('of JPEG 2000 may lack the end marker, with a warning; of JPEG-LS not, nor cut ones', async () => {
    const volume = await read(await series(JPEG_2000, withoutEnd));
    expect([...volume.data]).toEqual(largeHu(0, 1, 2));
    expect(volume.warnings).toMatchObject(
      [{ code: 'volume/no-end-marker', message: /of 3 instances/ }].map(({ code }) => ({ code })),
    );
    const refused = {
      code: 'volume/corrupt-pixel-data',
      message: expect.stringContaining('no end marker') as string,
    };
    await expect(read(await series(JPEG_LS, withoutEnd))).rejects.toMatchObject(refused);
    const cut = (stream: Uint8Array): Uint8Array => stream.subarray(0, stream.length - 9);
    await expect(read(await series(JPEG_2000, cut))).rejects.toMatchObject(refused);
  });

  it.each([JPEG_LS, JPEG_2000])(
    'of %s in wider samples than are stored are read where all fit',
    async (syntax) => {
      const volume = await read(await series(syntax, (stream) => stream, {}, 16));
      expect([...volume.data]).toEqual(largeHu(0, 1, 2));
      expect(volume.warnings).toEqual([]);
      const narrow = { BitsStored: 8, HighBit: 7 };
      await expect(read(await series(syntax, (stream) => stream, narrow))).rejects.toMatchObject({
        code: 'volume/corrupt-pixel-data',
        fields: {
          reason: expect.stringContaining('samples of 12 bits, the header says unsigned ones of 8') as string,
        },
      });
    },
  );

  it.each([JPEG_LS, JPEG_2000])(
    'of %s in narrower samples than are stored are read with a warning',
    async (syntax) => {
      for (const attributes of [
        { BitsStored: 14, HighBit: 13 },
        { BitsStored: 13, HighBit: 12, PixelRepresentation: 1 },
      ]) {
        const read2 = read(
          await series(syntax, (stream) => stream, { ...attributes, RescaleIntercept: -1024 }),
        );
        const values = [0, 1, 2].flatMap((slice) => [...storedValues(slice, LARGE)]);
        expect(Math.max(...values)).toBeLessThan(2048);
        const volume = await read2;
        expect([...volume.data]).toEqual(largeHu(0, 1, 2));
        expect(codesOf(volume)).toEqual(['volume/stream-differs']);
      }
    },
  );

  it('of JPEG 2000 whose samples have a sign are refused under a header without, unless none is negative', async () => {
    const signed = async (offset: number): Promise<Uint8Array[]> =>
      await Promise.all(
        [0, 1, 2].map(async (slice) => {
          const cells = Int16Array.from(storedValues(slice, LARGE), (value) => value - offset);
          const stream = await encodeJpeg2000({ ...picture(slice), isSigned: true, cells });
          return part10(ctAttributes(slice, LARGE_SIZE), { transferSyntaxUid: JPEG_2000, pixels: [stream] });
        }),
      );
    const volume = await read(await signed(0));
    expect([...volume.data]).toEqual(largeHu(0, 1, 2));
    expect(codesOf(volume)).toEqual(['volume/stream-differs']);
    await expect(read(await signed(1024))).rejects.toMatchObject({
      code: 'volume/corrupt-pixel-data',
      message: expect.stringContaining('has signed samples of 12 bits, the header says unsigned') as string,
    });
  });
});

describe('a multi-frame instance in fragments', () => {
  /** Fragments of each frame; offset table. */
  const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 5, maxLength: 5 });
  const frames = [0, 1, 2, 3, 4].map((slice) => ({ position: [0, 0, 2 * slice] }));

  function item(value: Uint8Array, element = 0xe000): Buffer {
    const header = Buffer.alloc(8);
    header.writeUInt16LE(0xfffe, 0);
    header.writeUInt16LE(element, 2);
    header.writeUInt32LE(value.length, 4);
    return Buffer.concat([header, value]);
  }

  it.each([JPEG_LS, JPEG_2000])(
    'of %s is read however it was cut, with any offset table',
    async (transferSyntaxUid) => {
      const encode = transferSyntaxUid === JPEG_LS ? encodeJpegLs : encodeJpeg2000;
      const streams = await Promise.all(
        frames.map((_, slice) =>
          encode({
            width: LARGE.columns,
            height: LARGE.rows,
            bitsPerSample: 12,
            isSigned: false,
            cells: storedValues(slice, LARGE),
          }),
        ),
      );
      const whole = part10(enhancedAttributes('CT', frames, LARGE_SIZE), {
        transferSyntaxUid,
        pixels: streams,
      });
      const start = Buffer.from(whole).lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00])) + 12;
      const tables = fc.oneof(
        fc.constant([]),
        fc.constant([0, 0, 0, 0, 0]),
        fc.array(fc.nat(5000), { maxLength: 7 }),
      );
      await fc.assert(
        fc.asyncProperty(cuts, tables, async (parts, table) => {
          const fragments = streams.flatMap((stream, frame) => {
            const step = Math.ceil(stream.length / (parts[frame] ?? 1));
            return Array.from({ length: Math.ceil(stream.length / step) }, (_, n) =>
              stream.subarray(n * step, (n + 1) * step),
            );
          });
          const offsets = Buffer.from(Uint32Array.from(table).buffer);
          const pixels = [
            item(offsets),
            ...fragments.map((fragment) => item(fragment)),
            item(new Uint8Array(), 0xe0dd),
          ];
          const volume = await read([Buffer.concat([whole.subarray(0, start), ...pixels])]);
          expect([...volume.data]).toEqual(largeHu(0, 1, 2, 3, 4));
        }),
        { numRuns: 15 },
      );
    },
  );
});
