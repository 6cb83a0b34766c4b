/** Code streams as hospitals send them: with bytes behind their end, without an end, of other depth or sign, cut into fragments. */
import fc from 'fast-check';
import { readVolume } from './readVolume.ts';
import type { Volume } from '../volume/index.ts';
import { createFrameDecoder } from '../instances/decoding/frameDecoder.ts';
import { parseInstance } from '../instances/parsing/parseInstance.ts';
import { convert, hasDcmtk } from '../volume/testing/dcmtk.ts';
import { encodeJpeg2000, encodeJpegLs } from '../volume/testing/encoders.ts';
import {
  ctAttributes,
  ctSlice,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';
import type { Attributes } from '../volume/testing/syntheticSeries.ts';

const decoder = createFrameDecoder({ threads: 2 });
afterAll(() => decoder.close());

const JPEG_LS = '1.2.840.10008.1.2.4.80';
const JPEG_2000 = '1.2.840.10008.1.2.4.90';

function read(files: readonly Uint8Array[]): Promise<Volume> {
  return readVolume(streamOf(files), { decoder });
}

const codesOf = ({ warnings }: Volume): string[] => warnings.map(({ code }) => code);

/** Compressed slices: the encoder of JPEG 2000 fails with smaller ones. */
const LARGE = { columns: 61, rows: 47 };
const LARGE_SIZE = { Columns: LARGE.columns, Rows: LARGE.rows };

function largeHu(...slices: number[]): number[] {
  return slices.flatMap((slice) => [...storedValues(slice, LARGE)].map((value) => value - 1024));
}

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

/** Written by DCMTK: lossless, and lossy with 12 bits. */
(hasDcmtk() ? describe : describe.skip)('JPEG slices', () => {
  it.each([
    ['1.2.840.10008.1.2.4.70', '+e1'],
    ['1.2.840.10008.1.2.4.51', '+ee'],
  ])('of %s may have any bytes behind their end, but no other depth', async (transferSyntaxUid, option) => {
    const whole = [0, 1, 2].map((slice) =>
      convert(ctSlice(slice, LARGE_SIZE, { pixels: storedValues(slice, LARGE) }), 'dcmcjpeg', option),
    );
    const padded = (attributes: Attributes): Uint8Array[] =>
      whole.map((file, slice) => {
        const { frames } = parseInstance(file, 1, { maxVoxels: 1e9, voxelsBefore: 0 });
        const [{ encoded } = { encoded: undefined }] = frames;
        // DCMTK spreads the values of a lossy image over all bits, and writes another scale.
        const scale = { RescaleSlope: encoded?.format.slope, RescaleIntercept: encoded?.format.intercept };
        const pixels = [Uint8Array.from([...(encoded?.bytes ?? []), 0xff, 0x20, 0xff])];
        const changes = { ...LARGE_SIZE, ...scale, ...attributes };
        return part10(ctAttributes(slice, changes), { transferSyntaxUid, pixels });
      });
    const volume = await read(padded({}));
    expect([...volume.data]).toEqual([...(await read(whole)).data]);
    expect(codesOf(volume)).toEqual([]);
    await expect(read(padded({ BitsStored: 9, HighBit: 8 }))).rejects.toMatchObject({
      code: 'volume/corrupt-pixel-data',
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
