import { createFrameDecoder } from '../instances/index.ts';
import { readInstance } from './compareInstance.ts';
import { readVolume } from './readVolume.ts';
import { resample, voxelsOf } from '../resampling/index.ts';
import { workingGrid } from '../volume/index.ts';
import type { ReadVolumeOptions } from './readVolume.ts';
import type { Volume } from '../volume/index.ts';
import { encodeHtj2k, encodeJpeg2000 } from '../volume/testing/encoders.ts';
import { inlineDecoder } from '../volume/testing/inlineDecoder.ts';
import {
  ctAttributes,
  enhancedAttributes,
  part10,
  seededRandom,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';
import type { Attributes, Storage } from '../volume/testing/syntheticSeries.ts';

const decoder = createFrameDecoder({ threads: 2 });
afterAll(() => decoder.close());

const SIZE = 96;
const PIXEL_MM = 0.75;
const SLICES = 4;
const SAMPLING = { spacingMm: 2, antialias: false };
const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const HTJ2K = '1.2.840.10008.1.2.4.201';

/** A slice whose values change smoothly, with noise. */
function cellsOf(slice: number, noise = 200): Uint16Array {
  const random = seededRandom(slice);
  return Uint16Array.from({ length: SIZE * SIZE }, (_, n) => {
    const [i, j] = [n % SIZE, Math.floor(n / SIZE)];
    return 1500 + 900 * Math.sin(i / 14) * Math.cos((j + slice) / 17) + noise * random();
  });
}

function attributesOf(slice: number, changes: Attributes = {}): Attributes {
  return ctAttributes(slice, {
    Rows: SIZE,
    Columns: SIZE,
    PixelSpacing: [PIXEL_MM, PIXEL_MM],
    ImagePositionPatient: [-36, -36, 30 + 0.7 * slice],
    ...changes,
  });
}

async function storageOf(cells: Uint16Array, syntax?: string): Promise<Storage> {
  if (syntax === undefined) return { pixels: cells };
  const picture = { width: SIZE, height: SIZE, bitsPerSample: 12, isSigned: false, cells };
  const encode = syntax === HTJ2K ? encodeHtj2k : encodeJpeg2000;
  return { transferSyntaxUid: syntax, pixels: [await encode(picture)] };
}

async function fileOf(slice: number, syntax?: string, changes: Attributes = {}): Promise<Uint8Array> {
  return part10(attributesOf(slice, changes), await storageOf(cellsOf(slice), syntax));
}

async function filesOf(syntax?: string, changes: Attributes = {}): Promise<Uint8Array[]> {
  return await Promise.all(Array.from({ length: SLICES }, (_, slice) => fileOf(slice, syntax, changes)));
}

function read(files: readonly Uint8Array[], options: ReadVolumeOptions = {}): Promise<Volume> {
  return readVolume(streamOf(files), { decoder, ...options });
}

/** What a model reads of a volume, HU. */
function gridValues(volume: Volume, layer: 'points' | 'means'): Float32Array {
  const grid = workingGrid(volume, SAMPLING.spacingMm);
  return resample(voxelsOf(volume, layer), grid, { outside: -1024, antialias: layer === 'means' });
}

/** Largest difference. */
function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] ?? NaN))));
}

