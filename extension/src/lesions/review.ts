/**
 * The review of a study: what a decision makes of an observation, and which lesion comes next.
 * @module
 */
import type { Axes, Lps } from '../wire.ts';
import { isUncertain } from './certainty.ts';
import { omit } from './omit.ts';
import type { Diameter, Lesion, Observation, TimePoint } from './types.ts';

/** What the reader decides on an observation without marking a place. */
export type Decision = 'accept' | 'confirm' | 'resolved' | 'notEvaluable' | 'reject';

/** What a decision makes of an observation, or why it cannot be. */
export type Decided =
  | { readonly observation: Observation }
  /** `uncertain`: needs `confirm`; `no-place`: the place has to be marked first. */
  | { readonly refusal: 'uncertain' | 'no-place' };

/** Where the reader is in the review. */
export interface ReviewOrder {
  readonly order: readonly string[];
  readonly decided: number;
  readonly total: number;
}

/** The observation of a lesion in a study. */
export function observationOf(
  lesion: Lesion | undefined,
  studyInstanceUid: string | undefined,
): Observation | undefined {
  return lesion?.observations.find((observation) => observation.studyInstanceUid === studyInstanceUid);
}

/** The last earlier time point that shows a lesion. @param timePoints oldest first */
export function previousObservation(
  lesion: Lesion,
  timePoints: readonly Pick<TimePoint, 'studyInstanceUid'>[],
  studyInstanceUid: string | undefined,
): Observation | undefined {
  const at = timePoints.findIndex((point) => point.studyInstanceUid === studyInstanceUid);
  return timePoints
    .slice(0, Math.max(0, at))
    .map((point) => observationOf(lesion, point.studyInstanceUid))
    .findLast((observation) => observation !== undefined && observation.review !== 'rejected');
}

/**
 * The observation that the reader decides on: that of the current study or, where the reader marked the place himself, the latest of those
 * that were found from it and wait for a decision.
 */
export function leadingObservation(
  lesion: Lesion,
  timePoints: readonly Pick<TimePoint, 'studyInstanceUid'>[],
  studyInstanceUid: string | undefined,
): Observation | undefined {
  const current = observationOf(lesion, studyInstanceUid);
  const isMarked = current?.carriedOver === undefined && current?.status === 'present' && isCounted(current);
  if (!isMarked) return current;
  const found = timePoints
    .map((point) => observationOf(lesion, point.studyInstanceUid))
    .findLast(
      (one) => one?.review === 'proposed' && one.carriedOver?.fromStudyInstanceUid === studyInstanceUid,
    );
  return found ?? current;
}

/** True for an observation that counts: it is written into the report of its study. */
export function isCounted({ review }: Observation): boolean {
  return review === 'accepted' || review === 'corrected';
}

/** The diameter between two ends. */
export function diameterOf(ends: readonly [Lps, Lps]): Diameter {
  const [a, b] = ends;
  return { mm: Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]), ends };
}

/** Diameters that were fitted to the edge of the lesion count with the place; those that were only turned do not. */
function fittedDiameters(axes: Axes | undefined): Pick<Observation, 'longAxis' | 'shortAxis'> {
  if (axes?.isFitted !== true) return {};
  const { longAxis, shortAxis } = axes;
  return {
    longAxis: diameterOf(longAxis),
    ...(shortAxis === undefined ? {} : { shortAxis: diameterOf(shortAxis) }),
  };
}

function accepted(observation: Observation): Observation {
  if (isCounted(observation)) return observation;
  const { status, longAxis, carriedOver } = observation;
  const diameters = status === 'present' && longAxis === undefined ? fittedDiameters(carriedOver?.axes) : {};
  return { ...observation, ...diameters, review: 'accepted', isSaved: false };
}

function withStatus(observation: Observation, status: 'resolved' | 'not-evaluable'): Observation {
  if (observation.status === status) return accepted(observation);
  // Only what is present has diameters.
  return {
    ...omit(observation, 'longAxis', 'shortAxis', 'measuredBy'),
    status,
    review: 'corrected',
    isSaved: false,
  };
}

/** What a decision makes of an observation. */
export function decideOn(observation: Observation, decision: Decision): Decided {
  switch (decision) {
    case 'accept':
      if (isUncertain(observation) && !isCounted(observation)) return { refusal: 'uncertain' };
      return { observation: accepted(observation) };
    case 'confirm':
      return { observation: accepted(observation) };
    case 'resolved':
      if (observation.place === undefined) return { refusal: 'no-place' };
      return { observation: withStatus(observation, 'resolved') };
    case 'notEvaluable':
      return { observation: withStatus(observation, 'not-evaluable') };
    case 'reject':
      return { observation: { ...observation, review: 'rejected', isSaved: false } };
  }
}

/** The study that is reviewed, and the patient's time points, the oldest first. */
export interface Reviewed {
  readonly study: string | undefined;
  readonly timePoints: readonly Pick<TimePoint, 'studyInstanceUid'>[];
}

/** True for a lesion that waits for a decision: in the study or, where the reader marked it there, in those in which it was looked for. */
function isWaiting(lesion: Lesion | undefined, { study, timePoints }: Reviewed): boolean {
  return lesion !== undefined && leadingObservation(lesion, timePoints, study)?.review === 'proposed';
}

/** The lesions of a study in the order of their review: what must be looked at closely first, then as they are listed. */
export function reviewOrder(lesions: readonly Lesion[], reviewed: Reviewed): ReviewOrder {
  const listed = lesions.flatMap((lesion) => {
    const observation = observationOf(lesion, reviewed.study);
    return observation === undefined ? [] : [{ uid: lesion.trackingUid, lesion, observation }];
  });
  // The verdict stays with an observation that is decided on, so the order does not change under the reader.
  const uncertain = listed.filter(({ observation }) => isUncertain(observation));
  const others = listed.filter(({ observation }) => !isUncertain(observation));
  return {
    order: [...uncertain, ...others].map(({ uid }) => uid),
    decided: listed.filter(({ lesion }) => !isWaiting(lesion, reviewed)).length,
    total: listed.length,
  };
}

/** The lesion before or after the selected one; round at the end. The first where none is selected. */
export function neighbourOf(
  order: readonly string[],
  selected: string | undefined,
  step: 1 | -1,
): string | undefined {
  const at = selected === undefined ? -1 : order.indexOf(selected);
  if (at === -1) return step === 1 ? order[0] : order.at(-1);
  return order.at((at + step) % order.length);
}

/**
 * The lesion to decide on next: the selected one while it waits, then those after it, round at the end; undefined where all are decided
 * on.
 */
export function nextUndecided(
  lesions: readonly Lesion[],
  reviewed: Reviewed,
  selected: string | undefined,
): string | undefined {
  const { order } = reviewOrder(lesions, reviewed);
  const at = Math.max(0, selected === undefined ? 0 : order.indexOf(selected));
  return [...order.slice(at), ...order.slice(0, at)].find((uid) =>
    isWaiting(
      lesions.find(({ trackingUid }) => trackingUid === uid),
      reviewed,
    ),
  );
}
