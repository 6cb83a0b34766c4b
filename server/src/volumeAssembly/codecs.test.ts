/**
 * Every transfer syntax through the real pool of worker threads: uncompressed twin against compressed file, bit by bit
 * where the syntax is lossless. DCMTK encodes what it can; see testing/encoders.ts for the rest.
 */
import { parseInstance } from '../instances/parsing/parseInstance.ts';
import { readVolume } from './readVolume.ts';
import { convert, hasDcmtk } from '../volume/testing/dcmtk.ts';
import { encodeHtj2k, encodeJpeg2000, encodeJpegLs } from '../volume/testing/encoders.ts';
import type { Picture } from '../volume/testing/encoders.ts';
import {
  ctSlice,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';
import type { Attributes } from '../volume/testing/syntheticSeries.ts';
import { createFrameDecoder } from '../instances/decoding/frameDecoder.ts';

const size = { columns: 61, rows: 47 };
const SLICES = [0, 1, 2];
const decoder = createFrameDecoder({ threads: 2 });

afterAll(() => decoder.close());

/** The ways in which CT pixels are stored, with the cells of a slice and their HU. */
const formats = {
  'unsigned 12 bits': {
    attributes: {},
    cells: (slice: number) => storedValues(slice, size),
    hu: (cell: number) => cell - 1024,
  },
  'signed 16 bits': {
    attributes: { BitsStored: 16, HighBit: 15, PixelRepresentation: 1, RescaleIntercept: 0 },
    cells: (slice: number) => Int16Array.from(storedValues(slice, size), (value) => value - 1024),
    hu: (cell: number) => cell,
  },
  'unsigned 8 bits': {
    attributes: { BitsAllocated: 8, BitsStored: 8, HighBit: 7, RescaleIntercept: -100 },
    cells: (slice: number) => Uint8Array.from(storedValues(slice, size), (value) => value >> 4),
    hu: (cell: number) => cell - 100,
  },
} as const;
type FormatName = keyof typeof formats;
const formatNames = Object.keys(formats) as FormatName[];

function attributesOf(name: FormatName): Attributes {
  return { Rows: size.rows, Columns: size.columns, ...formats[name].attributes };
}

function uncompressed(name: FormatName): Uint8Array {
  return ctSlice(0, attributesOf(name), { pixels: formats[name].cells(0) });
}

function expectedHu(name: FormatName, slices: readonly number[] = [0]): number[] {
  const { cells, hu } = formats[name];
  return slices.flatMap((slice) => [...cells(slice)].map(hu));
}

/** Parses one file and decodes its frames. */
async function decode(file: Uint8Array): Promise<number[]> {
  const { frames } = parseInstance(file, 1, { maxVoxels: Infinity, voxelsBefore: 0 });
  const decoded = await Promise.all(frames.map(({ encoded }) => decoder.decode(encoded)));
  return decoded.flatMap(({ values }) => [...values]);
}

/** Largest difference of two lists of the same length. */
function largestError(found: readonly number[], expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  return found.reduce(
    (largest, value, index) => Math.max(largest, Math.abs(value - (expected[index] ?? NaN))),
    0,
  );
}

const withDcmtk = hasDcmtk() ? describe : describe.skip;

withDcmtk('files that DCMTK wrote (skipped where the Debian package dcmtk is missing)', () => {
  const lossless: readonly (readonly [string, ...string[]])[] = [
    ['dcmconv', '+ti'],
    ['dcmconv', '+te'],
    ['dcmconv', '+tb'],
    ['dcmconv', '+td'],
    ['dcmcrle'],
    ['dcmcjpeg', '+e1'],
    ['dcmcjpeg', '+el', '+sv', '4'],
    ['dcmcjpeg', '+el', '+sv', '7'],
    ['dcmcjpls'],
    ['dcmcjpls', '+fs', '1'],
  ];
  const cases = formatNames.flatMap((name) => lossless.map((command) => ({ name, command })));

  it.each(cases)('$name, $command: bit-exact', async ({ name, command: [tool, ...options] }) => {
    expect(await decode(convert(uncompressed(name), tool, ...options))).toEqual(expectedHu(name));
  });

  it('JPEG-LS near-lossless: within its bound', async () => {
    const file = convert(uncompressed('unsigned 12 bits'), 'dcmcjpls', '+en', '+md', '3');
    const error = largestError(await decode(file), expectedHu('unsigned 12 bits'));
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThanOrEqual(3);
  });

  it.each([
    ['unsigned 8 bits', 'dcmcjpeg', '+eb'],
    ['unsigned 12 bits', 'dcmcjpeg', '+ee'],
  ] as const)('lossy JPEG, %s: as DCMTK decodes it', async (name, tool, option) => {
    const file = convert(uncompressed(name), tool, option, '+q', '95');
    expect(largestError(await decode(file), await decode(convert(file, 'dcmdjpeg')))).toBeLessThanOrEqual(1);
  });

  it.each([['dcmcrle'], ['dcmcjpls', '+fs', '1'], ['dcmcjpeg', '+e1'], ['dcmconv', '+tb']] as const)(
    'Enhanced multi-frame, %s',
    async (tool, ...options) => {
      const frames = SLICES.map((slice) => ({ position: [0, 0, slice] }));
      const pixels = new Uint16Array(SLICES.flatMap((slice) => [...storedValues(slice, size)]));
      const attributes = enhancedAttributes('CT', frames, attributesOf('unsigned 12 bits'));
      const file = convert(part10(attributes, { pixels }), tool, ...options);
      expect(await decode(file)).toEqual(expectedHu('unsigned 12 bits', SLICES));
    },
  );
});

describe('code streams of the codec packages', () => {
  type Encode = (picture: Picture) => Promise<Uint8Array>;
  const lossless: readonly (readonly [string, string, Encode])[] = [
    ['JPEG-LS', '1.2.840.10008.1.2.4.80', (picture) => encodeJpegLs(picture)],
    ['JPEG 2000 lossless', '1.2.840.10008.1.2.4.90', (picture) => encodeJpeg2000(picture)],
    ['JPEG 2000', '1.2.840.10008.1.2.4.91', (picture) => encodeJpeg2000(picture)],
    ['HTJ2K lossless', '1.2.840.10008.1.2.4.201', (picture) => encodeHtj2k(picture)],
    ['HTJ2K RPCL', '1.2.840.10008.1.2.4.202', (picture) => encodeHtj2k(picture)],
    ['HTJ2K', '1.2.840.10008.1.2.4.203', (picture) => encodeHtj2k(picture)],
    [
      'encapsulated uncompressed',
      '1.2.840.10008.1.2.1.98',
      ({ cells }) => Promise.resolve(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength)),
    ],
  ];

  function pictureOf(name: FormatName): Picture {
    const { attributes, cells } = formats[name];
    const bitsPerSample = 'BitsStored' in attributes ? attributes.BitsStored : 12;
    const isSigned = 'PixelRepresentation' in attributes;
    return { width: size.columns, height: size.rows, bitsPerSample, isSigned, cells: cells(0) };
  }

  async function compressed(
    name: FormatName,
    transferSyntaxUid: string,
    encode: Encode,
  ): Promise<Uint8Array> {
    const stream = await encode(pictureOf(name));
    return ctSlice(0, attributesOf(name), { transferSyntaxUid, pixels: [stream] });
  }

  const cases = formatNames.flatMap((name) =>
    lossless.map(([title, uid, encode]) => ({ title, name, uid, encode })),
  );

  it.each(cases)('$title, $name: bit-exact', async ({ name, uid, encode }) => {
    expect(await decode(await compressed(name, uid, encode))).toEqual(expectedHu(name));
  });

  it('HTJ2K irreversible: close', async () => {
    const name = 'unsigned 12 bits';
    const file = await compressed(name, '1.2.840.10008.1.2.4.203', (picture) =>
      encodeHtj2k(picture, false, 0.0005),
    );
    const error = largestError(await decode(file), expectedHu(name));
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(20);
  });

  it('reads signed values from an unsigned code stream of 12 bits, as many modalities write them', async () => {
    const values = Int16Array.from(storedValues(0, size), (value) => value - 1024);
    const cells = Uint16Array.from(values, (value) => value & 0xfff);
    const stream = await encodeJpeg2000({ ...pictureOf('unsigned 12 bits'), cells });
    const attributes = { ...attributesOf('unsigned 12 bits'), PixelRepresentation: 1, RescaleIntercept: 0 };
    const file = ctSlice(0, attributes, { transferSyntaxUid: '1.2.840.10008.1.2.4.90', pixels: [stream] });
    expect(await decode(file)).toEqual(expectedHu('unsigned 12 bits'));
  });

  it.each(lossless)('%s: a cut code stream is refused and the next frame decoded', async (_, uid, encode) => {
    const stream = await encode(pictureOf('unsigned 12 bits'));
    const attributes = attributesOf('unsigned 12 bits');
    const cut = { transferSyntaxUid: uid, pixels: [stream.subarray(0, stream.length - 200)] };
    await expect(readVolume(streamOf([ctSlice(0, attributes, cut)]), { decoder })).rejects.toMatchObject({
      code: 'volume/corrupt-pixel-data',
      fields: { sopInstanceUid: '2.25.10000' },
    });
    expect(await decode(await compressed('unsigned 12 bits', uid, encode))).toEqual(
      expectedHu('unsigned 12 bits'),
    );
  });

  it.each(lossless)('%s: garbage is refused', async (_, transferSyntaxUid) => {
    const garbage = new Uint8Array(storedValues(7, { columns: 100, rows: 10 }).buffer);
    const file = ctSlice(0, attributesOf('unsigned 12 bits'), { transferSyntaxUid, pixels: [garbage] });
    await expect(readVolume(streamOf([file]), { decoder })).rejects.toMatchObject({
      code: 'volume/corrupt-pixel-data',
    });
  });

  it('refuses a code stream of another size than the header says', async () => {
    const stream = await encodeJpegLs(pictureOf('unsigned 12 bits'));
    const attributes = { ...attributesOf('unsigned 12 bits'), Rows: 46 };
    const file = ctSlice(0, attributes, { transferSyntaxUid: '1.2.840.10008.1.2.4.80', pixels: [stream] });
    await expect(readVolume(streamOf([file]), { decoder })).rejects.toThrow(
      '61 x 47 pixels, the header says 61 x 46',
    );
  });

  it('reads a whole series through the pool, in the order of the slices', async () => {
    const files = await Promise.all(
      SLICES.map(async (slice) => {
        const stream = await encodeJpegLs({
          ...pictureOf('unsigned 12 bits'),
          cells: storedValues(slice, size),
        });
        const storage = { transferSyntaxUid: '1.2.840.10008.1.2.4.80', pixels: [stream] };
        return ctSlice(slice, attributesOf('unsigned 12 bits'), storage);
      }),
    );
    const volume = await readVolume(streamOf(files.reverse()), { decoder });
    expect([...volume.data]).toEqual(expectedHu('unsigned 12 bits', SLICES));
  });

  it('starts and closes a decoder of its own when none is given', async () => {
    const files = SLICES.map((slice) => ctSlice(slice));
    expect((await readVolume(streamOf(files))).dims).toEqual([12, 10, 3]);
  });

  it('ends a thread that does not come back', async () => {
    const impatient = createFrameDecoder({ threads: 1, timeoutMs: 1 });
    const file = await compressed('unsigned 12 bits', '1.2.840.10008.1.2.4.90', encodeJpeg2000);
    const { frames } = parseInstance(file, 1, { maxVoxels: Infinity, voxelsBefore: 0 });
    await expect(impatient.decode(frames[0]!.encoded)).rejects.toThrow('it needed longer than 0.001 s');
    await expect(
      impatient.read(file, { instance: 7, limits: { maxVoxels: 1e9, voxelsBefore: 0 } }),
    ).rejects.toMatchObject({
      code: 'volume/unreadable-instance',
      fields: { instance: 7, reason: 'it needed longer than 0.001 s' },
    });
    await impatient.close();
  });
});
