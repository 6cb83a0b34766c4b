import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Notice, Search, SeriesWarnings } from '../lesions/activity.ts';
import { usePanel } from './context.ts';
import { ProgressBar } from './controls.tsx';
import { ActionIcon } from './icons.tsx';
import { wholeMm } from './standing.ts';

interface DismissProps {
  readonly about: string;
  readonly onDismiss: () => void;
}

function DismissButton({ about, onDismiss }: DismissProps): JSX.Element {
  const { words } = usePanel();
  const name = words.messages.dismissAbout(about);
  return (
    <button
      type="button"
      data-samepoint="dismiss"
      data-bare
      aria-label={name}
      title={words.messages.dismiss}
      onClick={onDismiss}
    >
      <ActionIcon name="close" />
    </button>
  );
}

/** A failure: the click that it concerns, what happened and what to do, with a button that does it where there is one. */
function NoticeItem({ notice }: { readonly notice: Notice }): JSX.Element {
  const { actions, words } = usePanel();
  const { id, subject, code, message, remedy, mend, detail = '' } = notice;
  return (
    <li data-samepoint="notice" data-code={code}>
      <DismissButton
        about={subject}
        onDismiss={() => {
          actions.dismissNotice(id);
        }}
      />
      <p data-samepoint="notice-message" lang="en" title={detail === '' ? code : `${code}: ${detail}`}>
        {words.messages.about(subject, message)}
      </p>
      <p data-samepoint="notice-remedy" lang="en">
        {remedy}
      </p>
      {mend === undefined ? null : (
        <button
          type="button"
          data-samepoint="mend"
          aria-label={words.messages.about(mend.label, subject)}
          onClick={() => {
            actions.mendNotice(id);
          }}
        >
          {mend.label}
        </button>
      )}
    </li>
  );
}

/** The warnings on a series, in the words of the server. */
function SeriesWarningItem({ warnings }: { readonly warnings: SeriesWarnings }): JSX.Element {
  const { actions } = usePanel();
  const { id, title, messages } = warnings;
  return (
    <li data-samepoint="series-warning">
      <DismissButton
        about={title}
        onDismiss={() => {
          actions.dismissSeriesWarnings(id);
        }}
      />
      <p data-samepoint="series-warning-text" lang="en">
        <strong>{title}</strong> {messages.join(' · ')}
      </p>
    </li>
  );
}

/** A running search: the step of the server, its progress, and a button that cancels it. */
function SearchItem({ search }: { readonly search: Search }): JSX.Element {
  const { actions, words } = usePanel();
  const { id, label, progress, previews = [] } = search;
  const { messages, certainty } = words;
  const radiusMm = Math.max(0, ...previews.map(({ errorRadiusMm }) => errorRadiusMm));
  return (
    <li data-samepoint="search">
      <p data-samepoint="search-text">{messages.about(label, `${progress.text} …`)}</p>
      <button
        type="button"
        data-samepoint="cancel"
        aria-label={messages.cancelSearch(label)}
        onClick={() => {
          actions.cancelSearch(id);
        }}
      >
        {messages.cancel}
      </button>
      {previews.length === 0 ? null : (
        <p data-samepoint="preview">{messages.preview(certainty.radius(wholeMm(radiusMm)))}</p>
      )}
      <ProgressBar label={messages.progressOf(label)} fraction={progress.fraction} />
    </li>
  );
}

/** What happened, and what is going on. Failures are spoken at once, warnings when the reader is idle. */
export function Messages(): JSX.Element {
  const { state, words } = usePanel();
  const { notices, seriesWarnings, searches } = state;
  const region = useRef<HTMLDivElement>(null);
  const isEmpty = notices.length + seriesWarnings.length + searches.length === 0;
  return (
    <div
      ref={region}
      data-samepoint="messages"
      data-empty={isEmpty}
      role="region"
      aria-label={words.messages.title}
      // It scrolls: a keyboard must reach what is below.
      tabIndex={isEmpty ? -1 : 0}
    >
      <div data-samepoint="notices" role="alert">
        <ul aria-label={words.messages.title}>
          {notices.map((notice) => (
            <NoticeItem key={notice.id} notice={notice} />
          ))}
        </ul>
      </div>
      <ul data-samepoint="searches" aria-label={words.messages.searches}>
        {searches.map((search) => (
          <SearchItem key={search.id} search={search} />
        ))}
      </ul>
      <ul data-samepoint="series-warnings" aria-label={words.messages.series} aria-live="polite">
        {seriesWarnings.map((warnings) => (
          <SeriesWarningItem key={warnings.id} warnings={warnings} />
        ))}
      </ul>
    </div>
  );
}
