import { isUid } from '../../dicom/index.ts';
import type { Keyword } from '../../dicom/index.ts';
import type { VolumeModality } from '../../volume/types.ts';
import type { PixelFormat } from '../../codecs/types.ts';
import type { AttributeReader } from './attributes.ts';
import { dot, norm, times } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { ownFrameOfReference } from '../../volume/index.ts';
import type { FrameHeader } from './frame.ts';

/**
 * Direction cosines may be off by this much from unit length and right angles: writers round to four decimals and more;
 * 0.001 moves the far corner of a 500 mm image by half a millimetre.
 */
const ORTHONORMAL_TOLERANCE = 1e-3;

/** What distinguishes the images of one series that lie at the same place. */
const TRAITS: readonly Keyword[] = [
  'StackID',
  'AcquisitionNumber',
  'TemporalPositionIdentifier',
  'TemporalPositionIndex',
  'TriggerTime',
  'EchoTime',
  'EffectiveEchoTime',
  'DiffusionBValue',
  'ConvolutionKernel',
  'ImageType',
];

/**
 * Reads place, size and identity of a frame.
 * @param frameNumber 1-based, undefined for single-frame instances.
 * @throws SamepointError volume/missing-attribute, volume/invalid-attribute
 */
export function readFrameHeader(
  reader: AttributeReader,
  modality: VolumeModality,
  format: PixelFormat,
  frameNumber?: number,
): FrameHeader {
  const [alongRow, alongColumn] = readOrientation(reader);
  const [rowSpacing = 0, columnSpacing = 0] = reader.requiredDecimals('PixelSpacing', 2);
  if (!(rowSpacing > 0 && columnSpacing > 0)) {
    reader.invalid('PixelSpacing', `${String(rowSpacing)}\\${String(columnSpacing)}`, 'it must be positive');
  }
  const [x = 0, y = 0, z = 0] = reader.requiredDecimals('ImagePositionPatient', 3);
  const bodyPart = reader.text('BodyPartExamined');
  const seriesInstanceUid = reader.requiredText('SeriesInstanceUID');
  const frameOfReferenceUid = reader.text('FrameOfReferenceUID');
  return {
    source: {
      sopClassUid: reader.requiredText('SOPClassUID'),
      sopInstanceUid: reader.requiredText('SOPInstanceUID'),
      ...(frameNumber === undefined ? {} : { frameNumber }),
    },
    studyInstanceUid: reader.requiredText('StudyInstanceUID'),
    seriesInstanceUid,
    frameOfReferenceUid: isUid(frameOfReferenceUid)
      ? frameOfReferenceUid
      : ownFrameOfReference(seriesInstanceUid),
    modality,
    ...(bodyPart === undefined ? {} : { bodyPart }),
    columns: format.columns,
    rows: format.rows,
    position: [x, y, z],
    alongRow,
    alongColumn,
    pixelSpacing: [rowSpacing, columnSpacing],
    traits: readTraits(reader),
  };
}

function readOrientation(reader: AttributeReader): readonly [Vector, Vector] {
  const values = reader.requiredDecimals('ImageOrientationPatient', 6);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = values;
  const row: Vector = [a, b, c];
  const column: Vector = [d, e, f];
  const deviation = Math.max(Math.abs(norm(row) - 1), Math.abs(norm(column) - 1), Math.abs(dot(row, column)));
  if (deviation > ORTHONORMAL_TOLERANCE) {
    reader.invalid(
      'ImageOrientationPatient',
      values.join('\\'),
      'it must be two unit vectors at a right angle',
    );
  }
  return [times(row, 1 / norm(row)), times(column, 1 / norm(column))];
}

function readTraits(reader: AttributeReader): Record<string, string> {
  const found = TRAITS.map((keyword) => [keyword, reader.shown(keyword)] as const);
  return Object.fromEntries(found.filter((entry): entry is [Keyword, string] => entry[1] !== undefined));
}
