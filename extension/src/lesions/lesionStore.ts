import type { LesionRole } from '../wire.ts';
import type { Step } from './changes.ts';
import {
  cleanLabel,
  countedIn,
  highestNumber,
  namesOf,
  of,
  unsaved,
  withObservation,
  without,
  uniqueLabel,
} from './changes.ts';
import { HeldLesions } from './heldLesions.ts';
import { Listeners } from './listeners.ts';
import { observationOf } from './review.ts';
import type { Lesion, Observation } from './types.ts';

/** The lesion whose new place the next click gives, and in which study. */
export interface Placing {
  readonly trackingUid: string;
  readonly studyInstanceUid: string;
}

/** What a report holds of a lesion in its study. */
export interface StoredLesion extends Omit<Lesion, 'observations'> {
  readonly observation: Observation;
}

/** Decisions that can be undone, the newest last. */
const MAX_UNDO = 100;

/**
 * The lesions of this browser tab. The store outlives the viewer's modes: what is not saved is still there when the reader comes back
 * from the study list. What the server finds and the PACS holds cannot be undone, what the reader decides can.
 */
export class LesionStore {
  #lesions: readonly Lesion[] = [];
  #steps: readonly Step[] = [];
  #saving: ReadonlySet<string> = new Set();
  #placing: Placing | undefined;
  #selected: string | undefined;
  #highlighted: string | undefined;
  readonly #held = new HeldLesions();
  /** Study → tracking UIDs that any document of the study named when it was last read. */
  readonly #stored = new Map<string, ReadonlySet<string>>();
  /** The highest number that a label has had. */
  #lastNumber = 0;
  readonly #listeners = new Listeners();
  readonly #onStep = new Listeners();

  get lesions(): readonly Lesion[] {
    return this.#lesions;
  }

  get placing(): Placing | undefined {
    return this.#placing;
  }

  get selected(): string | undefined {
    return this.#selected;
  }

  /** The lesion whose row or marker the reader points at. */
  get highlighted(): string | undefined {
    return this.#highlighted;
  }

  /** True while a report is being stored. */
  get isSaving(): boolean {
    return this.#saving.size > 0;
  }

  get canUndo(): boolean {
    return this.#steps.length > 0;
  }

