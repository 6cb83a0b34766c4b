/**
 * RECIST 1.1 (Eisenhauer et al., European Journal of Cancer 45, 2009) for lesions with a size at each time point. An aid: whether a
 * non-target lesion has progressed without doubt is for the reader to judge.
 * @module
 */
import type { LesionRole, ObservationStatus } from '../lesions/types.ts';

/** What a time point shows of a lesion, after the reader's decision; undefined where there is none. */
export type Seen =
  | {
      readonly status: ObservationStatus;
      /** The longest diameter, of a lymph node the short axis, mm. */
      readonly mm: number | undefined;
    }
  | undefined;

/** A lesion, and what each time point shows of it, the oldest first. */
export interface FollowedLesion {
  readonly role: LesionRole;
  readonly isNode: boolean;
  readonly seen: readonly Seen[];
}

/** Complete and partial response, stable and progressive disease, not evaluable; without targets, neither complete nor progressive. */
export type TumourResponse = 'CR' | 'PR' | 'SD' | 'PD' | 'NE' | 'non-CR/non-PD';

/** What a time point says of the disease. */
export interface TimePointAssessment {
  readonly isBaseline: boolean;
  /** Of the target diameters, mm; undefined where one of them is missing. */
  readonly sumMm: number | undefined;
  readonly baselineSumMm: number | undefined;
  /** The smallest sum of the earlier time points, the baseline included, mm. */
  readonly nadirSumMm: number | undefined;
  readonly changeFromBaselinePercent: number | undefined;
  /** undefined where the nadir is 0. */
  readonly changeFromNadirPercent: number | undefined;
  /** undefined at the baseline and before it. */
  readonly response: TumourResponse | undefined;
}

/** Short axis below which a lymph node is normal, mm. */
const NORMAL_NODE_MM = 10;
/** Shortest longest diameter of a target, and short axis of one that is a lymph node, mm. */
export const TARGET_MM = 10;
export const TARGET_NODE_MM = 15;
export const MAX_TARGETS = 5;
export const MAX_TARGETS_PER_ORGAN = 2;

/** Growth of the sum that is progression, and the least that it must measure, mm. */
const PROGRESSION_FACTOR = 1.2;
const PROGRESSION_MM = 5;
const RESPONSE_FACTOR = 0.7;
/** Sums of decimal fractions differ from the exact ones by less, mm. */
const ROUNDING_MM = 1e-6;

/** The diameter that a target adds to the sum; one that has disappeared adds 0. */
function targetMm({ seen }: FollowedLesion, index: number): number | undefined {
  const at = seen[index];
  if (at?.status === 'resolved') return 0;
  return at?.status === 'present' ? at.mm : undefined;
}

function sumOf(sizes: readonly (number | undefined)[]): number {
  return sizes.reduce<number>((sum, mm) => sum + (mm ?? 0), 0);
}

function isComplete(sizes: readonly (number | undefined)[]): boolean {
  return sizes.length > 0 && sizes.every((mm) => mm !== undefined);
}

function percentChange(mm: number | undefined, from: number | undefined): number | undefined {
  if (mm === undefined || from === undefined || from === 0) return undefined;
  return (100 * (mm - from)) / from;
}

/**
 * Index of the baseline: the first time point that shows every target with its size or, without targets, every non-target lesion; -1 where
 * none does.
 */
export function baselineIndex(lesions: readonly FollowedLesion[], timePoints: number): number {
  const targets = lesions.filter(({ role }) => role === 'target');
  const followed = targets.length > 0 ? targets : lesions.filter(({ role }) => role === 'non-target');
  if (followed.length === 0) return -1;
  return Array.from({ length: timePoints }, (_, index) => index).findIndex((index) =>
    followed.every(
      ({ seen, role }) =>
        seen[index]?.status === 'present' && (role !== 'target' || seen[index].mm !== undefined),
    ),
  );
}

/** Whether a lesion has disappeared: a lymph node is normal below 10 mm. */
function isGone({ isNode, seen }: FollowedLesion, index: number): boolean {
  const at = seen[index];
  if (at?.status === 'resolved') return true;
  return isNode && at?.status === 'present' && at.mm !== undefined && at.mm < NORMAL_NODE_MM;
}

/** A new lesion counts from where it was seen first; it stays until it is seen to have disappeared. */
function hasNewLesion(lesions: readonly FollowedLesion[], baseline: number, index: number): boolean {
  return lesions.some(({ role, seen }) => {
    if (role !== 'new' || seen.slice(0, baseline + 1).some((at) => at?.status === 'present')) return false;
    const last = seen
      .slice(0, index + 1)
      .findLast((at) => at?.status === 'present' || at?.status === 'resolved');
    return last?.status === 'present';
  });
}

