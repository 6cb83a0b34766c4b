import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Words } from '../i18n/words.ts';
import type { Lesion, LesionRole, Observation } from '../lesions/types.ts';
import { usePanel } from './context.ts';
import { CommandButton } from './controls.tsx';
import { ActionIcon } from './icons.tsx';
import type { ReviewCommand } from './model.ts';
import { PlaceList } from './placeList.tsx';
import { leadingObservation, previousObservation, observationOf } from '../lesions/review.ts';
import { decisionsFor, measuredSizes, standingOf } from './standing.ts';
import { axesText, certaintyText, decimalText, sizesText } from './wording.ts';

/** Characters of a label, as a report holds them. */
const LABEL_LENGTH = 64;
const ROLES: readonly LesionRole[] = ['target', 'non-target', 'new', 'not-followed'];

/** The name of a lesion: what is being typed is not overwritten, Escape restores it. */
function LabelField({ lesion }: { readonly lesion: Lesion }): JSX.Element {
  const { actions, words } = usePanel();
  const { trackingUid, label } = lesion;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const field = input.current;
    if (field !== null && document.activeElement !== field) field.value = label;
  }, [label]);
  return (
    <input
      ref={input}
      type="text"
      data-samepoint="label"
      defaultValue={label}
      maxLength={LABEL_LENGTH}
      aria-label={words.review.label}
      onChange={({ currentTarget }) => {
        const text = currentTarget.value.trim();
        if (text !== '' && text !== label) actions.rename(trackingUid, text);
        currentTarget.value = text === '' ? label : text;
      }}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Escape') currentTarget.value = label;
        if (key === 'Enter' || key === 'Escape') currentTarget.blur();
      }}
    />
  );
}

function RoleField({ lesion }: { readonly lesion: Lesion }): JSX.Element {
  const { actions, words } = usePanel();
  return (
    <select
      data-samepoint="role"
      aria-label={words.review.role}
      value={lesion.role}
      onChange={({ currentTarget }) => {
        const role = ROLES.find((candidate) => candidate === currentTarget.value);
        if (role !== undefined) actions.setRole(lesion.trackingUid, role);
      }}
    >
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {words.roles[role]}
        </option>
      ))}
    </select>
  );
}

/** A value is empty where it is not known. */
type Fact = readonly [name: string, value: string, help?: string];

/** What the verdict was made of. */
function Why({ observation }: { readonly observation: Observation }): JSX.Element | null {
  const { state, words } = usePanel();
  const { certainty } = words;
  if (observation.carriedOver === undefined) return null;
  const { provenance, similarity, cycleErrorMm, fromStudyInstanceUid } = observation.carriedOver;
  const from = state.timePoints.find((point) => point.studyInstanceUid === fromStudyInstanceUid);
  const facts: readonly Fact[] = [
    [
      certainty.similarity,
      similarity === undefined ? '' : decimalText(similarity, 2, words),
      certainty.similarityHelp,
    ],
    [
      certainty.cycle,
      cycleErrorMm === undefined ? '' : `${decimalText(cycleErrorMm, 1, words)} mm`,
      certainty.cycleHelp,
    ],
    [certainty.step, provenance.step],
    [certainty.method, provenance.method],
    [certainty.model, `${provenance.model.id} ${provenance.model.version}`],
    [certainty.from, from === undefined ? '' : words.dateText(from.date)],
  ];
  return (
    <details data-samepoint="why">
      <summary>{certainty.why}</summary>
      {observation.review === 'corrected' ? <p>{certainty.beforeCorrection}</p> : null}
      <dl>
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value, help]) => (
            <div key={name} title={help}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </details>
  );
}

