/**
 * The studies that wait, as a value: which of them is due, and what becomes of one that has failed.
 * @module
 */
import type { ArrivalState, PendingStudy } from './state.ts';

const MINUTE_MS = 60_000;
/** A study that fails is tried again after a minute, then two, four ..., ms. */
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;
/** Attempts until a study is given up: those of about three hours. */
const MAX_ATTEMPTS = 8;

/** What is known of a study that has changed. */
export interface Change {
  readonly study: string;
  /** See {@link PendingStudy}. */
  readonly changedAtMs: number;
}

/** The studies with a change: one that waits already has its turn, and waits until it changes no more. */
export function withChange(pending: readonly PendingStudy[], change: Change): readonly PendingStudy[] {
  const isKnown = pending.some(({ study }) => study === change.study);
  if (!isKnown) return [...pending, { ...change, attempts: 0, notBeforeMs: 0 }];
  return pending.map((one) =>
    one.study === change.study ? { ...one, ...change, attempts: 0, notBeforeMs: 0 } : one,
  );
}

/** When a study is complete enough to begin with. */
export interface DueOptions {
  readonly nowMs: number;
  /** Time without a change, ms. */
  readonly settleMs: number;
}

function isDue(
  { changedAtMs, notBeforeMs, openedAtMs }: PendingStudy,
  { nowMs, settleMs }: DueOptions,
): boolean {
  if (nowMs < notBeforeMs && notBeforeMs - nowMs <= LONGEST_PAUSE_MS) return false;
  const ageMs = nowMs - changedAtMs;
  // A clock that was set back must not hold a study up.
  return openedAtMs !== undefined || ageMs >= settleMs || ageMs < 0;
}

/** The next study that is due: those that a reader has opened first, the last one first; then in their order. */
export function nextDue(
  pending: readonly PendingStudy[],
  isRunning: (study: string) => boolean,
  options: DueOptions,
): PendingStudy | undefined {
  const due = pending.filter((one) => !isRunning(one.study) && isDue(one, options));
  const opened = due.filter(({ openedAtMs }) => openedAtMs !== undefined);
  const latest = opened.sort((one, other) => (other.openedAtMs ?? 0) - (one.openedAtMs ?? 0))[0];
  return latest ?? due[0];
}

/** A reader has opened a study: where it waits, it is next. */
export function withOpened(
  pending: readonly PendingStudy[],
  study: string,
  nowMs: number,
): readonly PendingStudy[] {
  return pending.map((one) => (one.study === study ? { ...one, openedAtMs: nowMs, notBeforeMs: 0 } : one));
}

/** A study that has failed: later, or undefined where it is given up. */
export function afterFailure(entry: PendingStudy, nowMs: number): PendingStudy | undefined {
  const attempts = entry.attempts + 1;
  if (attempts >= MAX_ATTEMPTS) return undefined;
  const pauseMs = Math.min(MINUTE_MS * 2 ** entry.attempts, LONGEST_PAUSE_MS);
  return { ...entry, attempts, notBeforeMs: nowMs + pauseMs };
}

/** The state with another entry in the place of that of the same study, or without it. */
export function withEntry(state: ArrivalState, study: string, entry: PendingStudy | undefined): ArrivalState {
  const pending = state.pending.flatMap((one) => {
    if (one.study !== study) return [one];
    return entry === undefined ? [] : [entry];
  });
  return { ...state, pending };
}
