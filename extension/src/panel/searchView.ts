import { radiusText } from '../pairs/certainty.ts';
import type { Notice, Search, SeriesWarnings } from '../pairs/types.ts';
import type { PanelActions } from './actions.ts';
import { button, element, setText } from './dom.ts';
import type { ItemView } from './dom.ts';

/** A running search: the step of the server, its progress, and a button that cancels it. */
export class SearchView implements ItemView<Search> {
  readonly root = element('li', { 'data-samepoint': 'search' });
  readonly #text = element('p', { 'data-samepoint': 'search-text' });
  readonly #preview = element('p', { 'data-samepoint': 'preview' });
  readonly #bar = element('progress', { 'data-samepoint': 'progress', max: '1' });
  readonly #cancel: HTMLButtonElement;

  constructor({ id }: Search, actions: PanelActions) {
    this.#cancel = button('cancel', 'Cancel', () => {
      actions.cancelSearch(id);
    });
    this.root.append(this.#text, this.#preview, this.#bar, this.#cancel);
  }

  update({ label, progress, previews = [] }: Search): void {
    const radius = Math.max(0, ...previews.map(({ errorRadiusMm }) => errorRadiusMm));
    setText(this.#preview, `Preview shown, ${radiusText(radius)}. The exact place follows.`);
    this.#preview.hidden = previews.length === 0;
    setText(this.#text, `${label}: ${progress.text} …`);
    if (progress.fraction === undefined) this.#bar.removeAttribute('value');
    else this.#bar.value = progress.fraction;
    this.#bar.setAttribute('aria-label', `Progress of ${label}`);
    this.#cancel.setAttribute('aria-label', `Cancel the search for ${label}`);
  }
}

/** A failure: the click that it concerns, what happened and what to do, with a button that does it where there is one. */
export class NoticeView implements ItemView<Notice> {
  readonly root = element('li', { 'data-samepoint': 'notice' });
  readonly #message = element('p', { 'data-samepoint': 'notice-message' });
  readonly #remedy = element('p', { 'data-samepoint': 'notice-remedy' });

  constructor({ id, subject, mend }: Notice, actions: PanelActions) {
    const dismiss = button('dismiss', 'Dismiss', () => {
      actions.dismissNotice(id);
    });
    dismiss.setAttribute('aria-label', `Dismiss the message about ${subject}`);
    const buttons = element('div', { 'data-samepoint': 'notice-actions' }, [dismiss]);
    if (mend !== undefined) {
      const act = button('mend', mend.label, () => {
        actions.mendNotice(id);
      });
      act.setAttribute('aria-label', `${mend.label}: ${subject}`);
      buttons.prepend(act);
    }
    this.root.append(this.#message, this.#remedy, buttons);
  }

  update({ code, subject, message, remedy, detail = '' }: Notice): void {
    this.#message.title = detail === '' ? code : `${code}: ${detail}`;
    this.root.dataset.code = code;
    setText(this.#message, `${subject}: ${message}`);
    setText(this.#remedy, remedy);
  }
}

/** The warnings on a series, in the words of the server. */
export class SeriesWarningsView implements ItemView<SeriesWarnings> {
  readonly root = element('li', { 'data-samepoint': 'series-warning' });
  readonly #text = element('p', { 'data-samepoint': 'series-warning-text' });

  constructor({ id, title }: SeriesWarnings, actions: PanelActions) {
    const dismiss = button('dismiss', 'Dismiss', () => {
      actions.dismissSeriesWarnings(id);
    });
    dismiss.setAttribute('aria-label', `Dismiss the message about ${title}`);
    this.root.append(this.#text, dismiss);
  }

  update({ title, messages }: SeriesWarnings): void {
    setText(this.#text, `${title}: ${messages.join(' · ')}`);
  }
}
