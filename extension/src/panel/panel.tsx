import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { Words } from '../i18n/words.ts';
import { CarryOverBar } from './carryOverBar.tsx';
import { PanelContext, usePanel } from './context.ts';
import { CommandButton } from './controls.tsx';
import { Footer } from './footer.tsx';
import { ActionIcon } from './icons.tsx';
import { LesionList } from './lesionList.tsx';
import { Messages } from './messages.tsx';
import type { PanelActions, PanelState } from './model.ts';
import { hasSeenOnboarding, Onboarding } from './onboarding.tsx';
import { TableView } from './tableView.tsx';
import { TimePointStrip } from './timePoints.tsx';

const VIEWS = ['list', 'table'] as const;
type View = (typeof VIEWS)[number];

/** How far the review is: "3 of 9", spoken when it changes. */
function ReviewProgress(): JSX.Element | null {
  const { state, words } = usePanel();
  const { decided, total } = state.review;
  if (total === 0) return null;
  return (
    <span data-samepoint="review-progress">
      <CommandButton command="previous" icon={<ActionIcon name="previous" />} />
      <span role="status" title={words.review.decidedLong(decided, total)}>
        {words.review.decided(decided, total)}
      </span>
      <CommandButton command="next" icon={<ActionIcon name="next" />} />
    </span>
  );
}

interface HeaderProps {
  readonly view: View;
  readonly onView: (view: View) => void;
}

/** The same as a line; the number beside it is what a screen reader reads. */
function ReviewBar(): JSX.Element | null {
  const { decided, total } = usePanel().state.review;
  if (total === 0) return null;
  return (
    <span data-samepoint="review-bar" aria-hidden="true">
      <span style={{ width: `${Math.round((100 * decided) / total)}%` }} />
    </span>
  );
}

function Header({ view, onView }: HeaderProps): JSX.Element {
  const { words } = usePanel();
  return (
    <div data-samepoint="header">
      <div data-samepoint="views" role="group" aria-label={words.review.view}>
        {VIEWS.map((name) => (
          <button
            key={name}
            type="button"
            data-samepoint={`view-${name}`}
            aria-pressed={name === view}
            onClick={() => {
              onView(name);
            }}
          >
            {words.review[name]}
          </button>
        ))}
      </div>
      <ReviewProgress />
    </div>
  );
}

/** What the numbers of the rows are; a screen reader hears it with each row. */
function Columns(): JSX.Element {
  const { review } = usePanel().words;
  return (
    <div data-samepoint="columns" aria-hidden="true">
      <span>{review.columnLesion}</span>
      <span>{review.columnRadius}</span>
      <span>{review.columnSize}</span>
      <span>{review.columnChange}</span>
    </div>
  );
}

function Lesions(): JSX.Element {
  const { state, words } = usePanel();
  if (state.lesions.length === 0) return <p data-samepoint="hint">{words.review.empty}</p>;
  return (
    <>
      <Columns />
      <LesionList />
    </>
  );
}

/** Keys that work a control, or scroll: the viewer has hotkeys on some of them. */
const OWN_KEYS = new Set(['Enter', ' ', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End']);

/** Keeps from the viewer's hotkeys what is typed, and what works a control. The keys of the review pass. */
function keepKeys(event: TargetedKeyboardEvent<HTMLElement>): void {
  const { target, key } = event;
  const isField =
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement;
  if (isField || OWN_KEYS.has(key)) event.stopPropagation();
}

interface PanelProps {
  readonly state: PanelState;
  readonly actions: PanelActions;
  readonly words: Words;
}

/** The panel "Samepoint". */
export function Panel(props: PanelProps): JSX.Element {
  const [view, setView] = useState<View>('list');
  const [isNew, setNew] = useState(() => !hasSeenOnboarding());
  return (
    <PanelContext.Provider value={props}>
      <section data-samepoint="panel" aria-label="Samepoint" lang={props.words.language} onKeyDown={keepKeys}>
        <TimePointStrip />
        <CarryOverBar />
        <Messages />
        <Header view={view} onView={setView} />
        <ReviewBar />
        <div data-samepoint="content">
          {isNew ? (
            <Onboarding
              onDone={() => {
                setNew(false);
              }}
            />
          ) : null}
          {view === 'list' ? <Lesions /> : <TableView />}
        </div>
        <Footer
          onHelp={() => {
            setNew(!isNew);
          }}
        />
      </section>
    </PanelContext.Provider>
  );
}
