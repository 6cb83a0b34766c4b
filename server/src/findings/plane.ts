/**
 * Where the pixels of an image lie in the patient (PS3.3 C.7.6.2.1.1).
 * @module
 */
import { isUid, itemsOf, numberOf, numbersOf, stringOf } from '../dicom/index.ts';
import type { DicomJson, Keyword } from '../dicom/index.ts';
import { cross, dot, lpsPoint, norm, plus, times } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { Unreadable } from '../contentTree/index.ts';
import type { Triple } from './types.ts';

/** Deviation of a direction from length 1, and of two from a right angle. */
const TOLERANCE = 0.01;
const MAX_COORDINATE_MM = 1e6;

/** The plane of an image or frame, LPS, mm. */
export interface Plane {
  /** Centre of the first pixel. */
  readonly origin: Triple;
  /** From a pixel to that of the next column, and of the next row. */
  readonly columnStep: Triple;
  readonly rowStep: Triple;
}

/** An image or frame that findings are marked in. */
export interface ImagePlane extends Plane {
  readonly frameOfReferenceUid: string;
  readonly columns: number;
  readonly rows: number;
}

const NO_PLACE = 'its image has no place in the patient';

function triple([x, y, z]: readonly number[]): Triple {
  if (x === undefined || y === undefined || z === undefined) throw new Unreadable(NO_PLACE);
  return [x, y, z];
}

/** The plane of Image Position, Image Orientation and Pixel Spacing. @throws Unreadable where they describe none */
function planeFrom(
  position: readonly number[] = [],
  orientation: readonly number[] = [],
  spacing: readonly number[] = [],
): Plane {
  const [origin, along, down] = [triple(position), triple(orientation), triple(orientation.slice(3))];
  const [rowSpacing, columnSpacing] = spacing;
  if (rowSpacing === undefined || columnSpacing === undefined || rowSpacing <= 0 || columnSpacing <= 0)
    throw new Unreadable('its image has no pixel spacing in the patient');
  const isSquare =
    Math.abs(norm(along) - 1) < TOLERANCE &&
    Math.abs(norm(down) - 1) < TOLERANCE &&
    Math.abs(dot(along, down)) < TOLERANCE;
  if (!isSquare || norm(origin) > MAX_COORDINATE_MM) throw new Unreadable(NO_PLACE);
  return { origin, columnStep: times(along, columnSpacing), rowStep: times(down, rowSpacing) };
}

/** A pixel, column and row continuous, in the patient. */
export function inPatient({ origin, columnStep, rowStep }: Plane, [column, row]: Triple): LpsPoint {
  return lpsPoint(...plus(plus(origin, columnStep, column), rowStep, row));
}

/** The pixel nearest to a point of the patient, column and row continuous, and the signed distance of the point from the plane, mm. */
export function toPixel(
  { origin, columnStep, rowStep }: Plane,
  point: LpsPoint,
): { readonly pixel: Triple; readonly offPlaneMm: number } {
  const from = plus(point, origin, -1);
  const normal = cross(columnStep, rowStep);
  const column = dot(from, columnStep) / dot(columnStep, columnStep);
  const row = dot(from, rowStep) / dot(rowStep, rowStep);
  return { pixel: [column, row, 0], offPlaneMm: dot(from, normal) / norm(normal) };
}

/** A macro of the functional groups (PS3.3 C.7.6.16): of the frame, else of all frames. */
function macroOf(groups: readonly (DicomJson | undefined)[], keyword: Keyword): DicomJson | undefined {
  for (const group of groups) {
    const [macro] = group === undefined ? [] : itemsOf(group, keyword);
    if (macro !== undefined) return macro;
  }
  return undefined;
}

/** The plane of a frame whose place is in functional groups, those of the frame first. @throws Unreadable */
export function framePlane(groups: readonly (DicomJson | undefined)[]): Plane {
  const [position, orientation, measures] = [
    macroOf(groups, 'PlanePositionSequence'),
    macroOf(groups, 'PlaneOrientationSequence'),
    macroOf(groups, 'PixelMeasuresSequence'),
  ];
  return planeFrom(
    position && numbersOf(position, 'ImagePositionPatient'),
    orientation && numbersOf(orientation, 'ImageOrientationPatient'),
    measures && numbersOf(measures, 'PixelSpacing'),
  );
}

/**
 * The plane of an image.
 * @param metadata DICOM JSON of the instance
 * @param frameNumber from 1, of a multi-frame image
 * @throws Unreadable where the image has no place in the patient
 */
function imagePlane(metadata: DicomJson, frameNumber = 1): ImagePlane {
  const [columns, rows] = [numberOf(metadata, 'Columns'), numberOf(metadata, 'Rows')];
  const frameOfReferenceUid = stringOf(metadata, 'FrameOfReferenceUID');
  if (columns === undefined || rows === undefined || !isUid(frameOfReferenceUid))
    throw new Unreadable('its image has no frame of reference');
  const frames = itemsOf(metadata, 'PerFrameFunctionalGroupsSequence');
  const [shared] = itemsOf(metadata, 'SharedFunctionalGroupsSequence');
  const isMultiFrame = frames.length > 0 || shared !== undefined;
  if (!isMultiFrame && frameNumber > 1) throw new Unreadable('its image has no such frame');
  if (frames.length > 0 && frames[frameNumber - 1] === undefined)
    throw new Unreadable('its image has no such frame');
  const plane = isMultiFrame
    ? framePlane([frames[frameNumber - 1], shared])
    : planeFrom(
        numbersOf(metadata, 'ImagePositionPatient'),
        numbersOf(metadata, 'ImageOrientationPatient'),
        numbersOf(metadata, 'PixelSpacing'),
      );
  return { ...plane, frameOfReferenceUid, columns, rows };
}

/** The same; a text says why there is none. */
export function imagePlaneOrReason(metadata: DicomJson, frameNumber?: number): ImagePlane | string {
  try {
    return imagePlane(metadata, frameNumber);
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}

/** Pixels by which a mark may exceed its image: the rounding of single precision, and lines drawn along the edge. */
const EDGE_PIXELS = 1;

/** True for a pixel of the image or its edge. */
export function isInside({ columns, rows }: ImagePlane, [column, row]: Triple): boolean {
  const low = -0.5 - EDGE_PIXELS;
  return (
    column >= low && row >= low && column <= columns - 0.5 + EDGE_PIXELS && row <= rows - 0.5 + EDGE_PIXELS
  );
}
