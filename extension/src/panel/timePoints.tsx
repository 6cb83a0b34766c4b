import { observationOf } from '../lesions/review.ts';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { SeriesChoice, TimePoint } from '../lesions/types.ts';
import { usePanel } from './context.ts';
import { Spoken } from './controls.tsx';
import { ActionIcon } from './icons.tsx';
import type { PanelState } from './model.ts';
import { SubtractionButtons } from './subtraction.tsx';
import type { Words } from '../i18n/words.ts';

/** Lesions that a study shows; those that the reader rejected are none. */
function findingsIn({ lesions }: PanelState, studyInstanceUid: string): number {
  return lesions.filter((lesion) => {
    const observation = observationOf(lesion, studyInstanceUid);
    return observation?.status === 'present' && observation.review !== 'rejected';
  }).length;
}

function chosenSeries({ series, chosen }: TimePoint): SeriesChoice | undefined {
  return series.find(({ seriesInstanceUid }) => seriesInstanceUid === chosen);
}

function readinessText({ readiness }: TimePoint, words: Words['timePoints']): string {
  switch (readiness.state) {
    case 'working':
      return readiness.text === '' ? words.working : readiness.text;
    case 'failed':
      return `${words.failed}: ${readiness.message}`;
    default:
      return words[readiness.state];
  }
}

/** "14-Sep-2026, CT, current, on the screen, 9 findings, covers 96 %, ready". */
function nameOf(point: TimePoint, findings: number, words: Words): string {
  const { timePoints, dateText } = words;
  const coverage = chosenSeries(point)?.coverage;
  const isCovered = !point.isCurrent && coverage !== undefined;
  return [
    dateText(point.date),
    point.modality,
    point.isCurrent ? timePoints.current : '',
    point.isShown ? timePoints.isShown : '',
    timePoints.findings(findings),
    isCovered ? timePoints.coverage(Math.round(coverage * 100)) : '',
    readinessText(point, timePoints),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function Coverage({ point }: { readonly point: TimePoint }): JSX.Element {
  const coverage = point.isCurrent ? 1 : (chosenSeries(point)?.coverage ?? 0);
  return (
    <span data-samepoint="coverage" aria-hidden="true">
      <span style={{ width: `${Math.round(coverage * 100)}%` }} />
    </span>
  );
}

interface CardProps {
  readonly point: TimePoint;
  readonly isOpen: boolean;
  readonly onMenu: (button: HTMLButtonElement) => void;
}

function TimePointCard({ point, isOpen, onMenu }: CardProps): JSX.Element {
  const { state, actions, words } = usePanel();
  const findings = findingsIn(state, point.studyInstanceUid);
  const name = nameOf(point, findings, words);
  const date = words.dateText(point.date);
  return (
    <div data-samepoint="time-point" data-shown={point.isShown} data-current={point.isCurrent}>
      <button
        type="button"
        data-samepoint="time-point-show"
        aria-pressed={point.isShown}
        title={[point.description, name].filter((part) => part !== '').join('\n')}
        onClick={() => {
          actions.show(point.studyInstanceUid);
        }}
      >
        <Spoken>{name}</Spoken>
        <span data-samepoint="date" aria-hidden="true">
          {words.shortDate(point.date)}
        </span>
        <span data-samepoint="time-point-facts" aria-hidden="true">
          <span data-samepoint="readiness" data-state={point.readiness.state} />
          {point.modality}
          <span data-samepoint="count">{findings}</span>
        </span>
        <Coverage point={point} />
      </button>
      <button
        type="button"
        data-samepoint="series-menu"
        aria-expanded={isOpen}
        aria-label={words.timePoints.seriesOf(date)}
        title={words.timePoints.seriesOf(date)}
        onClick={(event) => {
          onMenu(event.currentTarget);
        }}
      >
        <ActionIcon name="menu" />
      </button>
    </div>
  );
}

function SeriesOption({
  point,
  series,
}: {
  readonly point: TimePoint;
  readonly series: SeriesChoice;
}): JSX.Element {
  const { actions, words } = usePanel();
  const { coverage, reasons, isComparable, seriesInstanceUid, title } = series;
  const facts =
    coverage === undefined ? reasons : [words.timePoints.coverage(Math.round(coverage * 100)), ...reasons];
  return (
    <label data-samepoint="series-option" data-comparable={isComparable}>
      <input
        type="radio"
        name={`samepoint-series-${point.studyInstanceUid}`}
        checked={point.chosen === seriesInstanceUid}
        disabled={!isComparable}
        onChange={() => {
          actions.choose(point.studyInstanceUid, seriesInstanceUid);
        }}
      />
      <span>
        <span data-samepoint="series-title">{title}</span>
        <span data-samepoint="series-facts">{facts.join(' · ')}</span>
      </span>
    </label>
  );
}

function SeriesMenu({
  point,
  onClose,
}: {
  readonly point: TimePoint;
  readonly onClose: () => void;
}): JSX.Element {
  const { words } = usePanel();
  const title = words.timePoints.seriesOf(words.dateText(point.date));
  return (
    <fieldset
      data-samepoint="series-choices"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <legend>{title}</legend>
      <button
        type="button"
        data-samepoint="close"
        data-bare
        aria-label={words.timePoints.close}
        onClick={onClose}
      >
        <ActionIcon name="close" />
      </button>
      {point.series.length === 0 ? <p>{words.timePoints.noSeries}</p> : null}
      {point.series.map((series) => (
        <SeriesOption key={series.seriesInstanceUid} point={point} series={series} />
      ))}
    </fieldset>
  );
}

/** The studies of the patient, the oldest first: a click shows one, its menu chooses the series that is compared. */
export function TimePointStrip(): JSX.Element | null {
  const { state, actions, words } = usePanel();
  const [open, setOpen] = useState<string | undefined>(undefined);
  const opener = useRef<HTMLButtonElement | undefined>(undefined);
  if (state.timePoints.length === 0) return null;
  const opened = state.timePoints.find(({ studyInstanceUid }) => studyInstanceUid === open);
  const close = (): void => {
    setOpen(undefined);
    opener.current?.focus();
  };
  return (
    <div data-samepoint="time-points">
      <div data-samepoint="strip" role="group" aria-label={words.timePoints.title}>
        {state.timePoints.map((point) => (
          <TimePointCard
            key={point.studyInstanceUid}
            point={point}
            isOpen={point === opened}
            onMenu={(button) => {
              opener.current = button;
              setOpen(point === opened ? undefined : point.studyInstanceUid);
            }}
          />
        ))}
      </div>
      {opened === undefined ? null : <SeriesMenu point={opened} onClose={close} />}
      {state.canCompare ? (
        <button
          type="button"
          data-samepoint="compare"
          onClick={() => {
            actions.compare();
          }}
        >
          {words.timePoints.compare}
        </button>
      ) : null}
      <SubtractionButtons />
    </div>
  );
}
