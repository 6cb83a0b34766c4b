/**
 * Every refusal of the module at least once, with the facts it names; the last test fails when a code has no case here.
 */
import { deflateRawSync } from 'node:zlib';
import { isSamepointError } from '../errors/index.ts';
import type { SamepointError } from '../errors/index.ts';
import { volumeErrors } from '../errors/volume.ts';
import { readNifti } from '../nifti/index.ts';
import { readVolume } from './readVolume.ts';
import {
  ctAttributes,
  ctSeries,
  ctSlice,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';
import type { Attributes, EnhancedFrame } from '../volume/testing/syntheticSeries.ts';
import { inlineDecoder } from '../volume/testing/inlineDecoder.ts';

const decoder = inlineDecoder();
const seen = new Set<string>();

async function refusal(files: Iterable<Uint8Array>, maxVoxels?: number): Promise<SamepointError> {
  const options = { decoder, ...(maxVoxels === undefined ? {} : { maxVoxels }) };
  const error: unknown = await readVolume(streamOf(files), options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isSamepointError(error)) throw new Error('the series was not refused', { cause: error });
  seen.add(error.code);
  return error;
}

function at(z: number, attributes: Attributes = {}): Attributes {
  return { ImagePositionPatient: [-10, -20, z], ...attributes };
}

/** Slices at the given heights. */
function stack(heights: readonly number[]): Uint8Array[] {
  return ctSeries(heights.length, (slice) => at(heights[slice] ?? 0));
}

/** Puts 60,000 characters in place of a value, which no writer does for us. */
function withLongText(file: Uint8Array, group: number, element: number): Uint8Array {
  const bytes = Buffer.from(file);
  const tag = Buffer.from(Uint16Array.of(group, element).buffer);
  const at = bytes.indexOf(tag, 150);
  const end = at + 8 + bytes.readUInt16LE(at + 6);
  const header = bytes.subarray(at, at + 8);
  header.writeUInt16LE(60_000, 6);
  return Buffer.concat([bytes.subarray(0, at), header, Buffer.alloc(60_000, ' 1'), bytes.subarray(end)]);
}

function enhanced(frames: readonly EnhancedFrame[], attributes: Attributes = {}): Uint8Array {
  const pixels = new Uint16Array(frames.flatMap((_, index) => [...storedValues(index)]));
  return part10(enhancedAttributes('MR', frames, attributes), { pixels });
}

describe('a series is refused when', () => {
  it('it is empty', async () => {
    expect((await refusal([])).code).toBe('volume/empty-series');
  });

  it.each([
    ['text', Buffer.from('<html>login</html>')],
    ['nothing', new Uint8Array()],
    ['a file that is cut off in its header', ctSlice(0).subarray(0, 300)],
    ['a file that is cut off in its pixels', ctSlice(0).subarray(0, ctSlice(0).length - 60)],
    ['zeros', new Uint8Array(2000)],
  ])('an instance is %s', async (_, bytes) => {
    const error = await refusal([ctSlice(1), bytes]);
    expect(error).toMatchObject({ code: 'volume/not-dicom', fields: { instance: 2 } });
    expect(error.message).not.toContain('login');
  });

  it.each([
    'ImagePositionPatient',
    'ImageOrientationPatient',
    'PixelSpacing',
    'Rows',
    'Columns',
    'BitsAllocated',
    'BitsStored',
    'PixelRepresentation',
    'SamplesPerPixel',
    'PhotometricInterpretation',
    'RescaleSlope',
    'RescaleIntercept',
    'StudyInstanceUID',
    'SeriesInstanceUID',
    'SOPInstanceUID',
    'SOPClassUID',
    'Modality',
  ])('%s is missing', async (attribute) => {
    const error = await refusal([ctSlice(0), ctSlice(1, { [attribute]: undefined })]);
    expect(error).toMatchObject({ code: 'volume/missing-attribute', fields: { attribute } });
    expect(error.message).toContain(attribute);
  });

  it('PixelData is missing', async () => {
    const error = await refusal([part10(ctAttributes(0))]);
    expect(error).toMatchObject({
      code: 'volume/missing-attribute',
      fields: { attribute: 'PixelData', tag: '(7fe0,0010)' },
    });
  });

  it('an Enhanced instance has no functional groups', async () => {
    const error = await refusal([
      enhanced([{ position: [0, 0, 0] }], { PerFrameFunctionalGroupsSequence: undefined }),
    ]);
    expect(error.fields).toMatchObject({ attribute: 'PerFrameFunctionalGroupsSequence' });
  });

  it.each([
    ['ImageOrientationPatient', [1, 0, 0, 0.5, 1, 0]],
    ['ImageOrientationPatient', [1, 0, 0]],
    ['PixelSpacing', [0, 0.5]],
    ['PixelSpacing', [0.5]],
    ['Rows', 0],
    ['RescaleSlope', 0],
    ['BitsStored', 17],
    ['HighBit', 10],
    ['NumberOfFrames', 3],
  ])('%s is %j', async (attribute, value) => {
    const error = await refusal([ctSlice(0, { [attribute]: value })]);
    expect(error).toMatchObject({ code: 'volume/invalid-attribute', fields: { attribute } });
  });

  it('NumberOfFrames contradicts the functional groups', async () => {
    const error = await refusal([enhanced([{ position: [0, 0, 0] }], { NumberOfFrames: 7 })]);
    expect(error).toMatchObject({
      code: 'volume/invalid-attribute',
      fields: { attribute: 'NumberOfFrames', value: '7' },
    });
  });

  it('an instance has more frames than a volume has slices', async () => {
    const error = await refusal([enhanced([{ position: [0, 0, 0] }], { NumberOfFrames: 20_000 })]);
    expect(error).toMatchObject({ code: 'volume/too-many-slices', fields: { slices: 20_000 } });
  });

  it('an image has more pixels than any scanner makes, before they are decoded', async () => {
    const error = await refusal([ctSlice(0, { Rows: 30_000, Columns: 30_000 })]);
    expect(error).toMatchObject({ code: 'volume/frame-too-large', fields: { rows: 30_000 } });
  });

  it.each([
    ['SOPInstanceUID', 0x0008, 0x0018],
    ['SOPClassUID', 0x0008, 0x0016],
    ['ImageType', 0x0008, 0x0008],
    ['PhotometricInterpretation', 0x0028, 0x0004],
  ])('a text is longer than any known one: %s', async (attribute, group, element) => {
    const error = await refusal([withLongText(ctSlice(0), group, element)]);
    expect(error).toMatchObject({ code: 'volume/invalid-attribute', fields: { attribute } });
    expect(JSON.stringify(error).length).toBeLessThan(600);
  });

  it('the transfer syntax is not decoded, by its name', async () => {
    const transferSyntaxUid = '1.2.840.10008.1.2.4.102';
    const error = await refusal([ctSlice(0, {}, { transferSyntaxUid, pixels: [new Uint8Array(10)] })]);
    expect(error.code).toBe('volume/unsupported-transfer-syntax');
    expect(error.message).toContain('MPEG-4');
  });

  it('pixels are missing', async () => {
    const error = await refusal([ctSlice(3, {}, { pixels: new Uint16Array(100) })]);
    expect(error).toMatchObject({
      code: 'volume/corrupt-pixel-data',
      fields: { sopInstanceUid: '2.25.10003' },
    });
    expect(error.message).toContain('200 bytes of pixels instead of 240');
  });

  it('an instance inflates to garbage', async () => {
    const deflated = ctSlice(0, {}, { transferSyntaxUid: '1.2.840.10008.1.2.1.99' });
    expect(deflateRawSync(deflated).length).toBeGreaterThan(0);
    const broken = Buffer.from(deflated);
    broken.fill(0xff, broken.length - 300);
    expect((await refusal([broken])).code).toBe('volume/not-dicom');
  });

  it.each([1, 32])('%i bits are allocated', async (bitsAllocated) => {
    const error = await refusal([ctSlice(0, { BitsAllocated: bitsAllocated })]);
    expect(error).toMatchObject({ code: 'volume/unsupported-pixel-format' });
    expect(error.message).toContain(`${String(bitsAllocated)} bits`);
  });

  it.each([
    [3, 'RGB'],
    [1, 'PALETTE COLOR'],
  ])('it is in colour: %i samples, %s', async (samplesPerPixel, photometricInterpretation) => {
    const error = await refusal([
      ctSlice(0, { SamplesPerPixel: samplesPerPixel, PhotometricInterpretation: photometricInterpretation }),
    ]);
    expect(error).toMatchObject({
      code: 'volume/colour-image',
      fields: { samplesPerPixel, photometricInterpretation },
    });
  });

  it.each([
    ['1.2.840.10008.5.1.4.1.1.6.1', 'US'],
    ['1.2.840.10008.5.1.4.1.1.2', 'XA'],
  ])('its modality is not supported: %s, %s', async (SOPClassUID, Modality) => {
    const error = await refusal([ctSlice(0, { SOPClassUID, Modality })]);
    expect(error).toMatchObject({ code: 'volume/unsupported-modality', fields: { modality: Modality } });
  });

  it('it holds localizers and reports only', async () => {
    const error = await refusal([
      ctSlice(0, { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }),
      part10({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.33', SOPInstanceUID: '2.25.9', Modality: 'SR' }),
    ]);
    expect(error.code).toBe('volume/no-volume-images');
    expect(error.message).toMatch(/1 localizer images, 1 x structured report/);
  });

  it('it has one slice, or two', async () => {
    expect((await refusal(stack([0]))).code).toBe('volume/single-slice');
    expect(await refusal(stack([0, 2]))).toMatchObject({
      code: 'volume/too-few-slices',
      fields: { found: 2, needed: 3 },
    });
  });

  it('it has too many voxels, before they are decoded', async () => {
    expect(await refusal(stack([0, 1, 2, 3]), 300)).toMatchObject({
      code: 'volume/too-large',
      fields: { limit: 300 },
    });
    const frames = [0, 1, 2].map((slice) => ({ position: [0, 0, slice] }));
    expect(await refusal([enhanced(frames)], 300)).toMatchObject({
      code: 'volume/too-large',
      fields: { voxels: 360 },
    });
  });

  it.each([
    ['volume/mixed-series', { SeriesInstanceUID: '2.25.77' }, 'SeriesInstanceUID'],
    ['volume/mixed-series', { StudyInstanceUID: '2.25.77' }, 'StudyInstanceUID'],
    ['volume/mixed-series', { Modality: 'MR' }, 'CT, MR'],
    ['volume/mixed-patients', { PatientID: 'B' }, 'different patients'],
    ['volume/mixed-frame-of-reference', { FrameOfReferenceUID: '2.25.77' }, '2.25.77'],
    ['volume/mixed-orientation', { ImageOrientationPatient: [1, 0, 0, 0, 0, -1] }, 'turned by 90.00 degrees'],
    ['volume/mixed-pixel-spacing', { PixelSpacing: [0.7, 0.5] }, '0.7 x 0.5, 0.75 x 0.5'],
    ['volume/mixed-matrix', { Rows: 12, Columns: 10 }, '10 x 12, 12 x 10'],
  ])('%s: %j', async (code, attributes, words) => {
    const error = await refusal(ctSeries(4, (slice) => (slice === 2 ? attributes : {})));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it.each([
    ['stackId', 'StackID'],
    ['temporalPositionIndex', 'TemporalPositionIndex'],
    ['diffusionBValue', 'DiffusionBValue'],
    ['effectiveEchoTime', 'EffectiveEchoTime'],
  ])('an Enhanced MR holds several volumes: %s', async (key, attribute) => {
    const frames = [0, 1, 2, 0, 1, 2].map((slice, index) => {
      const volume = index < 3 ? 1 : 2;
      return { position: [0, 0, slice], [key]: key === 'stackId' ? String(volume) : volume };
    });
    const error = await refusal([enhanced(frames)]);
    expect(error).toMatchObject({
      code: 'volume/several-volumes',
      fields: { attribute, values: ['1', '2'] },
    });
  });

  it('different images lie at the same place, and says what differs', async () => {
    const files = [0, 1, 2, 3, 4, 5].map((slice) =>
      ctSlice(slice, at(2 * (slice % 3), { AcquisitionNumber: slice < 3 ? 1 : 2 })),
    );
    const error = await refusal(files);
    expect(error).toMatchObject({ code: 'volume/conflicting-slices', fields: { positions: 3, slices: 6 } });
    expect(error.message).toContain('AcquisitionNumber (1, 2)');
  });

  it.each([
    [
      'more than 10 mm wide',
      [0, 5, 10, 25, 30, 35, 40],
      { missing: 2, largestGapMm: 15, spacingMm: 5, gapAtMm: 10 },
    ],
    ['more than one slice in ten', [0, 1, 3, 4, 6, 7, 8], { missing: 2, largestGapMm: 2, spacingMm: 1 }],
  ])('slices are missing, %s', async (_, heights, fields) => {
    expect(await refusal(stack(heights))).toMatchObject({ code: 'volume/missing-slices', fields });
  });

  it('the spacing is irregular and wide', async () => {
    const error = await refusal(stack([0, 3, 6, 9, 22.7, 25.7]));
    expect(error).toMatchObject({ code: 'volume/irregular-spacing', fields: { smallestMm: 3, medianMm: 3 } });
    expect(error.message).toContain('13.70 mm');
  });

  it('a slice is shifted sideways', async () => {
    const error = await refusal(
      ctSeries(5, (slice) => ({ ImagePositionPatient: [slice === 2 ? -8 : -10, -20, slice] })),
    );
    expect(error).toMatchObject({
      code: 'volume/misaligned-slices',
      fields: { sopInstanceUid: '2.25.10002' },
    });
    expect(error.message).toContain('2.00 mm beside');
  });

  it('a NIfTI file is none', () => {
    expect(() => readNifti(new Uint8Array(10))).toThrow(/too short/);
    seen.add('volume/invalid-nifti');
    // Only threads time out; see codecs.test.ts.
    seen.add('volume/unreadable-instance');
    // See scale.test.ts.
    seen.add('volume/not-hounsfield');
  });

  it('has a case for every error code', () => {
    expect([...seen].sort()).toEqual(Object.keys(volumeErrors).sort());
  });
});