function nonTargetResponse(
  lesions: readonly FollowedLesion[],
  index: number,
): 'CR' | 'NE' | 'non-CR/non-PD' | undefined {
  const nonTargets = lesions.filter(({ role }) => role === 'non-target');
  if (nonTargets.length === 0) return undefined;
  if (nonTargets.every((lesion) => isGone(lesion, index))) return 'CR';
  const isSeen = ({ seen }: FollowedLesion): boolean =>
    seen[index]?.status === 'present' || seen[index]?.status === 'resolved';
  return nonTargets.every(isSeen) ? 'non-CR/non-PD' : 'NE';
}

/** What the targets of a time point are compared with. */
interface Reference {
  readonly baselineSumMm: number;
  readonly nadirSumMm: number;
  /** Whether all targets had disappeared at an earlier time point. */
  readonly wasComplete: boolean;
}

/** Progression of the targets: 20 % and 5 mm above the nadir, or the return of one after all had disappeared. */
function isProgression(targets: readonly FollowedLesion[], index: number, reference: Reference): boolean {
  const { nadirSumMm, wasComplete } = reference;
  // Those that are missing could only add to it.
  const sumMm = sumOf(targets.map((target) => targetMm(target, index)));
  const growthMm = sumMm - nadirSumMm;
  if (growthMm >= PROGRESSION_MM - ROUNDING_MM && sumMm >= PROGRESSION_FACTOR * nadirSumMm - ROUNDING_MM)
    return true;
  return wasComplete && targets.some(({ isNode, seen }) => !isNode && seen[index]?.status === 'present');
}

function targetResponse(
  targets: readonly FollowedLesion[],
  index: number,
  reference: Reference,
): 'CR' | 'PR' | 'SD' | 'PD' | 'NE' {
  if (isProgression(targets, index, reference)) return 'PD';
  const sizes = targets.map((target) => targetMm(target, index));
  if (!isComplete(sizes)) return 'NE';
  if (targets.every((target) => isGone(target, index))) return 'CR';
  return sumOf(sizes) <= RESPONSE_FACTOR * reference.baselineSumMm + ROUNDING_MM ? 'PR' : 'SD';
}

/** Tables 1 and 2 of the guideline. */
function overallResponse(
  ofTargets: 'CR' | 'PR' | 'SD' | 'PD' | 'NE' | undefined,
  ofNonTargets: 'CR' | 'NE' | 'non-CR/non-PD' | undefined,
  isNew: boolean,
): TumourResponse {
  if (isNew || ofTargets === 'PD') return 'PD';
  if (ofTargets === undefined) return ofNonTargets ?? 'NE';
  if (ofTargets === 'CR' && ofNonTargets !== undefined && ofNonTargets !== 'CR') return 'PR';
  return ofTargets;
}

const NOT_ASSESSED: TimePointAssessment = {
  isBaseline: false,
  sumMm: undefined,
  baselineSumMm: undefined,
  nadirSumMm: undefined,
  changeFromBaselinePercent: undefined,
  changeFromNadirPercent: undefined,
  response: undefined,
};

/** The assessment of each time point, the oldest first. */
export function assess(
  lesions: readonly FollowedLesion[],
  timePoints: number,
): readonly TimePointAssessment[] {
  const targets = lesions.filter(({ role }) => role === 'target');
  const baseline = baselineIndex(lesions, timePoints);
  const assessed: TimePointAssessment[] = [];
  let reference: Reference | undefined;
  for (let index = 0; index < timePoints; index += 1) {
    const sizes = targets.map((target) => targetMm(target, index));
    const sumMm = isComplete(sizes) ? sumOf(sizes) : undefined;
    if (baseline < 0 || index < baseline) {
      assessed.push({ ...NOT_ASSESSED, sumMm });
      continue;
    }
    const ofTargets = reference && targetResponse(targets, index, reference);
    const ofNonTargets = nonTargetResponse(lesions, index);
    assessed.push({
      isBaseline: index === baseline,
      sumMm,
      baselineSumMm: reference?.baselineSumMm,
      nadirSumMm: reference?.nadirSumMm,
      changeFromBaselinePercent: percentChange(sumMm, reference?.baselineSumMm),
      changeFromNadirPercent: percentChange(sumMm, reference?.nadirSumMm),
      response:
        index === baseline
          ? undefined
          : overallResponse(ofTargets, ofNonTargets, hasNewLesion(lesions, baseline, index)),
    });
    if (sumMm !== undefined) reference = nextReference(reference, sumMm, ofTargets);
  }
  return assessed;
}

function nextReference(
  reference: Reference | undefined,
  sumMm: number,
  ofTargets: TumourResponse | undefined,
): Reference {
  return {
    baselineSumMm: reference?.baselineSumMm ?? sumMm,
    nadirSumMm: Math.min(reference?.nadirSumMm ?? sumMm, sumMm),
    wasComplete: reference?.wasComplete === true || ofTargets === 'CR',
  };
}