/** How far the place can be trusted, and what became of the lesion. */
function Facts({
  lesion,
  observation,
}: {
  readonly lesion: Lesion;
  readonly observation: Observation;
}): JSX.Element {
  const { state, words } = usePanel();
  const current = observationOf(lesion, state.currentStudy);
  const previous = previousObservation(lesion, state.timePoints, state.currentStudy);
  const standing = words.standing[standingOf(observation)];
  const point = state.timePoints.find((one) => one.studyInstanceUid === observation.studyInstanceUid);
  const isCurrent = observation === current || point === undefined;
  const certainty = certaintyText(observation, words);
  const sizes = sizesText(measuredSizes(current, previous), words);
  const axes = axesText(observation.longAxis, observation.shortAxis, words);
  const where = [lesion.site?.meaning, lesion.finding?.meaning]
    .filter((text) => text !== undefined)
    .join(' · ');
  const saved = observation.isSaved ? `, ${words.review.saved}` : '';
  return (
    <div data-samepoint="facts">
      <p data-samepoint="state">
        {isCurrent ? standing : words.messages.about(words.dateText(point.date), standing)}
        {saved}
      </p>
      {certainty === '' ? null : (
        <p data-samepoint="certainty" title={words.certainty.radiusHelp}>
          {certainty}
        </p>
      )}
      {sizes === '' ? null : (
        <p data-samepoint="lesion-size" title={words.size.help}>
          {sizes}
        </p>
      )}
      {axes === '' ? null : <p data-samepoint="axes">{axes}</p>}
      {where === '' ? null : <p data-samepoint="where">{where}</p>}
    </div>
  );
}

/** What is accepted, where it is not that the lesion is there. */
function labelOf(
  command: ReviewCommand,
  observation: Observation | undefined,
  words: Words['review'],
): { readonly label?: string } {
  if (observation?.review !== 'proposed') return {};
  if (standingOf(observation) === 'out-of-view' && command === 'accept')
    return { label: words.acceptOutOfView };
  if (observation.status !== 'resolved') return {};
  if (command === 'accept') return { label: words.acceptResolved };
  return command === 'confirm' ? { label: words.confirmResolved } : {};
}

/** The decisions on the observation that is next; without an observation there is only a place to be marked. */
function Decisions({
  lesion,
  observation,
}: {
  readonly lesion: Lesion;
  readonly observation: Observation | undefined;
}): JSX.Element | null {
  const { words } = usePanel();
  const standing = standingOf(observation);
  const commands = decisionsFor(standing);
  if (commands.length === 0) return null;
  const label = `${words.review.decisions}: ${lesion.label}`;
  return (
    <div data-samepoint="decisions" role="group" aria-label={label}>
      {commands.map((command, index) => (
        <CommandButton
          key={command}
          command={command}
          isPrimary={index === 0 && (command === 'accept' || command === 'confirm')}
          {...labelOf(command, observation, words.review)}
        />
      ))}
    </div>
  );
}

/** The opened lesion: its name and role, how it stands, the decisions, and where each time point shows it. */
export function LesionDetails({ lesion, id }: { readonly lesion: Lesion; readonly id: string }): JSX.Element {
  const { state, actions, words } = usePanel();
  const leading = leadingObservation(lesion, state.timePoints, state.currentStudy);
  const remove = `${words.review.remove}: ${lesion.label}`;
  return (
    <div data-samepoint="lesion-details" id={id} role="group" aria-label={lesion.label}>
      <div data-samepoint="fields">
        <LabelField key={lesion.trackingUid} lesion={lesion} />
        <RoleField lesion={lesion} />
        <button
          type="button"
          data-samepoint="remove"
          data-bare
          aria-label={remove}
          title={words.review.remove}
          onClick={() => {
            actions.remove(lesion.trackingUid);
          }}
        >
          <ActionIcon name="remove" />
        </button>
      </div>
      {leading === undefined ? null : <Facts lesion={lesion} observation={leading} />}
      {state.placing === lesion.trackingUid ? (
        <div data-samepoint="placing" role="status">
          <p>{words.review.placing}</p>
          <button
            type="button"
            data-samepoint="stop-placing"
            onClick={() => {
              actions.stopPlacing();
            }}
          >
            {words.review.stopPlacing}
          </button>
        </div>
      ) : (
        <Decisions lesion={lesion} observation={leading} />
      )}
      <PlaceList lesion={lesion} />
      {leading === undefined ? null : <Why observation={leading} />}
    </div>
  );
}
