import { SamepointError } from '../../errors/index.ts';
import type { VolumeModality } from '../../volume/types.ts';
import type { PixelFormat } from '../../codecs/types.ts';
import type { AttributeReader } from './attributes.ts';

/**
 * Value put where a CT pixel is padding (outside the reconstruction circle): the lower end of the CT scale, air.
 * PET has no activity there; MR no signal.
 */
const PADDING_VALUE: Readonly<Record<VolumeModality, number>> = { CT: -1024, MR: 0, PT: 0 };

/** Forms of pixels that are not read, and what they are called. */
const OTHER_FORMS = {
  FloatPixelData: 'Float Pixel Data (7fe0,0008)',
  DoubleFloatPixelData: 'Double Float Pixel Data (7fe0,0009)',
  ModalityLUTSequence: 'a Modality LUT Sequence (0028,3000)',
} as const;

/** Rescale Types (PS3.3 C.11.1.1.2) that are other quantities than HU; what is not listed is judged by its values. */
const OTHER_QUANTITIES: ReadonlySet<string> = new Set(['OD', 'MGML', 'Z_EFF', 'ED', 'EDW', 'PCT']);

/**
 * Reads the Image Pixel, Modality LUT and padding attributes of a frame.
 * @throws SamepointError volume/missing-attribute, volume/invalid-attribute, volume/colour-image, volume/not-hounsfield,
 * volume/unsupported-pixel-format
 */
export function readPixelFormat(reader: AttributeReader, modality: VolumeModality): PixelFormat {
  refuseColour(reader);
  refuseOtherForms(reader);
  const isSigned = reader.requiredUint16('PixelRepresentation') === 1;
  const padding = readPadding(reader, isSigned, PADDING_VALUE[modality]);
  return {
    columns: size(reader, 'Columns'),
    rows: size(reader, 'Rows'),
    ...readBits(reader),
    isSigned,
    ...readRescale(reader, modality),
    ...(padding === undefined ? {} : { padding }),
  };
}

function size(reader: AttributeReader, keyword: 'Rows' | 'Columns'): number {
  const value = reader.requiredUint16(keyword);
  return value > 0 ? value : reader.invalid(keyword, String(value), 'it must be positive');
}

function refuseColour(reader: AttributeReader): void {
  const samplesPerPixel = reader.requiredUint16('SamplesPerPixel');
  const photometricInterpretation = reader.requiredText('PhotometricInterpretation');
  if (samplesPerPixel !== 1 || !/^MONOCHROME[12]$/.test(photometricInterpretation)) {
    throw new SamepointError('volume/colour-image', {
      photometricInterpretation,
      samplesPerPixel,
      sopInstanceUid: reader.sopInstanceUid,
    });
  }
}

function refuseOtherForms(reader: AttributeReader): void {
  const { sopInstanceUid } = reader;
  for (const [keyword, found] of Object.entries(OTHER_FORMS))
    if (reader.has(keyword as keyof typeof OTHER_FORMS))
      throw new SamepointError('volume/unsupported-pixel-format', { found, sopInstanceUid });
}

function readBits(reader: AttributeReader): Pick<PixelFormat, 'bitsAllocated' | 'bitsStored' | 'highBit'> {
  const bitsAllocated = reader.requiredUint16('BitsAllocated');
  if (bitsAllocated !== 8 && bitsAllocated !== 16) {
    throw new SamepointError('volume/unsupported-pixel-format', {
      found: `${String(bitsAllocated)} bits allocated`,
      sopInstanceUid: reader.sopInstanceUid,
    });
  }
  const bitsStored = reader.requiredUint16('BitsStored');
  if (bitsStored < 1 || bitsStored > bitsAllocated) {
    reader.invalid('BitsStored', String(bitsStored), `${String(bitsAllocated)} bits are allocated`);
  }
  const highBit = reader.uint16('HighBit') ?? bitsStored - 1;
  if (highBit < bitsStored - 1 || highBit >= bitsAllocated) {
    reader.invalid(
      'HighBit',
      String(highBit),
      `${String(bitsStored)} of ${String(bitsAllocated)} bits are stored`,
    );
  }
  return { bitsAllocated, bitsStored, highBit };
}

function readRescale(
  reader: AttributeReader,
  modality: VolumeModality,
): Pick<PixelFormat, 'slope' | 'intercept'> {
  const slope = reader.decimals('RescaleSlope', 1)?.[0];
  const intercept = reader.decimals('RescaleIntercept', 1)?.[0];
  if (slope === 0) reader.invalid('RescaleSlope', '0', 'every value would be the same');
  // MR has no modality unit: stored values are valid. CT and PET without rescale have no known unit.
  const optional = modality === 'MR';
  const type = modality === 'CT' ? reader.text('RescaleType') : undefined;
  if (type !== undefined && OTHER_QUANTITIES.has(type.toUpperCase()))
    throw new SamepointError('volume/not-hounsfield', { found: `their Rescale Type is ${type}` });
  return {
    slope: slope ?? (optional ? 1 : reader.missing('RescaleSlope')),
    intercept: intercept ?? (optional ? 0 : reader.missing('RescaleIntercept')),
  };
}

function readPadding(reader: AttributeReader, isSigned: boolean, value: number): PixelFormat['padding'] {
  const first = reader.pixelValue('PixelPaddingValue', isSigned);
  if (first === undefined) return undefined;
  const last = reader.pixelValue('PixelPaddingRangeLimit', isSigned) ?? first;
  return { low: Math.min(first, last), high: Math.max(first, last), value };
}
