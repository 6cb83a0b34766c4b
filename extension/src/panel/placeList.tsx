import { observationOf } from '../lesions/review.ts';
import type { JSX } from 'preact';
import type { Lesion, TimePoint } from '../lesions/types.ts';
import { sizeOf } from '../table/size.ts';
import { usePanel } from './context.ts';
import { Spoken } from './controls.tsx';
import { StandingIcon } from './icons.tsx';
import { isUndecided, radiusOf, standingOf } from './standing.ts';
import { mmText } from './wording.ts';

interface PlaceProps {
  readonly lesion: Lesion;
  readonly point: TimePoint;
}

/** What can be done about a place: go to it, show its series first where that is not on the screen, or mark it where there is none. */
function PlaceButton({ lesion, point }: PlaceProps): JSX.Element | null {
  const { actions, words } = usePanel();
  const { review, dateText } = words;
  const { trackingUid, label } = lesion;
  const { studyInstanceUid, isShown } = point;
  const hasPlace = observationOf(lesion, studyInstanceUid)?.place !== undefined;
  const choice = !isShown ? 'show' : hasPlace ? 'goTo' : 'place';
  const act = {
    show: () => {
      actions.show(studyInstanceUid);
    },
    goTo: () => {
      actions.goTo(trackingUid, studyInstanceUid);
    },
    place: () => {
      actions.place(trackingUid, studyInstanceUid);
    },
  }[choice];
  const name = review.about(review[choice], label, dateText(point.date));
  return (
    <button type="button" data-samepoint={`place-${choice}`} aria-label={name} onClick={act}>
      {review[choice]}
    </button>
  );
}

/** The series that an answer is about: a study may hold several, and "not in this scan" is true of one. */
function seriesTitle({ series }: TimePoint, seriesInstanceUid: string | undefined): string | undefined {
  return series.find((one) => one.seriesInstanceUid === seriesInstanceUid)?.title;
}

function PlaceItem({ lesion, point }: PlaceProps): JSX.Element {
  const { words } = usePanel();
  const observation = observationOf(lesion, point.studyInstanceUid);
  const standing = standingOf(observation);
  const mm = observation === undefined ? undefined : sizeOf(lesion, observation);
  const radiusMm = radiusOf(observation);
  const facts = [
    isUndecided(standing) && radiusMm !== undefined ? words.certainty.radius(radiusMm) : '',
    mm === undefined ? '' : words.size.mm(mmText(mm, words)),
  ];
  const series = seriesTitle(point, observation?.series.seriesInstanceUid ?? point.chosen);
  return (
    <li data-samepoint="place" data-current={point.isCurrent}>
      <span data-samepoint="date">{words.dateText(point.date)}</span>
      <span title={words.standing[standing]}>
        <StandingIcon standing={standing} />
        <Spoken>{words.standing[standing]}</Spoken>
      </span>
      <span data-samepoint="place-size">{facts.filter((fact) => fact !== '').join(' · ')}</span>
      <PlaceButton lesion={lesion} point={point} />
      {series === undefined ? null : <span data-samepoint="place-series">{series}</span>}
    </li>
  );
}

/** Where each time point shows a lesion, the newest first. */
export function PlaceList({ lesion }: { readonly lesion: Lesion }): JSX.Element {
  const { state, words } = usePanel();
  return (
    <ul data-samepoint="places" aria-label={words.timePoints.title}>
      {state.timePoints.toReversed().map((point) => (
        <PlaceItem key={point.studyInstanceUid} lesion={lesion} point={point} />
      ))}
    </ul>
  );
}
