import { angleDegrees } from '../geometry/index.ts';
import type { FrameHeader } from './parsing/frame.ts';
import type { SliceForm } from '../resampling/reduction/types.ts';

/** Slices count as parallel up to this angle: 0.1 degrees moves the corner of a 500 mm image by 0.6 mm. */
export const MAX_ANGLE_DEGREES = 0.1;
/** Relative difference of pixel spacings that is rounding: 0.1 % is half a millimetre over a 500 mm image. */
const SPACING_TOLERANCE = 1e-3;

/** Largest angle between the row directions and between the column directions of two frames, degrees. */
export function turnBetween(a: SliceForm, b: SliceForm): number {
  return Math.max(angleDegrees(a.alongRow, b.alongRow), angleDegrees(a.alongColumn, b.alongColumn));
}

/** Whether the pixel spacings differ by more than rounding. */
export function isOtherSpacing(a: SliceForm, b: SliceForm): boolean {
  return b.pixelSpacing.some(
    (value, axis) => Math.abs(value / (a.pixelSpacing[axis] ?? value) - 1) > SPACING_TOLERANCE,
  );
}

/** What distinguishes the forms of two slices, for messages; undefined where nothing does. */
export function otherForm(a: SliceForm, b: SliceForm): string | undefined {
  if (a.columns !== b.columns || a.rows !== b.rows) return 'of another size';
  if (turnBetween(a, b) > MAX_ANGLE_DEGREES) return 'in another orientation';
  return isOtherSpacing(a, b) ? 'with another pixel spacing' : undefined;
}

/** What distinguishes an image from another that is a slice of the same volume; undefined where nothing does. */
export function unlikeness(a: FrameHeader, b: FrameHeader): string | undefined {
  if (a.frameOfReferenceUid !== b.frameOfReferenceUid) return 'in another frame of reference';
  return otherForm(a, b) ?? (isSecondary(a) === isSecondary(b) ? undefined : 'secondary images');
}

/** Pixel Data Characteristics and Patient Examination Characteristics (PS3.3 C.7.6.1.1.2): a picture made after the examination. */
function isSecondary({ traits }: FrameHeader): boolean {
  return traits['ImageType']?.split('\\')[1] === 'SECONDARY';
}
