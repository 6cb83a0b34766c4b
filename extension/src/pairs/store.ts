import type { SeriesPoint } from '../wire.ts';
import type { Preview, Notice, Pair, PairState, Search, SearchProgress, SeriesWarnings } from './types.ts';
import { isMissing } from './certainty.ts';
import { isConfirmed } from './types.ts';

/** The highest number of the labels that the store gave; 0 where there is none. */
function highestNumber(items: readonly { readonly label: string }[]): number {
  return Math.max(0, ...items.map(({ label }) => Number(/^Point (\d+)$/u.exec(label)?.[1] ?? 0)));
}

function topicOf({ topic, subject }: Notice): string {
  return topic ?? subject;
}

/**
 * The pairs of this browser tab, the running searches and what the reader must know. It outlives the viewer's
 * modes: pairs that are not saved are still there when the reader comes back from the study list.
 */
export class PairStore {
  #pairs: readonly Pair[] = [];
  #searches: readonly Search[] = [];
  #notices: readonly Notice[] = [];
  #seriesWarnings: readonly SeriesWarnings[] = [];
  readonly #dismissedWarnings = new Set<string>();
  #saving: readonly string[] = [];
  #moving: string | undefined;
  /** The highest number that a label of a pair has had. */
  #lastNumber = 0;
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

  /** The warnings on the compared series, one entry per series. */
  get seriesWarnings(): readonly SeriesWarnings[] {
    return this.#seriesWarnings;
  }

  /** True while a report is being stored. */
  get saving(): boolean {
    return this.#saving.length > 0;
  }

  /** True for a pair that must not change: the PACS holds it, or it is being saved. */
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

  /** Proposals that the reader has not decided on, except those without a place to accept. */
  get undecided(): readonly Pair[] {
    return this.#pairs.filter((pair) => pair.state === 'proposed' && !isMissing(pair));
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  pair(id: string): Pair | undefined {
    return this.#pairs.find((pair) => pair.id === id);
  }

  /** A label that no lesion has or had, also none that was deleted: the reader may overwrite it. */
  nextLabel(): string {
    return `Point ${Math.max(this.#lastNumber, highestNumber(this.#searches)) + 1}`;
  }

  addPair(pair: Pair): void {
    this.#pairs = [...this.#pairs, pair];
    this.#lastNumber = Math.max(this.#lastNumber, highestNumber([pair]));
    this.#changed();
  }

  /** Adds pairs that the PACS holds, newest first; those that are on the list already stay unchanged. */
  addStored(pairs: readonly Pair[]): void {
    const keyOf = ({ lesionUid, current, prior }: Pair): string =>
      [lesionUid, current.seriesInstanceUid, prior.seriesInstanceUid].join(' ');
    const known = new Map(this.#pairs.map((pair) => [keyOf(pair), pair]));
    for (const pair of pairs) if (!known.has(keyOf(pair))) known.set(keyOf(pair), pair);
    this.#pairs = [...known.values()];
    this.#lastNumber = Math.max(this.#lastNumber, highestNumber(pairs));
    this.#changed();
  }

  /** Removes a pair from the list; what the PACS holds stays there. */
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

  /** The pairs that are being saved; an empty list ends that. */
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
      (other) => topicOf(other) !== topicOf(notice) || other.message !== notice.message,
    );
    this.#notices = [...others, notice];
    this.#changed();
  }

  /** Removes those of the given notices that are about something that has succeeded since. */
  mended(topic: string, notices: readonly Notice[] = this.#notices): void {
    this.#removeNotices((notice) => topicOf(notice) === topic && notices.includes(notice));
  }

  /** Removes the notices with these codes: what they say is over. Gives whether there was one. */
  mendedCodes(...codes: readonly string[]): boolean {
    return this.#removeNotices(({ code }) => codes.includes(code));
  }

  removeNotice(id: string): void {
    this.#notices = this.#notices.filter((notice) => notice.id !== id);
    this.#changed();
  }

  /** Sets the warnings on a series; those that the reader has dismissed do not come back. */
  addSeriesWarnings(entry: SeriesWarnings): void {
    if (this.#dismissedWarnings.has(entry.id)) return;
    const isKnown = this.#seriesWarnings.some(({ id }) => id === entry.id);
    this.#seriesWarnings = isKnown
      ? this.#seriesWarnings.map((other) => (other.id === entry.id ? entry : other))
      : [...this.#seriesWarnings, entry];
    this.#changed();
  }

  dismissSeriesWarnings(id: string): void {
    this.#dismissedWarnings.add(id);
    this.#seriesWarnings = this.#seriesWarnings.filter((entry) => entry.id !== id);
    this.#changed();
  }

  #removeNotices(isMended: (notice: Notice) => boolean): boolean {
    const remaining = this.#notices.filter((notice) => !isMended(notice));
    if (remaining.length === this.#notices.length) return false;
    this.#notices = remaining;
    this.#changed();
    return true;
  }

  #update(id: string, change: (pair: Pair) => Pair): void {
    this.#pairs = this.#pairs.map((pair) => (pair.id === id && !this.isLocked(pair) ? change(pair) : pair));
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