  /** The reader's last decision that can be undone. */
  get lastStep(): Step | undefined {
    return this.#steps.at(-1);
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Calls the listener after each decision, which is the last step then. */
  onStep(listener: () => void): () => void {
    return this.#onStep.add(listener);
  }

  lesion(trackingUid: string | undefined): Lesion | undefined {
    return this.#lesions.find((lesion) => lesion.trackingUid === trackingUid);
  }

  /** Tracking UIDs that the documents of a study name, in their order; none before they are read. */
  storedIn(studyInstanceUid: string): readonly string[] {
    return [...(this.#stored.get(studyInstanceUid) ?? [])];
  }

  /** True while the report of a study is being stored: what it shows must not change meanwhile. */
  isLocked(studyInstanceUid: string): boolean {
    return this.#saving.has(studyInstanceUid);
  }

  /** A label that no lesion has or had, also none that was removed. @param reserved labels that are in use already */
  nextLabel(reserved: readonly { readonly label: string }[] = []): string {
    return `Lesion ${Math.max(this.#lastNumber, highestNumber(reserved)) + 1}`;
  }

  /** Adds a lesion that the reader has marked. */
  add(lesion: Lesion): void {
    const { trackingUid } = lesion;
    this.#lastNumber = Math.max(this.#lastNumber, highestNumber([lesion]));
    this.#do({
      trackingUid,
      undo: without(trackingUid),
      redo: (lesions) => [...without(trackingUid)(lesions), lesion],
    });
  }

  /** Adds what the server proposes for a lesion, except in studies that show it already. */
  propose(trackingUid: string, proposals: readonly Observation[]): void {
    this.proposeAll(new Map([[trackingUid, proposals]]));
  }

  /** The same for many lesions, by tracking UID: one change. */
  proposeAll(proposals: ReadonlyMap<string, readonly Observation[]>): void {
    this.#set(
      this.#lesions.map((lesion) => {
        const fresh = (proposals.get(lesion.trackingUid) ?? []).filter(
          ({ studyInstanceUid }) => observationOf(lesion, studyInstanceUid) === undefined,
        );
        return fresh.length === 0 ? lesion : { ...lesion, observations: [...lesion.observations, ...fresh] };
      }),
    );
  }

  /**
   * Brings a study up to date with what the PACS holds: reports replace what was saved; what the reader has decided since stays.
   * @param isReported tracking UIDs of the time point reports of the study
   */
  setStored(
    studyInstanceUid: string,
    stored: readonly StoredLesion[],
    isReported: ReadonlySet<string>,
  ): void {
    const byUid = new Map(stored.map((one) => [one.trackingUid, one]));
    const before = this.#stored.get(studyInstanceUid);
    this.#stored.set(studyInstanceUid, new Set(byUid.keys()));
    const present = this.#lesions.map((lesion) => {
      const own = observationOf(lesion, studyInstanceUid);
      const now = byUid.get(lesion.trackingUid)?.observation;
      if (own !== undefined && !own.isSaved) return lesion;
      if (now === undefined && before?.has(lesion.trackingUid) !== true) return lesion;
      return withObservation(lesion, studyInstanceUid, now);
    });
    const known = new Set(present.map(({ trackingUid }) => trackingUid));
    const fresh = [...byUid.values()].filter(({ trackingUid }) => !known.has(trackingUid));
    this.#lastNumber = Math.max(this.#lastNumber, highestNumber(stored));
    this.#held.setReported(studyInstanceUid, isReported);
    this.#set([
      ...present.filter(({ observations }) => observations.length > 0),
      ...fresh.map(({ observation, ...lesion }) => ({ ...lesion, observations: [observation] })),
    ]);
  }

  /** Adds the lesions of the reports of pairs that a study holds, and what they lack of those that are here. */
  addPaired(studyInstanceUid: string, lesions: readonly Lesion[]): void {
    // What was here before and is not any more, the reader has removed.
    const present = lesions.filter(
      ({ trackingUid }) =>
        this.lesion(trackingUid) !== undefined || !this.#held.isPaired(studyInstanceUid, trackingUid),
    );
    this.#held.setPaired(studyInstanceUid, lesions);
    this.addStored(present);
  }

  /** Lesions that the reader has withdrawn from a study, and that no report of the study has named: only its reports of pairs. */
  withdrawnPairs(studyInstanceUid: string): readonly Lesion[] {
    return this.#held.unnamedFrom(studyInstanceUid, namesOf(countedIn(this.#lesions, studyInstanceUid)));
  }

  /** The PACS holds a report of the study that names these lesions: the next one withdraws those that are not on the list. */
  markNamed(studyInstanceUid: string, trackingUids: readonly string[]): void {
    this.#held.setReported(studyInstanceUid, trackingUids);
    this.#listeners.call();
  }

  /** Adds lesions that the PACS holds, and what they lack of those that are here. */
  addStored(lesions: readonly Lesion[]): void {
    const byUid = new Map(this.#lesions.map((lesion) => [lesion.trackingUid, lesion]));
    for (const lesion of lesions) {
      const known = byUid.get(lesion.trackingUid) ?? { ...lesion, observations: [] };
      const missing = lesion.observations.filter(
        ({ studyInstanceUid }) => observationOf(known, studyInstanceUid) === undefined,
      );
      byUid.set(lesion.trackingUid, { ...known, observations: [...known.observations, ...missing] });
    }
    this.#lastNumber = Math.max(this.#lastNumber, highestNumber(lesions));
    this.#set([...byUid.values()]);
  }

  /** Puts unsaved work of an earlier session back; what is here already and unsaved wins. */
  restore(lesions: readonly Lesion[]): void {
    const byUid = new Map(this.#lesions.map((lesion) => [lesion.trackingUid, lesion]));
    for (const { observations, ...draft } of lesions) {
      const known = byUid.get(draft.trackingUid);
      const missing = observations.filter(
        ({ studyInstanceUid }) => observationOf(known, studyInstanceUid)?.isSaved !== false,
      );
      const merged = missing.reduce<Lesion>(
        (lesion, observation) =>
          observation.isSaved && observationOf(lesion, observation.studyInstanceUid) !== undefined
            ? lesion
            : withObservation(lesion, observation.studyInstanceUid, observation),
        { ...draft, observations: known?.observations ?? [] },
      );
      byUid.set(draft.trackingUid, merged);
    }
    this.#lastNumber = Math.max(this.#lastNumber, highestNumber(lesions));
    this.#set([...byUid.values()]);
  }

  /** Sets what the reader says of a lesion in a study; a study that is being saved does not change. Gives whether it was set. */
  decide(trackingUid: string, observation: Observation): boolean {
    const { studyInstanceUid } = observation;
    const lesion = this.lesion(trackingUid);
    if (lesion === undefined || this.isLocked(studyInstanceUid)) return false;
    const before = observationOf(lesion, studyInstanceUid);
    if (this.#placing?.trackingUid === trackingUid) this.#placing = undefined;
    if (before === observation) return true;
    this.#do({
      trackingUid,
      undo: of(trackingUid, (now) => withObservation(now, studyInstanceUid, before)),
      redo: of(trackingUid, (now) => withObservation(now, studyInstanceUid, observation)),
    });
    return true;
  }

  /** Names a lesion; a name that another one has gets a number. The report of the study that is read is to be written anew. */
  rename(trackingUid: string, label: string, studyInstanceUid: string | undefined): void {
    const text = cleanLabel(label);
    if (text === '' || text === this.lesion(trackingUid)?.label) return;
    this.#describe(trackingUid, { label: uniqueLabel(text, this.#lesions) }, studyInstanceUid);
  }

  /** Gives a lesion a role as long as it has another one that was assumed: a role that the reader has chosen stays. */
  assumeRole(trackingUid: string, assumed: LesionRole, role: LesionRole): void {
    if (assumed === role || this.lesion(trackingUid)?.role !== assumed) return;
    this.#set(of(trackingUid, (lesion) => ({ ...lesion, role }))(this.#lesions));
  }

  setRole(trackingUid: string, role: LesionRole, studyInstanceUid: string | undefined): void {
    this.#describe(trackingUid, { role }, studyInstanceUid);
  }

  /** Removes a lesion from the list; what the PACS holds stays there until the next report of the study. */
  remove(trackingUid: string): void {
    const lesion = this.lesion(trackingUid);
    if (
      lesion === undefined ||
      lesion.observations.some(({ studyInstanceUid }) => this.isLocked(studyInstanceUid))
    )
      return;
    const at = this.#lesions.indexOf(lesion);
    if (this.#placing?.trackingUid === trackingUid) this.#placing = undefined;
    if (this.#selected === trackingUid) this.#selected = undefined;
    this.#do({
      trackingUid,
      undo: (lesions) => [...lesions.slice(0, at), lesion, ...lesions.slice(at)],
      redo: without(trackingUid),
    });
  }

  /** Undoes the reader's last decision; gives the lesion that it was about. */
  undo(): string | undefined {
    const step = this.lastStep;
    if (this.isSaving || step === undefined) return undefined;
    this.#steps = this.#steps.slice(0, -1);
    this.#set(step.undo(this.#lesions));
    return step.trackingUid;
  }

  /** Does a decision again that was undone; gives the lesion that it was about. */
  redo(step: Step): string | undefined {
    if (this.isSaving || this.#steps.includes(step)) return undefined;
    this.#steps = [...this.#steps, step].slice(-MAX_UNDO);
    this.#set(step.redo(this.#lesions));
    return step.trackingUid;
  }

  /** The next click gives this place; undefined ends that. */
  setPlacing(placing: Placing | undefined): void {
    this.#placing = placing;
    this.#listeners.call();
  }

  select(trackingUid: string | undefined): void {
    this.#selected = trackingUid;
    this.#listeners.call();
  }

  highlight(trackingUid: string | undefined): void {
    if (this.#highlighted === trackingUid) return;
    this.#highlighted = trackingUid;
    this.#listeners.call();
  }

  /** The studies whose reports are being stored; none ends that. */
  setSaving(studies: readonly string[]): void {
    this.#saving = new Set(studies);
    this.#listeners.call();
  }

  /** The PACS holds a report of these lesions of a study. Decisions before it cannot be undone. */
  markSaved(studyInstanceUid: string, trackingUids: readonly string[]): void {
    this.#held.setSaved(studyInstanceUid, trackingUids);
    this.#steps = [];
    this.#set(
      this.#lesions.map((lesion) => {
        const observation = observationOf(lesion, studyInstanceUid);
        if (observation === undefined || !trackingUids.includes(lesion.trackingUid)) return lesion;
        return withObservation(lesion, studyInstanceUid, { ...observation, isSaved: true });
      }),
    );
  }

  /** Observations of a study that the next report adds, changes or withdraws. */
  unsavedIn(studyInstanceUid: string): number {
    const counted = countedIn(this.#lesions, studyInstanceUid);
    const added = counted.filter(({ isSaved }) => !isSaved).length;
    return added + this.#held.withdrawnFrom(studyInstanceUid, namesOf(counted));
  }

  /** Studies with something to save. */
  unsavedStudies(): readonly string[] {
    const shown = this.#lesions.flatMap(({ observations }) =>
      observations.map((one) => one.studyInstanceUid),
    );
    return [...new Set([...shown, ...this.#held.studies])].filter((study) => this.unsavedIn(study) > 0);
  }

  /** Proposals that the reader has not decided on. */
  get undecided(): number {
    return this.#lesions.flatMap(({ observations }) =>
      observations.filter(({ review }) => review === 'proposed'),
    ).length;
  }

  #describe(
    trackingUid: string,
    description: Partial<Pick<Lesion, 'label' | 'role'>>,
    studyInstanceUid: string | undefined,
  ): void {
    const before = this.lesion(trackingUid);
    if (before === undefined || (studyInstanceUid !== undefined && this.isLocked(studyInstanceUid))) return;
    const { label, role } = before;
    const own = observationOf(before, studyInstanceUid);
    this.#lastNumber = Math.max(this.#lastNumber, highestNumber([{ label: description.label ?? label }]));
    this.#do({
      trackingUid,
      undo: of(trackingUid, (now) => {
        const observation = observationOf(now, studyInstanceUid);
        const described = { ...now, label, role };
        if (observation === undefined || own === undefined) return described;
        return withObservation(described, own.studyInstanceUid, { ...observation, isSaved: own.isSaved });
      }),
      redo: of(trackingUid, (now) => unsaved({ ...now, ...description }, studyInstanceUid)),
    });
  }

  #do(step: Step): void {
    this.#steps = [...this.#steps, step].slice(-MAX_UNDO);
    this.#set(step.redo(this.#lesions));
    this.#onStep.call();
  }

  #set(lesions: readonly Lesion[]): void {
    this.#lesions = lesions;
    this.#listeners.call();
  }
}
