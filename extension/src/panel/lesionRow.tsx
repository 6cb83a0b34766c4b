import type { JSX } from 'preact';
import type { Words } from '../i18n/words.ts';
import type { Lesion } from '../lesions/types.ts';
import { usePanel } from './context.ts';
import { Spoken } from './controls.tsx';
import { StandingIcon } from './icons.tsx';
import { leadingObservation, radiusOf, sizeChangeOf, standingOf, wholeMm } from './standing.ts';
import type { SizeChange, Standing } from './standing.ts';
import { changeText } from './wording.ts';

/** What a row says of its lesion. */
interface RowFacts {
  readonly number: number;
  readonly label: string;
  readonly standing: Standing;
  readonly radiusMm: number | undefined;
  readonly size: SizeChange;
}

/** "3, Liver S7, uncertain, check, ± 8 mm, 24 mm, 12 % larger": the whole row, for a screen reader. */
function spokenRow({ number, label, standing, radiusMm, size }: RowFacts, words: Words): string {
  const mm = size.mm === undefined ? undefined : wholeMm(size.mm);
  const sizeText =
    mm === undefined ? '' : size.isApproximate ? words.size.about(mm) : words.size.mm(String(mm));
  return [
    String(number),
    label,
    words.standing[standing],
    radiusMm === undefined ? '' : words.certainty.radius(radiusMm),
    sizeText,
    changeText(size, words),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** "▲12", in percent: the direction has a shape of its own. */
function ChangeCell({ percent }: SizeChange): JSX.Element {
  if (percent === undefined) return <span data-samepoint="change" />;
  const direction = percent === 0 ? 'same' : percent > 0 ? 'grown' : 'shrunk';
  const sign = { same: '=', grown: '▲', shrunk: '▼' }[direction];
  return (
    <span data-samepoint="change" data-direction={direction}>
      {percent === 0 ? sign : `${sign}${Math.abs(percent)}`}
    </span>
  );
}

function SizeCell({ mm, isApproximate }: SizeChange): JSX.Element {
  const text = mm === undefined ? '' : `${isApproximate ? '≈' : ''}${wholeMm(mm)}`;
  return <span data-samepoint="size">{text}</span>;
}

interface RowProps {
  readonly lesion: Lesion;
  readonly number: number;
  readonly isSelected: boolean;
  /** Whether the Tab key reaches this row; the arrow keys reach the others. */
  readonly isTabStop: boolean;
  readonly detailsId: string;
  readonly onFocus: () => void;
}

/** The line of a lesion: its number, name, state, error radius, size and change. */
export function LesionRow({
  lesion,
  number,
  isSelected,
  isTabStop,
  detailsId,
  onFocus,
}: RowProps): JSX.Element {
  const { state, actions, words } = usePanel();
  const { trackingUid, label } = lesion;
  const observation = leadingObservation(lesion, state.timePoints, state.currentStudy);
  const standing = standingOf(observation);
  const radiusMm = radiusOf(observation);
  const size = sizeChangeOf(lesion, state.timePoints, state.currentStudy);
  return (
    <button
      type="button"
      data-samepoint="lesion-row"
      tabIndex={isTabStop ? 0 : -1}
      aria-expanded={isSelected}
      aria-controls={isSelected ? detailsId : undefined}
      title={`${label}: ${words.standing[standing]}`}
      onFocus={onFocus}
      onClick={() => {
        // A click on the one that is open shows it again.
        if (isSelected) actions.goTo(trackingUid);
        else actions.select(trackingUid);
      }}
    >
      <Spoken>{spokenRow({ number, label, standing, radiusMm, size }, words)}</Spoken>
      <span data-samepoint="row-cells" aria-hidden="true">
        <span data-samepoint="number">{number}</span>
        <StandingIcon standing={standing} />
        <span data-samepoint="name">{label}</span>
        <span data-samepoint="radius">{radiusMm === undefined ? '' : `± ${radiusMm}`}</span>
        <SizeCell {...size} />
        <ChangeCell {...size} />
      </span>
    </button>
  );
}
