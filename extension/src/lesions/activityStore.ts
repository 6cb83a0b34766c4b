import type { Notice, Preview, Search, SearchProgress, SeriesWarnings } from './activity.ts';
import { Listeners } from './listeners.ts';

function topicOf({ topic, subject }: Notice): string {
  return topic ?? subject;
}

/** The running searches and what the reader must know. */
export class ActivityStore {
  #searches: readonly Search[] = [];
  #notices: readonly Notice[] = [];
  #seriesWarnings: readonly SeriesWarnings[] = [];
  readonly #dismissedWarnings = new Set<string>();
  readonly #listeners = new Listeners();

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

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  addSearch(search: Search): void {
    this.#searches = [...this.#searches, search];
    this.#listeners.call();
  }

  setProgress(id: string, progress: SearchProgress): void {
    this.#searches = this.#searches.map((search) => (search.id === id ? { ...search, progress } : search));
    this.#listeners.call();
  }

  /** The first answers of a search, all so far. */
  setPreviews(id: string, previews: readonly Preview[]): void {
    this.#searches = this.#searches.map((search) => (search.id === id ? { ...search, previews } : search));
    this.#listeners.call();
  }

  removeSearch(id: string): void {
    this.#searches = this.#searches.filter((search) => search.id !== id);
    this.#listeners.call();
  }

  /** Adds a notice; one with the same words about the same thing replaces the older. */
  addNotice(notice: Notice): void {
    const others = this.#notices.filter(
      (other) => topicOf(other) !== topicOf(notice) || other.message !== notice.message,
    );
    this.#notices = [...others, notice];
    this.#listeners.call();
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
    this.#listeners.call();
  }

  /** Sets the warnings on a series; those that the reader has dismissed do not come back. */
  addSeriesWarnings(entry: SeriesWarnings): void {
    if (this.#dismissedWarnings.has(entry.id)) return;
    const isKnown = this.#seriesWarnings.some(({ id }) => id === entry.id);
    this.#seriesWarnings = isKnown
      ? this.#seriesWarnings.map((other) => (other.id === entry.id ? entry : other))
      : [...this.#seriesWarnings, entry];
    this.#listeners.call();
  }

  dismissSeriesWarnings(id: string): void {
    this.#dismissedWarnings.add(id);
    this.#seriesWarnings = this.#seriesWarnings.filter((entry) => entry.id !== id);
    this.#listeners.call();
  }

  #removeNotices(isMended: (notice: Notice) => boolean): boolean {
    const remaining = this.#notices.filter((notice) => !isMended(notice));
    if (remaining.length === this.#notices.length) return false;
    this.#notices = remaining;
    this.#listeners.call();
    return true;
  }
}
