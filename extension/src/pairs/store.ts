import type { SeriesPoint } from '../wire.ts';
import type { Preview, Notice, Pair, PairState, Search, SearchProgress, SeriesNote } from './types.ts';
import { isConfirmed } from './types.ts';

/**
 * The pairs of this browser tab, the searches on their way and what the reader must know. It outlives the viewer's
 * modes: pairs that are not saved are still there when the reader comes back from the study list.
 */
export class PairStore {
  #pairs: readonly Pair[] = [];
  #searches: readonly Search[] = [];
  #notices: readonly Notice[] = [];
  #notes: readonly SeriesNote[] = [];
  readonly #dismissedNotes = new Set<string>();
  #saving: readonly string[] = [];
  #moving: string | undefined;
  readonly #listeners = new Set<() => void>();

  get pairs(): readonly Pair[] {
    return this.#pairs;
  }

  get searches(): readonly Search[] {
    return this.#searches;
  }

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  /** What the reader must know of the series that were compared. */
  get notes(): readonly SeriesNote[] {
    return this.#notes;
  }

  /** True while a report is on its way to the PACS. */
  get saving(): boolean {
    return this.#saving.length > 0;
  }

  /** True for a pair that must stay as it is: the PACS holds it, or it is on its way there. */
  isLocked(pair: Pair): boolean {
    return pair.saved || this.#saving.includes(pair.id);
  }

  /** The pair whose new place the next click gives. */
  get moving(): Pair | undefined {
    return this.#pairs.find((pair) => pair.id === this.#moving);
  }

  /** Confirmed pairs that the PACS does not hold yet. */
  get unsaved(): readonly Pair[] {
    return this.#pairs.filter((pair) => isConfirmed(pair) && !pair.saved);
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  pair(id: string): Pair | undefined {
    return this.#pairs.find((pair) => pair.id === id);
  }

  /** A label that nothing on the list has yet: the reader may overwrite it. */
  nextLabel(): string {
    const taken = new Set([...this.#pairs, ...this.#searches].map(({ label }) => label));
    let count = 1;
    while (taken.has(`Point ${count}`)) count += 1;
    return `Point ${count}`;
  }

  addPair(pair: Pair): void {
    this.#pairs = [...this.#pairs, pair];
    this.#changed();
  }

  /** Adds pairs that the PACS holds, newest first; those that are on the list already are left alone. */
  addStored(pairs: readonly Pair[]): void {
    const keyOf = ({ lesionUid, current, prior }: Pair): string =>
      [lesionUid, current.seriesInstanceUid, prior.seriesInstanceUid].join(' ');
    const known = new Map(this.#pairs.map((pair) => [keyOf(pair), pair]));
    for (const pair of pairs) if (!known.has(keyOf(pair))) known.set(keyOf(pair), pair);
    this.#pairs = [...known.values()];
    this.#changed();
  }

  /** Takes a pair off the list; what the PACS holds stays there. */
  removePair(id: string): void {
    if (this.#saving.includes(id)) return;
    this.#pairs = this.#pairs.filter((pair) => pair.id !== id);
    if (this.#moving === id) this.#moving = undefined;
    this.#changed();
  }

  /** Decides on a pair; a saved pair stays as the PACS holds it. */
  setState(id: string, state: PairState): void {
    this.#update(id, (pair) => ({ ...pair, state }));
  }

  /** Gives the found side of a pair a new place, set by the reader. */
  movePair(id: string, point: SeriesPoint): void {
    if (this.#moving === id) this.#moving = undefined;
    this.#update(id, (pair) => ({ ...pair, [pair.found]: point, state: 'moved' }));
  }

  /** Names a lesion: all its unsaved pairs carry the same label. */
  setLabel(id: string, label: string): void {
    const lesionUid = this.pair(id)?.lesionUid;
    this.#pairs = this.#pairs.map((pair) =>
      pair.lesionUid === lesionUid && !this.isLocked(pair) ? { ...pair, label } : pair,
    );
    this.#changed();
  }

  /** Marks pairs as held by the PACS. */
  markSaved(ids: readonly string[]): void {
    this.#pairs = this.#pairs.map((pair) => (ids.includes(pair.id) ? { ...pair, saved: true } : pair));
    this.#changed();
  }

  /** The pairs that are on their way to the PACS; an empty list ends that. */
  setSaving(ids: readonly string[]): void {
    this.#saving = ids;
    this.#changed();
  }

  /** The next click gives this pair's new place; undefined ends that. */
  setMoving(id: string | undefined): void {
    this.#moving = id;
    this.#changed();
  }

  addSearch(search: Search): void {
    this.#searches = [...this.#searches, search];
    this.#changed();
  }

  setProgress(id: string, progress: SearchProgress): void {
    this.#searches = this.#searches.map((search) => (search.id === id ? { ...search, progress } : search));
    this.#changed();
  }

  /** The first answers of a search, all so far. */
  setPreviews(id: string, previews: readonly Preview[]): void {
    this.#searches = this.#searches.map((search) => (search.id === id ? { ...search, previews } : search));
    this.#changed();
  }

  removeSearch(id: string): void {
    this.#searches = this.#searches.filter((search) => search.id !== id);
    this.#changed();
  }

  /** Adds a notice; one with the same words about the same thing replaces the older. */
  addNotice(notice: Notice): void {
    const others = this.#notices.filter(
      (other) => other.subject !== notice.subject || other.message !== notice.message,
    );
    this.#notices = [...others, notice];
    this.#changed();
  }

  removeNotice(id: string): void {
    this.#notices = this.#notices.filter((notice) => notice.id !== id);
    this.#changed();
  }

  /** Adds the note of a series, in the place of an older one; what the reader has dismissed does not come back. */
  addNote(note: SeriesNote): void {
    if (this.#dismissedNotes.has(note.id)) return;
    const isKnown = this.#notes.some(({ id }) => id === note.id);
    this.#notes = isKnown
      ? this.#notes.map((other) => (other.id === note.id ? note : other))
      : [...this.#notes, note];
    this.#changed();
  }

  dismissNote(id: string): void {
    this.#dismissedNotes.add(id);
    this.#notes = this.#notes.filter((note) => note.id !== id);
    this.#changed();
  }

  #update(id: string, change: (pair: Pair) => Pair): void {
    this.#pairs = this.#pairs.map((pair) => (pair.id === id && !this.isLocked(pair) ? change(pair) : pair));
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
