import { fileKind, UnreadableDicom } from '../dicom/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import { readFiducials } from '../fiducials/index.ts';
import type { DocumentFinding, ReadFindings } from '../findings/index.ts';
import { readCsv } from './csv.ts';
import { readMarkups } from './slicerMarkups.ts';
import type { NamedPoint } from './types.ts';
import { unreadable } from './unreadable.ts';

/** Reads the findings of a structured report. */
type ReadReportFindings = (part10: Uint8Array) => Promise<ReadFindings>;

/**
 * The points of a file: CSV, markups of 3D Slicer, DICOM Spatial Fiducials, or a structured report. Of a report those findings count
 * whose place in the patient it gives: of Samepoint, or with coordinates in the patient (SCOORD3D).
 * @param file its name, for errors
 * @throws SamepointError points/unreadable
 */
export async function readPoints(
  bytes: Uint8Array,
  file: string,
  readFindings: ReadReportFindings,
): Promise<readonly NamedPoint[]> {
  const points = await pointsOf(bytes, file, readFindings);
  if (points.length === 0) return unreadable(file, 'it holds no point');
  return points;
}

async function pointsOf(
  bytes: Uint8Array,
  file: string,
  readFindings: ReadReportFindings,
): Promise<readonly NamedPoint[]> {
  if (fileKind(bytes) === 'instance') return await pointsOfDicom(bytes, file, readFindings);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (text.includes('\0')) return unreadable(file, 'it is neither text nor DICOM');
  return /^\uFEFF?\s*\{/u.test(text) ? readMarkups(parseJson(text, file), file) : readCsv(text, file);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch {
    return unreadable(file, 'it is no JSON');
  }
}

async function pointsOfDicom(
  bytes: Uint8Array,
  file: string,
  readFindings: ReadReportFindings,
): Promise<readonly NamedPoint[]> {
  const fiducials = fiducialsOf(bytes, file);
  if (fiducials.length > 0) return fiducials;
  const read = await readFindings(bytes);
  if (!read.ok) return unreadable(file, read.reason);
  return read.document.findings.flatMap((finding) => pointOf(finding) ?? []);
}

function fiducialsOf(bytes: Uint8Array, file: string): readonly NamedPoint[] {
  try {
    return readFiducials(bytes).flatMap(({ fiducials, frameOfReferenceUid }) =>
      fiducials.map(({ name, lps }) => ({
        name,
        lps,
        ...(frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid }),
      })),
    );
  } catch (error) {
    if (error instanceof UnreadableDicom)
      return unreadable(file, `it is no complete DICOM file: ${error.message}`);
    throw error;
  }
}

function pointOf({ label, exact, shapes, trackingUid }: DocumentFinding): NamedPoint | undefined {
  const name = { name: label, ...(trackingUid === undefined ? {} : { trackingUid }) };
  if (exact !== undefined) return { ...name, lps: lpsPoint(...exact.lps) };
  const shape = shapes.find(({ space }) => 'frameOfReferenceUid' in space);
  if (shape === undefined || !('frameOfReferenceUid' in shape.space)) return undefined;
  const { frameOfReferenceUid } = shape.space;
  return { ...name, lps: lpsPoint(...shape.centre), frameOfReferenceUid };
}
