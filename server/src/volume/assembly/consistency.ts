/**
 * What all slices of a volume must have in common.
 * @module
 */
import { SamepointError } from '../../errors/index.ts';
import type { FrameHeader } from '../parsing/frame.ts';
import { angleDegrees } from '../../geometry/index.ts';

/** Slices count as parallel up to this angle: 0.1 degrees moves the corner of a 500 mm image by 0.6 mm. */
const MAX_ANGLE_DEGREES = 0.1;

/** Orientations that are distinguished: more are as wrong, and comparing each slice with each needs minutes. */
const MAX_ORIENTATIONS = 16;

/** Relative difference of pixel spacings that is rounding: 0.1 % is half a millimetre over a 500 mm image. */
const SPACING_TOLERANCE = 1e-3;

/**
 * @throws SamepointError volume/mixed-series, volume/mixed-frame-of-reference, volume/mixed-matrix,
 * volume/mixed-pixel-spacing, volume/mixed-orientation
 */
export function checkConsistency(headers: readonly FrameHeader[]): void {
  const [first] = headers;
  if (first === undefined) return;
  checkSeries(headers);
  const frameOfReferenceUids = distinct(headers, (header) => header.frameOfReferenceUid);
  if (frameOfReferenceUids.length > 1) {
    throw new SamepointError('volume/mixed-frame-of-reference', { frameOfReferenceUids });
  }
  const sizes = distinct(headers, ({ columns, rows }) => `${String(columns)} x ${String(rows)}`);
  if (sizes.length > 1) throw new SamepointError('volume/mixed-matrix', { sizes });
  checkOrientation(first, headers);
  checkPixelSpacing(first, headers);
}

function distinct(
  headers: readonly FrameHeader[],
  property: (header: FrameHeader) => string,
): readonly string[] {
  return [...new Set(headers.map(property))].sort();
}

function checkSeries(headers: readonly FrameHeader[]): void {
  const properties = {
    StudyInstanceUID: (header: FrameHeader) => header.studyInstanceUid,
    SeriesInstanceUID: (header: FrameHeader) => header.seriesInstanceUid,
    Modality: (header: FrameHeader) => header.modality,
  };
  for (const [attribute, property] of Object.entries(properties)) {
    const values = distinct(headers, property);
    if (values.length > 1) throw new SamepointError('volume/mixed-series', { attribute, values });
  }
}

/** Largest angle between the row directions and between the column directions of two frames. */
function turn(a: FrameHeader, b: FrameHeader): number {
  return Math.max(angleDegrees(a.alongRow, b.alongRow), angleDegrees(a.alongColumn, b.alongColumn));
}

function checkOrientation(first: FrameHeader, headers: readonly FrameHeader[]): void {
  const orientations = [first];
  for (const header of headers) {
    if (orientations.length >= MAX_ORIENTATIONS) break;
    if (orientations.every((known) => turn(known, header) > MAX_ANGLE_DEGREES)) orientations.push(header);
  }
  const [, other] = orientations;
  if (other === undefined) return;
  throw new SamepointError('volume/mixed-orientation', {
    angleDegrees: turn(first, other),
    sopInstanceUid: other.source.sopInstanceUid,
    orientations: orientations.length,
  });
}

function checkPixelSpacing(first: FrameHeader, headers: readonly FrameHeader[]): void {
  const differs = ({ pixelSpacing }: FrameHeader): boolean =>
    pixelSpacing.some(
      (value, axis) => Math.abs(value / (first.pixelSpacing[axis] ?? value) - 1) > SPACING_TOLERANCE,
    );
  if (!headers.some(differs)) return;
  const spacings = distinct(headers, ({ pixelSpacing }) => pixelSpacing.join(' x '));
  throw new SamepointError('volume/mixed-pixel-spacing', { spacings });
}
