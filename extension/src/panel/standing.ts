/**
 * How a lesion stands at a time point, and what the reader can decide about it.
 * @module
 */
import type { Words } from '../i18n/words.ts';
import type { Lesion, LesionSizes, Observation, TimePoint } from '../lesions/types.ts';
import { previousObservation, observationOf } from '../lesions/review.ts';
import { sizeOf } from '../table/size.ts';
import type { ReviewCommand } from './model.ts';

/** One word for what is known and decided. */
export type Standing = keyof Words['standing'];

/** How a lesion stands at a time point. */
export function standingOf(observation: Observation | undefined): Standing {
  if (observation === undefined) return 'waiting';
  const { review, status, carriedOver } = observation;
  if (review === 'rejected') return 'rejected';
  if (review === 'proposed') {
    const verdict = carriedOver?.provenance.verdict ?? 'matched';
    if (verdict !== 'matched') return verdict;
    return status === 'resolved' ? 'proposed-resolved' : 'proposed';
  }
  if (status !== 'present') return status;
  if (review === 'corrected') return 'corrected';
  return carriedOver === undefined ? 'marked' : 'accepted';
}

/** Whether the reader must look at it closely: it is not accepted with the others. */
export function needsConfirmation(standing: Standing): boolean {
  return standing === 'uncertain' || standing === 'absent';
}

const PROPOSALS: ReadonlySet<Standing> = new Set(['proposed', 'proposed-resolved', 'out-of-view']);

/** Whether it waits for the reader. */
export function isUndecided(standing: Standing): boolean {
  return PROPOSALS.has(standing) || needsConfirmation(standing);
}

/** What the reader can decide, the most likely first. */
export function decisionsFor(standing: Standing): readonly ReviewCommand[] {
  const others = ['correct', 'reject', 'resolved', 'notEvaluable'] as const;
  switch (standing) {
    case 'waiting':
      return [];
    case 'proposed':
      return ['accept', ...others];
    case 'uncertain':
      return ['confirm', ...others];
    case 'absent':
      return ['confirm', 'correct', 'reject', 'notEvaluable'];
    case 'proposed-resolved':
    case 'out-of-view':
      return ['accept', 'correct', 'reject', 'notEvaluable'];
    case 'rejected':
      return ['confirm', 'correct'];
    case 'resolved':
      return ['correct', 'reject', 'notEvaluable'];
    case 'not-evaluable':
      return ['correct', 'reject', 'resolved'];
    default:
      return others;
  }
}

/** Whole millimetres of an error radius, never 0. */
export function wholeMm(mm: number): number {
  return Math.max(1, Math.round(mm));
}

/** The error radius to show, mm; undefined once the reader has set the place, and where the scan does not show it. */
export function radiusOf(observation: Observation | undefined): number | undefined {
  const standing = standingOf(observation);
  const isPlaced = standing === 'proposed' || standing === 'uncertain' || standing === 'accepted';
  const mm = isPlaced ? observation?.carriedOver?.provenance.errorRadiusMm : undefined;
  return mm === undefined ? undefined : wholeMm(mm);
}

/** The size of a lesion in the current study, and how it has changed. */
export interface SizeChange {
  /** In the current study, mm; undefined where it is not known. */
  readonly mm: number | undefined;
  /** Of the size at the time point before; undefined where one of them is not known. */
  readonly percent: number | undefined;
  /** True of sizes that the server measured in the images, not of diameters. */
  readonly isApproximate: boolean;
}

function percentOf(mm: number | undefined, from: number | undefined): number | undefined {
  if (mm === undefined || from === undefined || from === 0) return undefined;
  return Math.round((100 * (mm - from)) / from);
}

/** What the server measured of a lesion at both time points; undefined where the place is no longer the one that was measured. */
export function measuredSizes(
  current: Observation | undefined,
  previous: Observation | undefined,
): LesionSizes | undefined {
  if (current === undefined || current.review === 'corrected' || current.review === 'rejected')
    return undefined;
  if (current.carriedOver?.sizes !== undefined) return current.carriedOver.sizes;
  const { carriedOver, review } = previous ?? {};
  const isOfBoth = carriedOver?.fromStudyInstanceUid === current.studyInstanceUid && review !== 'corrected';
  return isOfBoth ? carriedOver.sizes : undefined;
}

function isPresent(observation: Observation | undefined): observation is Observation {
  return observation?.status === 'present' && observation.review !== 'rejected';
}

/** The size of a lesion in a study, and its change since the time point before. */
export function sizeChangeOf(
  lesion: Lesion,
  timePoints: readonly TimePoint[],
  studyInstanceUid: string | undefined,
): SizeChange {
  const current = observationOf(lesion, studyInstanceUid);
  if (!isPresent(current)) return { mm: undefined, percent: undefined, isApproximate: false };
  const previous = previousObservation(lesion, timePoints, studyInstanceUid);
  const mm = sizeOf(lesion, current);
  if (mm === undefined) return approximateChange(measuredSizes(current, previous));
  const from = isPresent(previous) ? sizeOf(lesion, previous) : undefined;
  return { mm, percent: percentOf(mm, from), isApproximate: false };
}

function approximateChange(sizes: LesionSizes | undefined): SizeChange {
  const percent = sizes?.isUnchanged === true ? 0 : percentOf(sizes?.laterMm, sizes?.earlierMm);
  return { mm: sizes?.laterMm, percent, isApproximate: true };
}