describe('a series that is read for one grid', () => {
  it.each([
    ['uncompressed', undefined, 0.51],
    // Noise of 58 HU that the band has averaged away.
    ['JPEG 2000', JPEG_2000, 150],
    ['HTJ2K', HTJ2K, 150],
  ])('%s: has the geometry of all pixels and the values of its grid', async (_name, syntax, bound) => {
    const files = await filesOf(syntax);
    const whole = await read(files);
    const quick = await read(files, { sampling: SAMPLING });
    expect(quick.dims).toEqual(whole.dims);
    expect(quick.voxelToLps).toEqual(whole.voxelToLps);
    expect(quick.slices).toEqual(whole.slices);
    expect(quick.reduced?.dims).toEqual([36, 36, SLICES]);
    expect(quick.data).toHaveLength(2 * 36 * 36 * SLICES);
    for (const layer of ['points', 'means'] as const)
      expect(differenceOf(gridValues(quick, layer), gridValues(whole, layer))).toBeLessThan(bound);
    for (const { level } of quick.instances ?? []) expect(level).toBe(syntax === undefined ? undefined : 1);
  });

  it('may come in several transfer syntaxes', async () => {
    const files = await Promise.all(
      [undefined, JPEG_2000, HTJ2K, undefined].map((syntax, slice) => fileOf(slice, syntax)),
    );
    const volume = await read(files, { sampling: SAMPLING });
    expect(volume.instances?.map(({ level }) => level)).toEqual([undefined, 1, 1, undefined]);
    expect(volume.reduced?.dims).toEqual([36, 36, 4]);
  });

  it('is decided by its first image, behind other objects', async () => {
    const report = part10({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.33',
      SOPInstanceUID: '2.25.9',
      Modality: 'SR',
    });
    const volume = await read([report, ...(await filesOf())], { sampling: SAMPLING });
    expect(volume.reduced?.dims).toEqual([36, 36, SLICES]);
  });

  it('is reduced frame by frame where one instance holds it', async () => {
    const frames = Array.from({ length: SLICES }, (_, n) => ({ position: [-36, -36, 30 + 0.7 * n] }));
    const groups = enhancedAttributes('CT', frames, { Rows: SIZE, Columns: SIZE });
    const shared = {
      PixelMeasuresSequence: [{ PixelSpacing: [PIXEL_MM, PIXEL_MM], SliceThickness: 1 }],
      PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
      PixelValueTransformationSequence: [{ RescaleIntercept: -1024, RescaleSlope: 1, RescaleType: 'HU' }],
    };
    const attributes = { ...groups, SharedFunctionalGroupsSequence: [shared] };
    const streams = await Promise.all(
      frames.map(async (_, n) => (await storageOf(cellsOf(n), JPEG_2000)).pixels?.[0] as Uint8Array),
    );
    const file = part10(attributes, { transferSyntaxUid: JPEG_2000, pixels: streams });
    const single = await read(await filesOf(JPEG_2000), { sampling: SAMPLING });
    const multi = await read([file], { sampling: SAMPLING });
    expect([...multi.data]).toEqual([...single.data]);
    const [content] = multi.instances ?? [];
    expect(content?.level).toBe(1);
    const renamed = part10(
      { ...attributes, PatientName: 'Corrected' },
      { transferSyntaxUid: JPEG_2000, pixels: streams },
    );
    const again = await readInstance(renamed, decoder, content);
    expect(again.content.digest).toBe(content?.digest);
  });

  it('is refused as any other where its images do not belong together', async () => {
    const [first, second] = await filesOf();
    const other = part10(attributesOf(2, { Rows: 48 }), { pixels: new Uint16Array(SIZE * 48) });
    await expect(read([first!, second!, other], { sampling: SAMPLING })).rejects.toMatchObject({
      code: 'volume/mixed-matrix',
    });
    const atOnePlace = await fileOf(3, undefined, { ImagePositionPatient: [-36, -36, 30] });
    await expect(read([first!, second!, atOnePlace], { sampling: SAMPLING })).rejects.toMatchObject({
      code: 'volume/conflicting-slices',
    });
  });

  it('needs the memory of what it keeps', async () => {
    const sizes: number[] = [];
    const onSize = (bytes: number): number => sizes.push(bytes);
    const options = { sampling: SAMPLING, expectedInstances: SLICES, onSize };
    const volume = await read(await filesOf(), { ...options, decoder: inlineDecoder() });
    expect(volume.data).toBeInstanceOf(Int16Array);
    expect(sizes).toEqual([2 * 2 * 36 * 36 * SLICES]);
  });

  it('gives its bytes to the threads where they are handed over', async () => {
    const files = await filesOf();
    await read(files, { sampling: SAMPLING, consumeInstances: true });
    expect(files.map(({ length }) => length)).toEqual([0, 0, 0, 0]);
  });
});

describe('an image that was read without its finest resolution levels', () => {
  it.each([JPEG_2000, HTJ2K])(
    'is the same in another syntax without loss, or with another name (%s)',
    async (syntax) => {
      const { instances = [] } = await read(await filesOf(syntax), { sampling: SAMPLING });
      for (const [slice, known] of instances.entries())
        for (const other of [undefined, JPEG_2000, HTJ2K]) {
          const file = await fileOf(slice, other, { PatientName: 'Corrected' });
          const { content } = await readInstance(file, decoder, known);
          expect(content).toMatchObject({ digest: known.digest, level: 1 });
        }
    },
  );

  it('is another one where a few pixels or its place have changed', async () => {
    const { instances = [] } = await read(await filesOf(JPEG_2000), { sampling: SAMPLING });
    const [known] = instances;
    for (const row of [40, 41, 42, 43]) {
      const cells = cellsOf(0);
      for (let i = 30; i < 34; i += 1) cells[row * SIZE + i]! += 60;
      for (const syntax of [undefined, JPEG_2000]) {
        const file = part10(attributesOf(0), await storageOf(cells, syntax));
        expect((await readInstance(file, decoder, known)).content.digest).not.toBe(known?.digest);
      }
    }
    const moved = await fileOf(0, JPEG_2000, { ImagePositionPatient: [-36, -36, 29] });
    expect((await readInstance(moved, decoder, known)).content.digest).not.toBe(known?.digest);
  });

  it('has no level where it is read as a whole', async () => {
    const { content } = await readInstance(await fileOf(0, JPEG_2000), decoder);
    expect(content).not.toHaveProperty('level');
    expect(content.digest).toBe((await readInstance(await fileOf(0), decoder)).content.digest);
  });
});
