/**
 * Synthetic Part 10 files for the tests of this module, written by dcmjs: seeded, small, without patients.
 * @module
 */
import dcmjs from 'dcmjs';
import type { DcmjsDict } from 'dcmjs';

/** Attributes by DICOM keyword; undefined removes one. */
export type Attributes = Readonly<Record<string, unknown>>;

export const SIZE = { columns: 12, rows: 10 } as const;

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Stored values of 12 bits: a smooth ramp with noise, different for each seed. */
export function storedValues(
  seed: number,
  { columns, rows }: { columns: number; rows: number } = SIZE,
): Uint16Array {
  const random = seededRandom(seed);
  return Uint16Array.from({ length: columns * rows }, (_, index) => {
    const ramp = 400 + 3 * (index % columns) + 5 * Math.floor(index / columns) + 2 * seed;
    return Math.min(4095, Math.floor(ramp + 300 * random()));
  });
}

/** A CT slice at the given place; `attributes` override everything. */
export function ctAttributes(slice: number, attributes: Attributes = {}): Attributes {
  return {
    SOPClassUID: CT_IMAGE,
    SOPInstanceUID: `2.25.1000${String(slice)}`,
    StudyInstanceUID: '2.25.1',
    SeriesInstanceUID: '2.25.2',
    FrameOfReferenceUID: '2.25.3',
    Modality: 'CT',
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    ImagePositionPatient: [-10, -20, 30 + 2 * slice],
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    PixelSpacing: [0.75, 0.5],
    Rows: SIZE.rows,
    Columns: SIZE.columns,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    RescaleSlope: 1,
    RescaleIntercept: -1024,
    ...attributes,
  };
}

/** How the pixels of an instance are stored. */
export interface Storage {
  readonly transferSyntaxUid?: string;
  /** Native cells, or the code stream of each frame. */
  readonly pixels?: Uint8Array | Uint16Array | Int16Array | readonly Uint8Array[];
}

/**
 * Fractions as decimal strings (DS) of at most 16 characters: dcmjs cuts longer ones off, the exponent included.
 * Ten decimals lose far less than a nanometre.
 */
function withDecimalStrings(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toFixed(10);
  return Array.isArray(value) ? value.map(withDecimalStrings) : value;
}

function bufferOf(view: Uint8Array | Uint16Array | Int16Array): ArrayBuffer {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice().buffer;
}

/** Writes a Part 10 file. Without pixels the instance has no PixelData. */
export function part10(attributes: Attributes, { transferSyntaxUid, pixels }: Storage = {}): Uint8Array {
  const syntax = transferSyntaxUid ?? EXPLICIT_VR_LITTLE_ENDIAN;
  const present = Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([keyword, value]) => [keyword, withDecimalStrings(value)]),
  );
  const { DicomDict, DicomMetaDictionary } = dcmjs.data;
  const file = new DicomDict({
    '00020002': { vr: 'UI', Value: [attributes['SOPClassUID'] ?? CT_IMAGE] },
    '00020003': { vr: 'UI', Value: [attributes['SOPInstanceUID'] ?? '2.25.4'] },
    '00020010': { vr: 'UI', Value: [syntax] },
    '00020012': { vr: 'UI', Value: ['2.25.5'] },
  } satisfies DcmjsDict);
  file.dict = DicomMetaDictionary.denaturalizeDataset(present);
  if (pixels !== undefined) {
    const buffers = ArrayBuffer.isView(pixels) ? [bufferOf(pixels)] : pixels.map(bufferOf);
    file.dict['7FE00010'] = { vr: attributes['BitsAllocated'] === 8 ? 'OB' : 'OW', Value: buffers };
  }
  return new Uint8Array(file.write({ fragmentMultiframe: false }));
}

/** A CT slice with pixels. */
export function ctSlice(slice: number, attributes: Attributes = {}, storage: Storage = {}): Uint8Array {
  return part10(ctAttributes(slice, attributes), { pixels: storedValues(slice), ...storage });
}

/** Slices 0 to count - 1, each with its own attributes. */
export function ctSeries(
  count: number,
  attributes: (slice: number) => Attributes = () => ({}),
): Uint8Array[] {
  return Array.from({ length: count }, (_, slice) => ctSlice(slice, attributes(slice)));
}

/** A stream that gives files one by one. */
export async function* streamOf(files: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    await Promise.resolve();
    yield file;
  }
}

/** Attributes of one frame of an Enhanced instance, in its functional groups. */
export interface EnhancedFrame {
  readonly position: readonly number[];
  readonly orientation?: readonly number[];
  readonly frameType?: readonly string[];
  readonly stackId?: string;
  readonly temporalPositionIndex?: number;
  readonly diffusionBValue?: number;
  readonly effectiveEchoTime?: number;
}

const ENHANCED = {
  CT: { sopClassUid: '1.2.840.10008.5.1.4.1.1.2.1', frameTypeMacro: 'CTImageFrameTypeSequence' },
  MR: { sopClassUid: '1.2.840.10008.5.1.4.1.1.4.1', frameTypeMacro: 'MRImageFrameTypeSequence' },
} as const;

/** Attributes of an Enhanced multi-frame instance: spacing and rescale shared, place per frame. */
export function enhancedAttributes(
  modality: 'CT' | 'MR',
  frames: readonly EnhancedFrame[],
  attributes: Attributes = {},
): Attributes {
  const { sopClassUid, frameTypeMacro } = ENHANCED[modality];
  const single = ctAttributes(0, {
    SOPClassUID: sopClassUid,
    Modality: modality,
    ImagePositionPatient: undefined,
    ImageOrientationPatient: undefined,
    PixelSpacing: undefined,
    RescaleSlope: undefined,
    RescaleIntercept: undefined,
  });
  return {
    ...single,
    NumberOfFrames: frames.length,
    SharedFunctionalGroupsSequence: [
      {
        PixelMeasuresSequence: [{ PixelSpacing: [0.75, 0.5], SliceThickness: 2 }],
        PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
        PixelValueTransformationSequence: [{ RescaleIntercept: -1024, RescaleSlope: 1, RescaleType: 'HU' }],
      },
    ],
    PerFrameFunctionalGroupsSequence: frames.map((frame) => perFrameGroups(frame, frameTypeMacro)),
    ...attributes,
  };
}

function perFrameGroups(frame: EnhancedFrame, frameTypeMacro: string): Attributes {
  const content = {
    ...(frame.stackId === undefined ? {} : { StackID: frame.stackId }),
    ...(frame.temporalPositionIndex === undefined
      ? {}
      : { TemporalPositionIndex: frame.temporalPositionIndex }),
  };
  return {
    FrameContentSequence: [content],
    PlanePositionSequence: [{ ImagePositionPatient: frame.position }],
    [frameTypeMacro]: [{ FrameType: frame.frameType ?? ['ORIGINAL', 'PRIMARY', 'VOLUME', 'NONE'] }],
    ...(frame.orientation === undefined
      ? {}
      : { PlaneOrientationSequence: [{ ImageOrientationPatient: frame.orientation }] }),
    ...(frame.diffusionBValue === undefined
      ? {}
      : { MRDiffusionSequence: [{ DiffusionBValue: frame.diffusionBValue }] }),
    ...(frame.effectiveEchoTime === undefined
      ? {}
      : { MREchoSequence: [{ EffectiveEchoTime: frame.effectiveEchoTime }] }),
  };
}
