/**
 * What documents say, placed in the slices of `sliceMetadata`, for tests.
 * @module
 */
import { CODES } from '../../contentTree/codes.ts';
import { textItem, uidItem } from '../../contentTree/contentItems.ts';
import type { Dataset } from '../../documents/dataset.ts';
import { placeFinding } from '../place.ts';
import { imagePlaneOrReason } from '../plane.ts';
import { readFindings } from '../readFindings.ts';
import type { Finding, FindingsDocument, ReadFindings } from '../types.ts';
import { group, reportOf, sliceMetadata } from './documents.ts';

export const LONG = ['103339001', 'SCT', 'Long Axis'] as const;
export const SHORT = ['103340004', 'SCT', 'Short Axis'] as const;
export const LENGTH = ['410668003', 'SCT', 'Length'] as const;
export const AREA = ['42798000', 'SCT', 'Area'] as const;
export const REGION = ['111030', 'DCM', 'Image Region'] as const;
export const UID = '2.25.42';

/** The document, where it was read. */
export function documentOf(read: ReadFindings): FindingsDocument {
  if (!read.ok) throw new Error(read.reason);
  return read.document;
}

/** What the document says, in the slices of `sliceMetadata`; reasons of what cannot be placed. */
export function placedIn(part10: Uint8Array): { findings: Finding[]; reasons: string[] } {
  const { findings, unread } = documentOf(readFindings(part10));
  const placed = findings.map((finding) =>
    placeFinding(finding, ({ sopInstanceUid, frameNumber }) =>
      imagePlaneOrReason(sliceMetadata(Number(sopInstanceUid.split('.').pop())), frameNumber),
    ),
  );
  return {
    findings: placed.flatMap((result) => (result.ok ? [result.finding] : [])),
    reasons: [
      ...unread.map(({ reason }) => reason),
      ...placed.flatMap((result) => (result.ok ? [] : [result.reason])),
    ],
  };
}

/** Tracking Identifier and Tracking Unique Identifier. */
export function tracked(tool: string): Dataset[] {
  return [
    textItem('HAS OBS CONTEXT', CODES.trackingIdentifier, tool),
    uidItem('HAS OBS CONTEXT', CODES.trackingUniqueIdentifier, UID),
  ];
}

/** Those of a tool of stock OHIF. */
export function ohif(tool: string): Dataset[] {
  return tracked(`Cornerstone3DTools@^0.1.0:${tool}`);
}

/** One finding of a report of one group. */
export function oneOf(items: readonly Dataset[]): Finding {
  const { findings, reasons } = placedIn(reportOf([group(items)]));
  const [finding] = findings;
  if (finding === undefined || findings.length > 1 || reasons.length > 0)
    throw new Error(`not one finding: ${reasons.join('; ')}`);
  return finding;
}

/** Coordinates are equal to 0.05 um. */
export function near(actual: readonly number[] | undefined, expected: readonly number[]): void {
  const isNear = actual?.every((value, index) => Math.abs(value - (expected[index] ?? NaN)) < 5e-5);
  if (isNear !== true || actual?.length !== expected.length)
    throw new Error(`${String(actual)} is not ${String(expected)}`);
}
