/** Series as hospitals send them: images of another sort among the slices, and no frame of reference. See also compressedSeries.test.ts. */
import { readVolume } from './readVolume.ts';
import type { ReadVolumeOptions } from './readVolume.ts';
import type { Volume } from '../volume/index.ts';
import { createFrameDecoder } from '../instances/decoding/frameDecoder.ts';
import {
  ctSeries,
  ctSlice,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';
import type { Attributes, Storage } from '../volume/testing/syntheticSeries.ts';

const decoder = createFrameDecoder({ threads: 2 });
afterAll(() => decoder.close());

function read(files: readonly Uint8Array[], options: ReadVolumeOptions = {}): Promise<Volume> {
  return readVolume(streamOf(files), { decoder, ...options });
}

function houndsfield(...slices: number[]): number[] {
  return slices.flatMap((slice) => [...storedValues(slice)].map((value) => value - 1024));
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
