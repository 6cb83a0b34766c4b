/**
 * What all slices of a volume must have in common.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import type { FrameHeader } from '../instances/index.ts';
import { isOtherSpacing, MAX_ANGLE_DEGREES, turnBetween } from '../instances/index.ts';

/** Orientations that are distinguished: more are as wrong, and comparing each slice with each needs minutes. */
const MAX_ORIENTATIONS = 16;

/**
 * @throws SamepointError volume/mixed-frame-of-reference, volume/mixed-matrix, volume/mixed-pixel-spacing,
 * volume/mixed-orientation
 */
export function checkConsistency(headers: readonly FrameHeader[]): void {
  const [first] = headers;
  if (first === undefined) return;
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

/** All images, also those that are omitted. @throws SamepointError volume/mixed-series */
export function checkSeries(headers: readonly FrameHeader[]): void {
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

function checkOrientation(first: FrameHeader, headers: readonly FrameHeader[]): void {
  const orientations = [first];
  for (const header of headers) {
    if (orientations.length >= MAX_ORIENTATIONS) break;
    if (orientations.every((known) => turnBetween(known, header) > MAX_ANGLE_DEGREES))
      orientations.push(header);
  }
  const [, other] = orientations;
  if (other === undefined) return;
  throw new SamepointError('volume/mixed-orientation', {
    angleDegrees: turnBetween(first, other),
    sopInstanceUid: other.source.sopInstanceUid,
    orientations: orientations.length,
  });
}

function checkPixelSpacing(first: FrameHeader, headers: readonly FrameHeader[]): void {
  if (!headers.some((header) => isOtherSpacing(first, header))) return;
  const spacings = distinct(headers, ({ pixelSpacing }) => pixelSpacing.join(' x '));
  throw new SamepointError('volume/mixed-pixel-spacing', { spacings });
}
