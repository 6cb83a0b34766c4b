/**
 * What the headers of a few images say of their series.
 * @module
 */
import { itemsOf, numberOf, stringOf, stringsOf } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import { cross, dot, norm, plus } from '../geometry/index.ts';
import type { Vector } from '../geometry/index.ts';
import { imagePlaneOrReason } from '../findings/index.ts';
import type { ImagePlane } from '../findings/index.ts';
import type { Plane } from './types.ts';

/** Cosine from which on a plane has the name of its axis: 30 degrees, the tilt of a gantry. */
const NAMED_PLANE = Math.cos(Math.PI / 6);
/** Cosine from which on two planes are parallel. */
const PARALLEL = 0.99;
/** Farther away lies no part of a patient. */
const MAX_COORDINATE_MM = 1e6;
/** Contrast/Bolus Agent (0018,0010) of scanners that write a word where there was none. */
const NO_AGENT = /^(?:none|no|without|w\/o|0)$/iu;

/** Values of Image Type (0008,0008) of intensity projections. */
const PROJECTION = /^(?:MIP|MINIP|MAX_IP|MIN_IP)$/u;

/** Traits of a series, as far as its headers have them. */
export interface SeriesTraits {
  readonly isLocalizer: boolean;
  /** Maximum or minimum intensity projections of slabs. */
  readonly isProjection: boolean;
  /** Reformatted or otherwise computed from other images. */
  readonly isDerived: boolean;
  readonly kernel?: string;
  readonly contrast: boolean;
  readonly sliceThicknessMm?: number;
  readonly frames?: number;
  /** Absent where the images have no place in the patient, or are not parallel. */
  readonly stack?: Stack;
}

/** Parallel slices in the patient. */
export interface Stack {
  readonly frameOfReferenceUid: string;
  readonly plane: Plane;
  /** Of length 1. */
  readonly normal: Vector;
  readonly lengthMm: number;
  /** Corners of the first and the last slice, LPS, mm. */
  readonly corners: readonly Vector[];
}

function normalOf({ columnStep, rowStep }: ImagePlane): Vector {
  const normal = cross(columnStep, rowStep);
  const length = norm(normal);
  return [normal[0] / length, normal[1] / length, normal[2] / length];
}

function planeOf([x, y, z]: Vector): Plane {
  if (Math.abs(z) >= NAMED_PLANE) return 'axial';
  if (Math.abs(y) >= NAMED_PLANE) return 'coronal';
  return Math.abs(x) >= NAMED_PLANE ? 'sagittal' : 'oblique';
}

function cornersOf({ origin, columnStep, rowStep, columns, rows }: ImagePlane): readonly Vector[] {
  const right = plus(origin, columnStep, columns - 1);
  return [origin, right, plus(origin, rowStep, rows - 1), plus(right, rowStep, rows - 1)];
}

/** True for images of one orientation in one frame of reference. */
function isParallel(one: ImagePlane, other: ImagePlane): boolean {
  const cosine = Math.abs(dot(normalOf(one), normalOf(other)));
  return one.frameOfReferenceUid === other.frameOfReferenceUid && cosine >= PARALLEL;
}

/** The plane of a frame (from 1); undefined where it has no place in the patient. */
function placedPlane(metadata: DicomJson, frame?: number): ImagePlane | undefined {
  const plane = imagePlaneOrReason(metadata, frame);
  return typeof plane === 'string' ? undefined : plane;
}

/** True where two images may be slices of one stack. */
export function areParallel(one: DicomJson, other: DicomJson): boolean {
  const [a, b] = [placedPlane(one), placedPlane(other)];
  return a !== undefined && b !== undefined && isParallel(a, b);
}

function stackOf(planes: readonly (ImagePlane | undefined)[]): Stack | undefined {
  const [first, last = first] = planes;
  if (first === undefined || last === undefined || !isParallel(first, last)) return undefined;
  const normal = normalOf(first);
  const corners = [...cornersOf(first), ...cornersOf(last)];
  if (![...corners, normal].flat().every((mm) => Math.abs(mm) <= MAX_COORDINATE_MM)) return undefined;
  return {
    frameOfReferenceUid: first.frameOfReferenceUid,
    plane: planeOf(normal),
    normal,
    lengthMm: Math.abs(dot(normal, plus(last.origin, first.origin, -1))),
    corners,
  };
}

function thicknessOf(metadata: DicomJson): number | undefined {
  const groups = [
    ...itemsOf(metadata, 'SharedFunctionalGroupsSequence'),
    ...itemsOf(metadata, 'PerFrameFunctionalGroupsSequence').slice(0, 1),
  ];
  const measures = groups.flatMap((group) => itemsOf(group, 'PixelMeasuresSequence'));
  const [thickness] = [metadata, ...measures]
    .map((json) => numberOf(json, 'SliceThickness'))
    .filter((mm) => mm !== undefined && mm > 0);
  return thickness;
}

function hasContrast(metadata: DicomJson): boolean {
  const agent = stringOf(metadata, 'ContrastBolusAgent')?.trim() ?? '';
  if (agent !== '') return !NO_AGENT.test(agent);
  return itemsOf(metadata, 'ContrastBolusAgentSequence').length > 0;
}

/** The planes between which a series lies: of its ends, of the first and the last frame, or of the only image. */
function outerPlanes(
  middle: DicomJson,
  frames: number,
  ends: readonly DicomJson[],
): readonly (ImagePlane | undefined)[] {
  if (ends.length > 0) return ends.map((end) => placedPlane(end));
  return frames > 1 ? [placedPlane(middle, 1), placedPlane(middle, frames)] : [placedPlane(middle)];
}

/**
 * The traits of a series.
 * @param middle metadata of an image in the middle of the series
 * @param ends metadata of the first and the last image
 */
export function traitsOf(middle: DicomJson, ends: readonly DicomJson[] = []): SeriesTraits {
  const imageType = stringsOf(middle, 'ImageType');
  const frames = Math.trunc(numberOf(middle, 'NumberOfFrames') ?? 1);
  const stack = stackOf(outerPlanes(middle, frames, ends));
  const kernel = stringOf(middle, 'ConvolutionKernel')?.trim() ?? '';
  const sliceThicknessMm = thicknessOf(middle);
  return {
    isLocalizer: imageType.includes('LOCALIZER'),
    isProjection: imageType.some((value) => PROJECTION.test(value)),
    isDerived: imageType[0] === 'DERIVED' || imageType[1] === 'SECONDARY',
    contrast: hasContrast(middle),
    ...(kernel === '' ? {} : { kernel }),
    ...(sliceThicknessMm === undefined ? {} : { sliceThicknessMm }),
    ...(frames > 1 ? { frames } : {}),
    ...(stack === undefined ? {} : { stack }),
  };
}

/** Where a stack begins and ends along a direction, mm. */
export function extentAlong({ corners }: Stack, direction: Vector): readonly [number, number] {
  const along = corners.map((corner) => dot(corner, direction));
  return [Math.min(...along), Math.max(...along)];
}
