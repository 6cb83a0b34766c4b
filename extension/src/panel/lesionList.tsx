import type { JSX, RefObject, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Lesion } from '../lesions/types.ts';
import { usePanel } from './context.ts';
import { LesionDetails } from './lesionDetails.tsx';
import { LesionRow } from './lesionRow.tsx';
import type { PanelState } from './model.ts';
import { scrollIntoBox } from './scroll.ts';
import { leadingObservation, observationOf } from '../lesions/review.ts';
import { isUndecided, needsConfirmation, standingOf } from './standing.ts';

/** A lesion and its number, which it keeps wherever it stands in the list. */
interface Numbered {
  readonly lesion: Lesion;
  readonly number: number;
}

/** The lesions in the order of the review; those that it does not name follow. */
function inOrder({ lesions, review }: PanelState): readonly Numbered[] {
  const numbered = lesions.map((lesion, index) => ({ lesion, number: index + 1 }));
  const place = new Map(review.order.map((uid, index) => [uid, index]));
  const placeOf = ({ lesion, number }: Numbered): number =>
    place.get(lesion.trackingUid) ?? review.order.length + number;
  return numbered.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** What is new when it was not there before: a lesion, or an answer about it in the current study. */
function answersOf({ lesions, currentStudy }: PanelState): ReadonlyMap<string, string> {
  return new Map(
    lesions.map((lesion) => {
      const hasAnswer = observationOf(lesion, currentStudy) !== undefined;
      return [`${lesion.trackingUid} ${String(hasAnswer)}`, lesion.trackingUid];
    }),
  );
}

function rowOf(list: HTMLElement, trackingUid: string | undefined): HTMLElement | undefined {
  const items = [...list.querySelectorAll<HTMLElement>('[data-samepoint="lesion"]')];
  return items.find((item) => item.dataset['trackingUid'] === trackingUid);
}

function rowButton(item: HTMLElement | undefined): HTMLElement | undefined {
  return item?.querySelector<HTMLElement>('[data-samepoint="lesion-row"]') ?? undefined;
}

/** What the list showed before. */
interface Shown {
  readonly answers: ReadonlyMap<string, string>;
  readonly selected: string | undefined;
}

/** The lesion of the last answer that was not there before; at first all were. */
function newest(answers: ReadonlyMap<string, string>, before: Shown | undefined): string | undefined {
  return [...answers].findLast(([key]) => before?.answers.has(key) === false)?.[1];
}

/**
 * Keeps in view what the reader looks for: the selected lesion, and new answers while he does not work in the list. The keyboard goes
 * along when it was in the list.
 */
function useInView(list: RefObject<HTMLOListElement | null>, state: PanelState): void {
  const { selected } = state.review;
  const before = useRef<Shown | undefined>(undefined);
  // Read before the page is changed: an element that is removed loses the focus.
  const hadFocus = list.current?.contains(document.activeElement) === true;
  useLayoutEffect(() => {
    const last = before.current;
    const answers = answersOf(state);
    before.current = { answers, selected };
    if (list.current === null) return;
    const isSelection = selected !== undefined && selected !== last?.selected;
    const fresh = hadFocus ? undefined : newest(answers, last);
    const item = rowOf(list.current, isSelection ? selected : fresh);
    if (item === undefined) return;
    const box = list.current.closest<HTMLElement>('[data-samepoint="content"]');
    if (box !== null) scrollIntoBox(box, item);
    const isLeft = isSelection && hadFocus && !item.contains(document.activeElement);
    if (isLeft) rowButton(item)?.focus({ preventScroll: true });
  });
}

const STEPS: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index, count) => Math.min(index + 1, count - 1),
  ArrowUp: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** Moves the focus from row to row; keys in the details are not for the list. */
function onArrow(event: TargetedKeyboardEvent<HTMLOListElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-samepoint="lesion-row"]')];
  const index = rows.findIndex((row) => row === event.target);
  const step = STEPS[event.key];
  if (index < 0 || step === undefined) return;
  event.preventDefault();
  rows[step(index, rows.length)]?.focus();
}

interface ItemProps extends Numbered {
  readonly isTabStop: boolean;
  readonly onFocus: () => void;
}

function LesionItem({ lesion, number, isTabStop, onFocus }: ItemProps): JSX.Element {
  const { state, actions } = usePanel();
  const { trackingUid } = lesion;
  const isSelected = state.review.selected === trackingUid;
  const standing = standingOf(leadingObservation(lesion, state.timePoints, state.currentStudy));
  const detailsId = `samepoint-details-${trackingUid}`;
  return (
    <li
      data-samepoint="lesion"
      data-tracking-uid={trackingUid}
      data-standing={standing}
      data-selected={isSelected}
      data-highlighted={state.highlighted === trackingUid}
      data-undecided={isUndecided(standing)}
      data-uncertain={needsConfirmation(standing)}
      onMouseEnter={() => {
        actions.highlight(trackingUid);
      }}
      onMouseLeave={() => {
        actions.highlight(undefined);
      }}
    >
      <LesionRow {...{ lesion, number, isSelected, isTabStop, detailsId, onFocus }} />
      {isSelected ? <LesionDetails lesion={lesion} id={detailsId} /> : null}
    </li>
  );
}

/** The lesions, one line each; the selected one is open. */
export function LesionList(): JSX.Element {
  const { state, actions, words } = usePanel();
  const list = useRef<HTMLOListElement>(null);
  const [focused, setFocused] = useState<string | undefined>(undefined);
  useInView(list, state);
  const rows = inOrder(state);
  const isListed = (uid: string | undefined): boolean =>
    rows.some(({ lesion }) => lesion.trackingUid === uid);
  const candidates = [focused, state.review.selected, rows[0]?.lesion.trackingUid];
  const tabStop = candidates.find(isListed);
  return (
    <ol
      ref={list}
      data-samepoint="lesions"
      aria-label={words.review.lesions}
      onKeyDown={onArrow}
      onFocusOut={() => {
        actions.highlight(undefined);
      }}
    >
      {rows.map(({ lesion, number }) => (
        <LesionItem
          key={lesion.trackingUid}
          lesion={lesion}
          number={number}
          isTabStop={lesion.trackingUid === tabStop}
          onFocus={() => {
            setFocused(lesion.trackingUid);
            actions.highlight(lesion.trackingUid);
          }}
        />
      ))}
    </ol>
  );
}
