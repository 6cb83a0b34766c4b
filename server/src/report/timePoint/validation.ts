/**
 * Strict when writing: what the report of a time point could get wrong is refused before a byte is written.
 * @module
 */
import { isUid, numberOf, stringOf } from '../../dicom/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { CodedConcept } from '../../contentTree/index.ts';
import type { SeriesPoint } from '../types.ts';
import type { InstanceAttributes } from '../../documents/index.ts';
import { PROVENANCE_NAME } from '../validation.ts';
import { labelProblem } from '../../documents/index.ts';
import type { CarriedOver, Diameter, LesionObservation, TimePointReportRequest } from './types.ts';

/** Checks a request. @throws SamepointError report/no-pairs, incomplete-context, bad-observation */
export function assertTimePoint({
  observations,
  image,
  timePoint,
  assessment,
  predecessors = [],
}: TimePointReportRequest): void {
  const study = stringOf(image, 'StudyInstanceUID');
  if (study === undefined || !isUid(study))
    throw new SamepointError('report/incomplete-context', { missing: ['StudyInstanceUID'] });
  if (timePoint.name.trim() === '')
    throw new SamepointError('report/incomplete-context', { missing: ['the name of the time point'] });
  if (assessment !== undefined && !Object.values(assessment).every(isFact))
    throw new SamepointError('report/incomplete-context', { missing: ['numbers of the assessment'] });
  if (observations.length === 0 && predecessors.length === 0) throw new SamepointError('report/no-pairs', {});
  const known = new Set<string>();
  for (const [index, observation] of observations.entries()) {
    const problem = problemOf(observation, image) ?? repeated(observation, known);
    if (problem !== undefined)
      throw new SamepointError('report/bad-observation', { observation: index + 1, problem });
    known.add(observation.trackingUid);
  }
}

function isFact(value: unknown): boolean {
  return typeof value !== 'number' || Number.isFinite(value);
}

/** Stock OHIF omits the second of two equal ones. */
function repeated({ trackingUid }: LesionObservation, known: ReadonlySet<string>): string | undefined {
  return known.has(trackingUid) ? 'has the Tracking Unique Identifier of another one' : undefined;
}

function problemOf(observation: LesionObservation, image: InstanceAttributes): string | undefined {
  const { trackingUid, label, finding, site, place, longAxis, shortAxis } = observation;
  // Of a lesion that another program followed: it keeps the UID that it has, whatever it looks like.
  if (!isUid(trackingUid)) return 'has no well-formed Tracking Unique Identifier';
  const ofLabel = labelProblem(label);
  if (ofLabel !== undefined) return `has a label that ${ofLabel}`;
  if (place !== undefined && place.studyInstanceUid !== stringOf(image, 'StudyInstanceUID'))
    return 'lies in another study';
  return (
    codeProblem('finding', finding) ??
    codeProblem('site', site) ??
    statusProblem(observation) ??
    axesProblem(longAxis, shortAxis) ??
    carriedOverProblem(observation.carriedOver) ??
    (place === undefined ? undefined : placeProblem(place, [longAxis, shortAxis], image))
  );
}

/** Code Value and Coding Scheme Designator are SH (PS3.5 6.2). */
const SHORT_TEXT = /^[^\\\p{Cc}\p{Cs}]{1,16}$/u;

function codeProblem(name: string, concept: CodedConcept | undefined): string | undefined {
  if (concept === undefined) return undefined;
  const { value, scheme, meaning } = concept;
  const isCode = SHORT_TEXT.test(value) && SHORT_TEXT.test(scheme) && labelProblem(meaning) === undefined;
  return isCode ? undefined : `has a ${name} that is no code of value, scheme and meaning`;
}

function statusProblem({ status, place, longAxis }: LesionObservation): string | undefined {
  if (longAxis !== undefined && status !== 'present') return `is ${status}, and has a diameter`;
  if (status === 'not-covered' && place !== undefined) return 'is not-covered, and has a place';
  if ((status === 'present' || status === 'resolved') && place === undefined)
    return `is ${status}, and has no place`;
  return undefined;
}

function axesProblem(long: Diameter | undefined, short: Diameter | undefined): string | undefined {
  if (short !== undefined && long === undefined) return 'has a short axis without a long one';
  if (short !== undefined && long !== undefined && short.mm > long.mm)
    return 'has a short axis that is longer than the long one';
  const areLengths = [long, short].every(
    (axis) => axis === undefined || (Number.isFinite(axis.mm) && axis.mm > 0),
  );
  return areLengths ? undefined : 'has a diameter that is no length';
}

function carriedOverProblem(carriedOver: CarriedOver | undefined): string | undefined {
  if (carriedOver === undefined) return undefined;
  const { fromStudyInstanceUid, provenance } = carriedOver;
  const { model, method, step, errorRadiusMm } = provenance;
  const areNames = [model.id, model.version, method, step].every((name) => PROVENANCE_NAME.test(name));
  return isUid(fromStudyInstanceUid) && areNames && Number.isFinite(errorRadiusMm)
    ? undefined
    : 'does not say where its place comes from';
}

function placeProblem(
  place: SeriesPoint,
  axes: readonly (Diameter | undefined)[],
  image: InstanceAttributes,
): string | undefined {
  const { seriesInstanceUid, frameOfReferenceUid, lps, pixel } = place;
  const uids = [seriesInstanceUid, frameOfReferenceUid, pixel.sopClassUid, pixel.sopInstanceUid];
  if (!uids.every(isUid)) return 'names an image by something that is no UID';
  if (![...lps, pixel.offPlaneMm].every(Number.isFinite)) return 'lies nowhere in the patient';
  const ends = axes.flatMap((axis) => axis?.ends ?? []);
  const points = [[pixel.column, pixel.row] as const, ...ends];
  return points.every(([column, row]) => isInside(column, row, place, image))
    ? undefined
    : 'lies outside its image';
}

/** An image of n pixels covers [-0.5, n - 0.5] of the pixel index. Sizes of other series are not known here. */
function isInside(column: number, row: number, place: SeriesPoint, image: InstanceAttributes): boolean {
  const isSameSeries = stringOf(image, 'SeriesInstanceUID') === place.seriesInstanceUid;
  const columns = (isSameSeries ? numberOf(image, 'Columns') : undefined) ?? Infinity;
  const rows = (isSameSeries ? numberOf(image, 'Rows') : undefined) ?? Infinity;
  return (
    Number.isFinite(column) &&
    Number.isFinite(row) &&
    Math.min(column, row) >= -0.5 &&
    column <= columns - 0.5 &&
    row <= rows - 0.5
  );
}
