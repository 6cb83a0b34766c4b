/**
 * Changes of the list of lesions.
 * @module
 */
import { isCounted, observationOf } from './review.ts';
import type { Lesion, Observation } from './types.ts';

/** What becomes of the list. */
export type Change = (lesions: readonly Lesion[]) => readonly Lesion[];

/** A decision of the reader on a lesion, how it is undone and done again. */
export interface Step {
  readonly trackingUid: string;
  readonly undo: Change;
  readonly redo: Change;
}

/** The highest number of the labels that the store gave; 0 where there is none. */
export function highestNumber(items: readonly { readonly label: string }[]): number {
  return Math.max(0, ...items.map(({ label }) => Number(/^Lesion (\d{1,9})$/u.exec(label)?.[1] ?? 0)));
}

/** The change that affects one lesion. */
export function of(trackingUid: string, change: (lesion: Lesion) => Lesion): Change {
  return (lesions) => lesions.map((lesion) => (lesion.trackingUid === trackingUid ? change(lesion) : lesion));
}

/** The change that removes a lesion. */
export function without(trackingUid: string): Change {
  return (lesions) => lesions.filter((lesion) => lesion.trackingUid !== trackingUid);
}

/** A lesion with another observation in a study; without one where it is undefined. */
export function withObservation(
  lesion: Lesion,
  studyInstanceUid: string,
  observation: Observation | undefined,
): Lesion {
  const others = lesion.observations.filter((other) => other.studyInstanceUid !== studyInstanceUid);
  return { ...lesion, observations: observation === undefined ? others : [...others, observation] };
}

/** The tracking UIDs of lesions. */
export function namesOf(lesions: readonly { readonly trackingUid: string }[]): ReadonlySet<string> {
  return new Set(lesions.map(({ trackingUid }) => trackingUid));
}

/** A lesion whose observation in a study is to be saved anew. */
export function unsaved(lesion: Lesion, studyInstanceUid: string | undefined): Lesion {
  const observation = observationOf(lesion, studyInstanceUid);
  if (observation === undefined) return lesion;
  return withObservation(lesion, observation.studyInstanceUid, { ...observation, isSaved: false });
}

/** What the report of a study names: lesions with a tracking UID, and whether the PACS holds them as they are. */
export function countedIn(
  lesions: readonly Lesion[],
  studyInstanceUid: string,
): readonly { readonly trackingUid: string; readonly isSaved: boolean }[] {
  return lesions.flatMap(({ trackingUid, observations }) =>
    observations
      .filter((one) => one.studyInstanceUid === studyInstanceUid && isCounted(one))
      .map(({ isSaved }) => ({ trackingUid, isSaved })),
  );
}

/** Characters of a label, as a report holds them. */
const LABEL_LENGTH = 64;

/** A label as a report can hold it. */
export function cleanLabel(label: string): string {
  return label.replace(/\s+/gu, ' ').trim().slice(0, LABEL_LENGTH);
}

/** The label, with a number where another lesion has it. */
export function uniqueLabel(label: string, lesions: readonly Lesion[]): string {
  const used = new Set(lesions.map((lesion) => lesion.label));
  if (!used.has(label)) return label;
  for (let number = 2; ; number += 1) {
    const suffix = ` (${number})`;
    const candidate = `${label.slice(0, LABEL_LENGTH - suffix.length)}${suffix}`;
    if (!used.has(candidate)) return candidate;
  }
}
