/**
 * Strict when writing: everything that a report could get wrong is refused before a byte is written.
 * @module
 */
import { isUid, numberOf, stringOf } from '../dicom/index.ts';
import { labelProblem } from '../documents/index.ts';
import type { InstanceAttributes } from '../documents/index.ts';
import { SamepointError } from '../errors/index.ts';
import { MATCH_VERDICTS } from '../matching/index.ts';
import type { ConfirmedPair, MatchProvenance, ReportRequest, SeriesPoint } from './types.ts';

const ENDS = ['current', 'prior'] as const;
type End = (typeof ENDS)[number];

/** A pair with its place in the request, counted from 1. */
interface Numbered {
  readonly pair: ConfirmedPair;
  readonly number: number;
}

/**
 * Checks a request.
 * @throws SamepointError of the catalogue's report/ entries
 */
export function assertReportable({ pairs, current, priors = [] }: ReportRequest): void {
  if (pairs.length === 0) throw new SamepointError('report/no-pairs', {});
  assertContext(current, priors);
  const numbered = pairs.map((pair, index): Numbered => ({ pair, number: index + 1 }));
  const study = stringOf(current, 'StudyInstanceUID');
  for (const entry of numbered) {
    assertPair(entry);
    for (const end of ENDS) assertPoint(entry, end, boundsOf(entry.pair[end], [current, ...priors]));
    if (entry.pair.current.studyInstanceUid !== study)
      throw new SamepointError('report/other-study', { pair: entry.number });
  }
  assertConsistent(numbered);
}

function assertContext(current: InstanceAttributes, priors: readonly InstanceAttributes[]): void {
  const study = stringOf(current, 'StudyInstanceUID');
  if (study === undefined || !isUid(study))
    throw new SamepointError('report/incomplete-context', { missing: ['StudyInstanceUID'] });
  const patient = (instance: InstanceAttributes): string =>
    JSON.stringify([stringOf(instance, 'PatientID') ?? '', stringOf(instance, 'IssuerOfPatientID') ?? '']);
  if (priors.some((prior) => patient(prior) !== patient(current)))
    throw new SamepointError('report/other-patient', {});
}

function assertPair({ pair, number }: Numbered): void {
  const state: string = pair.state;
  if (state !== 'accepted' && state !== 'moved')
    throw new SamepointError('report/not-confirmed', { pair: number, state });
  const problem = labelProblem(pair.label);
  if (problem !== undefined) throw new SamepointError('report/bad-label', { pair: number, problem });
  if (!isUid(pair.lesionUid))
    throw new SamepointError('report/bad-value', {
      pair: number,
      name: 'lesionUid',
      problem: 'is not a DICOM UID',
    });
  assertNumber(number, 'similarity', pair.similarity);
  assertNumber(number, 'cycleErrorMm', pair.cycleErrorMm);
  if (pair.cycleErrorMm < 0)
    throw new SamepointError('report/bad-value', {
      pair: number,
      name: 'cycleErrorMm',
      problem: 'is negative',
    });
  if (pair.provenance !== undefined) assertProvenance(number, pair.provenance);
}

/** Names of models, methods and steps, and versions: ASCII without spaces. */
export const PROVENANCE_NAME = /^[!-~]{1,64}$/u;

function assertProvenance(
  pair: number,
  { model, method, step, verdict, errorRadiusMm }: MatchProvenance,
): void {
  const names = { 'model.id': model.id, 'model.version': model.version, method, step };
  for (const [name, value] of Object.entries(names))
    if (!PROVENANCE_NAME.test(value))
      throw new SamepointError('report/bad-value', {
        pair,
        name: `provenance.${name}`,
        problem: 'is not a name of 1 to 64 visible ASCII characters',
      });
  if (!MATCH_VERDICTS.includes(verdict))
    throw new SamepointError('report/bad-value', {
      pair,
      name: 'provenance.verdict',
      problem: `is none of ${MATCH_VERDICTS.join(', ')}`,
    });
  assertNumber(pair, 'provenance.errorRadiusMm', errorRadiusMm);
}

function assertNumber(pair: number, name: string, value: number): void {
  if (!Number.isFinite(value))
    throw new SamepointError('report/bad-value', { pair, name, problem: `is ${value}, not a finite number` });
}

/** Of what exists in the archive: reports refer to it whatever its UID looks like. */
function assertUid(pair: number, name: string, uid: string): void {
  if (!isUid(uid))
    throw new SamepointError('report/bad-value', { pair, name, problem: 'is not a DICOM UID' });
}

/** Columns and rows of the image of a point, where the metadata give them. */
interface Bounds {
  readonly columns: number;
  readonly rows: number;
}

function boundsOf(point: SeriesPoint, instances: readonly InstanceAttributes[]): Bounds {
  const instance = instances.find(
    (attributes) => stringOf(attributes, 'SeriesInstanceUID') === point.seriesInstanceUid,
  );
  return {
    columns: (instance && numberOf(instance, 'Columns')) ?? Infinity,
    rows: (instance && numberOf(instance, 'Rows')) ?? Infinity,
  };
}

function assertPoint({ pair, number }: Numbered, end: End, { columns, rows }: Bounds): void {
  const { pixel, lps, ...point } = pair[end];
  const { column, row, offPlaneMm, frameNumber = 1 } = pixel;
  const numbers = { column, row, offPlaneMm, x: lps[0], y: lps[1], z: lps[2] };
  for (const [name, value] of Object.entries(numbers)) assertNumber(number, `${end}.${name}`, value);
  const uids = {
    studyInstanceUid: point.studyInstanceUid,
    seriesInstanceUid: point.seriesInstanceUid,
    frameOfReferenceUid: point.frameOfReferenceUid,
    sopClassUid: pixel.sopClassUid,
    sopInstanceUid: pixel.sopInstanceUid,
  };
  for (const [name, uid] of Object.entries(uids)) assertUid(number, `${end}.${name}`, uid);
  if (!Number.isInteger(frameNumber) || frameNumber < 1)
    throw new SamepointError('report/bad-value', {
      pair: number,
      name: `${end}.frameNumber`,
      problem: 'is not a whole number from 1',
    });
  if (!covers(columns, column) || !covers(rows, row))
    throw new SamepointError('report/pixel-outside', { pair: number, end, column, row });
}

/** A point on the edge of the image may miss it by the rounding of a change of frame, pixels. */
const EDGE_TOLERANCE = 0.001;

/** An image of n pixels covers [-0.5, n - 0.5] of the pixel index. */
function covers(pixels: number, index: number): boolean {
  return index >= -0.5 - EDGE_TOLERANCE && index <= pixels - 0.5 + EDGE_TOLERANCE;
}

/** One image, one series: the report says each only once, so contradicting points could not be read back. */
function assertConsistent(pairs: readonly Numbered[]): void {
  const known = new Map<string, string>();
  for (const { pair, number } of pairs)
    for (const end of ENDS) {
      const { pixel, studyInstanceUid, seriesInstanceUid, frameOfReferenceUid } = pair[end];
      const said = [studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, pixel.sopClassUid].join('/');
      const before = known.get(pixel.sopInstanceUid);
      if (before !== undefined && before !== said)
        throw new SamepointError('report/contradictory-reference', { pair: number, end });
      known.set(pixel.sopInstanceUid, said);
    }
}
