import type { Client } from '../client/client.ts';
import type { ReadableModalities } from '../flows/readableModalities.ts';
import type { TimePoints } from '../flows/timePoints.ts';
import { wordsOf } from '../i18n/words.ts';
import { Listeners } from '../lesions/listeners.ts';
import type { Unsubscribe } from '../ohif.d.ts';
import type { Settings } from '../settings.ts';
import type { Host } from '../viewer/host.ts';
import type { LinkCommand } from '../viewer/viewCommands.ts';
import type { OverlaySource } from '../viewer/overlay.ts';
import { samePatient } from '../viewer/series.ts';
import { FieldStore } from './fieldStore.ts';
import type { SeriesPair } from './fieldStore.ts';
import { Leader } from './leader.ts';
import { LinkedScroll } from './linkedScroll.ts';
import { LiveCursor } from './liveCursor.ts';
import { paneOf, panesOf } from './panes.ts';
import type { Pane } from './panes.ts';
import { isComparable, isSameSpace, refOf, standingOf } from './standing.ts';
import type { StandingContext } from './standing.ts';
import { followingText, standingText } from './wording.ts';

/**
 * The reader has looked at a pair for this long, with nothing left to analyse, before its field is prefetched, ms: it needs
 * the server's processors for seconds.
 */
const PREFETCH_AFTER_MS = 10_000;

/** What linking works with. */
export interface LinkingContext {
  readonly host: Host;
  readonly client: Pick<Client, 'field'>;
  readonly timePoints: Pick<TimePoints, 'current' | 'readiness' | 'list' | 'subscribe'>;
  readonly readableModalities: ReadableModalities;
  readonly settings: Pick<Settings, 'model'>;
}

/** Linked scrolling and the live cursor: which of them is on, and the fields that they need. */
export class Linking {
  readonly #context: LinkingContext;
  readonly #standing: StandingContext;
  readonly #leader: Leader;
  readonly #scroll: LinkedScroll;
  readonly #cursor: LiveCursor;
  readonly #listeners = new Listeners();
  #prefetching: ReturnType<typeof setTimeout> | undefined;

  constructor(context: LinkingContext) {
    this.#context = context;
    const { host, client, settings, readableModalities } = context;
    const fields = new FieldStore(client, settings.model);
    this.#standing = { fields, readable: () => readableModalities.known };
    this.#leader = new Leader(host);
    this.#scroll = new LinkedScroll({
      ...this.#standing,
      host,
      leader: this.#leader,
      pointer: (viewportId) => this.#cursor.pointIn(viewportId),
      changed: () => {
        this.#listeners.call();
      },
    });
    this.#cursor = new LiveCursor({
      ...this.#standing,
      host,
      leader: this.#leader,
      bringToSlice: (pane, mapped) => {
        if (this.#scroll.isOn) this.#scroll.show(pane, mapped);
      },
    });
    fields.subscribe(() => {
      this.#scroll.align();
      this.#cursor.update();
      this.#listeners.call();
    });
  }

  /** The fields, and which series have one: what else needs a map uses the same. */
  get standing(): StandingContext {
    return this.#standing;
  }

  get isLinked(): boolean {
    return this.#scroll.isOn;
  }

  get hasCursor(): boolean {
    return this.#cursor.isOn;
  }

  /** What the overlay of the viewports shows. */
  get overlay(): OverlaySource {
    return {
      textFor: (viewportId) => this.#textFor(viewportId),
      subscribe: (listener) => this.#listeners.add(listener),
    };
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  /** A mode is entered; the result ends everything again. */
  enter(page: Document): Unsubscribe {
    this.#scroll.register();
    const stops = [
      this.#leader.listen(page),
      this.#context.timePoints.subscribe(() => {
        this.#prefetchLater();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      clearTimeout(this.#prefetching);
      this.#scroll.turnOff();
      this.#cursor.turnOff();
      this.#standing.fields.stop();
    };
  }

  /** Does what a key or a button says. */
  run(command: LinkCommand): void {
    switch (command) {
      case 'toggleLink':
        this.#toggleLink(!this.#scroll.isOn);
        break;
      case 'toggleLinkedView':
        this.#scroll.followsView = !this.#scroll.isOn || !this.#scroll.followsView;
        this.#toggleLink(true);
        break;
      case 'toggleLiveCursor':
        if (this.#cursor.isOn) this.#cursor.turnOff();
        else this.#cursor.turnOn(document);
        break;
    }
    // What failed before may work by now.
    this.#standing.fields.retry();
    this.#request();
    this.#listeners.call();
  }

  /** The viewports show something else. */
  screenChanged(): void {
    if (this.#scroll.isOn) this.#scroll.turnOn();
    this.#request();
    this.#prefetchLater();
  }

  #toggleLink(isOn: boolean): void {
    this.#leader.setActive();
    if (isOn) this.#scroll.turnOn();
    else {
      this.#scroll.turnOff();
      this.#scroll.followsView = false;
    }
  }

  /** Requests the fields of what is on the screen, now that they are needed. */
  #request(): void {
    if (!this.#scroll.isOn && !this.#cursor.isOn) return;
    this.#standing.fields.want(this.#pairs());
  }

  /** Requests the fields of what is on the screen when nothing is left to analyse: so the link is there at once. */
  #prefetchLater(): void {
    clearTimeout(this.#prefetching);
    this.#prefetching = setTimeout(() => {
      const { timePoints } = this.#context;
      const { readiness } = timePoints;
      if (timePoints.list().some((point) => point.readiness.state === 'working')) return;
      const isReady = (pair: SeriesPair): boolean =>
        pair.every(({ seriesInstanceUid }) => readiness.of(seriesInstanceUid).state === 'ready');
      const ready = this.#pairs().filter(isReady);
      if (ready.length > 0) this.#standing.fields.want(ready);
    }, PREFETCH_AFTER_MS);
  }

  /** The pairs that need a field: each series on the screen with one of the current study, through which the others are mapped. */
  #pairs(): readonly SeriesPair[] {
    const { host, timePoints } = this.#context;
    const panes = panesOf(host).filter((pane) => isComparable(this.#standing, pane));
    const hub = panes.find(({ series }) => series.studyInstanceUid === timePoints.current) ?? panes[0];
    if (hub === undefined) return [];
    return panes
      .filter((pane) => !isSameSpace(hub, pane) && samePatient(hub.series, pane.series))
      .map((pane): SeriesPair => [refOf(hub), refOf(pane)]);
  }

  #textFor(viewportId: string): string {
    if (this.#scroll.isOn) return this.#linkText(viewportId);
    const source = this.#cursor.isOn ? this.#cursor.viewportId : undefined;
    return source === undefined || source === viewportId ? '' : this.#cursorText(source, viewportId);
  }

  #linkText(viewportId: string): string {
    const words = wordsOf(window);
    const { host } = this.#context;
    if (panesOf(host).length < 2) return words.linked.onlyScan;
    if (viewportId === this.#leader.last) {
      if (!this.#scroll.isFollowed(viewportId)) return '';
      return this.#scroll.followsView ? words.linked.onWithView : words.linked.on;
    }
    const following = this.#scroll.following(viewportId);
    return following === undefined ? '' : followingText(following, words);
  }

  #cursorText(from: string, to: string): string {
    const { host } = this.#context;
    const [source, target]: readonly (Pane | undefined)[] = [paneOf(host, from), paneOf(host, to)];
    if (source === undefined || target === undefined) return '';
    const standing = standingOf(this.#standing, source, target);
    return standing.kind === 'linked' ? '' : standingText(standing, wordsOf(window));
  }
}
