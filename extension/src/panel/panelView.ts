import type { PairStore } from '../pairs/store.ts';
import type { Pair, SeriesWarnings } from '../pairs/types.ts';
import type { PanelActions } from './actions.ts';
import { button, element, ListView, scrollTo, setText } from './dom.ts';
import { PairView } from './pairView.ts';
import type { PairStatus } from './pairView.ts';
import { SeriesWarningsView, NoticeView, SearchView } from './searchView.ts';
import { STYLES } from './styles.ts';

export interface PanelModel {
  readonly store: PairStore;
  /** Pairs of the studies that are open; pairs of another patient are not for this screen. */
  readonly isOpenStudy: (studyInstanceUid: string) => boolean;
  /** The date of a series, for the reader. */
  readonly dateOf: (seriesInstanceUid: string) => string;
  /** True when a prior could be put beside the current study. */
  readonly canCompare: () => boolean;
}

const HINT =
  'Choose “Find matching point” in the toolbar and click on a lesion. The same point is shown in every other scan on the screen.';
const DISCLAIMER = 'Research software, not a medical device.';

/** Attributes of the list of warnings: a screen reader speaks them when it is idle, they are no alarm. */
const WARNINGS = {
  'data-samepoint': 'series-warnings',
  'aria-label': 'About the series',
  'aria-live': 'polite',
};

/** The panel "Samepoint": plain elements inside an element of the host, brought up to date after each change. */
export class PanelView {
  readonly #root: HTMLElement;
  readonly #style: HTMLElement;
  readonly #model: PanelModel;
  readonly #searches: ListView<PanelModel['store']['searches'][number]>;
  readonly #notices: ListView<PanelModel['store']['notices'][number]>;
  readonly #warnings: ListView<SeriesWarnings>;
  readonly #pairs: ListView<Pair>;
  readonly #content = element('div', { 'data-samepoint': 'content' });
  readonly #hint = element('p', { 'data-samepoint': 'hint' }, [HINT]);
  readonly #status = element('p', { 'data-samepoint': 'status', role: 'status', 'aria-live': 'polite' });
  readonly #save: HTMLButtonElement;
  readonly #compare: HTMLButtonElement;
  readonly #unsubscribe: () => void;

  constructor(container: HTMLElement, model: PanelModel, actions: PanelActions) {
    const { store } = model;
    this.#model = model;
    this.#save = button('save', 'Save to PACS', () => {
      actions.save();
    });
    this.#compare = button('compare', 'Current and prior side by side', () => {
      actions.compare();
    });
    const searches = element('ul', { 'data-samepoint': 'searches', 'aria-label': 'Searches' });
    const notices = element('ul', { 'data-samepoint': 'notices', 'aria-label': 'Messages', role: 'alert' });
    const warnings = element('ul', WARNINGS);
    const pairs = element('ol', { 'data-samepoint': 'pairs', 'aria-label': 'Pairs of points' });
    this.#searches = new ListView(searches, (search) => new SearchView(search, actions));
    this.#notices = new ListView(notices, (notice) => new NoticeView(notice, actions));
    this.#warnings = new ListView(warnings, (entry) => new SeriesWarningsView(entry, actions));
    const statusOf = (pair: Pair): PairStatus => ({
      locked: store.isLocked(pair),
      moving: store.moving?.id === pair.id,
      foundIn: model.dateOf(pair[pair.found].seriesInstanceUid),
      timePoints: `${model.dateOf(pair.current.seriesInstanceUid)} ↔ ${model.dateOf(pair.prior.seriesInstanceUid)}`,
    });
    this.#pairs = new ListView(pairs, (pair) => new PairView(pair, actions, statusOf));
    this.#content.append(this.#compare, this.#hint, notices, warnings, searches, pairs);
    this.#root = element('section', { 'data-samepoint': 'panel', 'aria-label': 'Samepoint' }, [
      this.#content,
      this.#footer(),
    ]);
    this.#style = element('style', {}, [STYLES]);
    container.append(this.#style, this.#root);
    this.#unsubscribe = store.subscribe(() => {
      this.update();
    });
    this.update();
  }

  #footer(): HTMLElement {
    const disclaimer = element('p', { 'data-samepoint': 'disclaimer' }, [DISCLAIMER]);
    return element('div', { 'data-samepoint': 'footer' }, [this.#status, this.#save, disclaimer]);
  }

  /** Removes the panel from the page. */
  destroy(): void {
    this.#unsubscribe();
    this.#style.remove();
    this.#root.remove();
  }

  /** Scrolls to a pair, and puts the keyboard there. */
  show(pairId: string): void {
    const row = this.#pairs.rootOf(pairId);
    if (row === undefined) return;
    scrollTo(this.#content, row);
    row.querySelector<HTMLElement>('[data-samepoint="go"]')?.focus({ preventScroll: true });
  }

  /** Brings every part up to date with the store and the open studies. */
  update(): void {
    const { store, isOpenStudy, canCompare } = this.#model;
    const isOpen = (pair: Pair): boolean =>
      isOpenStudy(pair.current.studyInstanceUid) || isOpenStudy(pair.prior.studyInstanceUid);
    const shown = store.pairs.filter(isOpen);
    const toSave = store.unsaved.filter(isOpen);
    const added = [this.#searches.update(store.searches), this.#notices.update(store.notices)];
    this.#warnings.update(
      store.seriesWarnings.filter(({ studyInstanceUid }) => isOpenStudy(studyInstanceUid)),
    );
    added.push(this.#pairs.update(shown));
    this.#hint.hidden = shown.length > 0;
    this.#compare.hidden = !canCompare();
    this.#save.disabled = store.saving || toSave.length === 0;
    setText(this.#status, statusText(store, shown, toSave));
    const newest = added.findLast((root) => root !== undefined);
    if (newest !== undefined) scrollTo(this.#content, newest);
  }
}

function statusText(store: PairStore, shown: readonly Pair[], toSave: readonly Pair[]): string {
  if (store.saving) return 'Saving to the PACS …';
  if (store.searches.length > 0) return 'Looking for the matching point …';
  const saved = shown.filter((pair) => pair.saved).length;
  const undecided = shown.filter((pair) => pair.state === 'proposed').length;
  return [
    countText(undecided, 'pair to decide on', 'pairs to decide on'),
    countText(toSave.length, 'pair not saved yet', 'pairs not saved yet'),
    countText(saved, 'pair in the PACS', 'pairs in the PACS'),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function countText(count: number, one: string, many: string): string {
  if (count === 0) return '';
  return `${count} ${count === 1 ? one : many}`;
}
