import { certaintyText, isMissing } from '../pairs/certainty.ts';
import { lesionSizeText } from '../pairs/lesionSize.ts';
import { isUncertain } from '../pairs/types.ts';
import type { Pair } from '../pairs/types.ts';
import { similarityText } from '../viewer/marker.ts';
import type { PanelActions } from './actions.ts';
import { button, element, setText } from './dom.ts';
import type { ItemView } from './dom.ts';

/** How a pair stands with the rest of the list. */
export interface PairStatus {
  readonly locked: boolean;
  readonly moving: boolean;
  /** The two time points, e.g. "2024-03-01 ↔ 2023-02-11". */
  readonly timePoints: string;
  /** The date of the scan in which the place can be moved. */
  readonly foundIn: string;
}

const STATE_TEXT = {
  proposed: 'proposed',
  accepted: 'accepted',
  moved: 'moved by you',
  rejected: 'rejected',
} as const;

/** "similarity 0.87 · cycle error 1.2 mm · step local": what the verdict was made of. */
function scoreText(pair: Pair): string {
  const { state, similarity, cycleErrorMm, certainty } = pair;
  const numbers = `similarity ${similarityText(similarity)} · cycle error ${cycleErrorMm.toFixed(1)} mm`;
  // They belong to the place that the matcher proposed, not to the one that the reader has set.
  if (state === 'moved') return `before the move: ${numbers}`;
  if (certainty !== undefined) return `${numbers} · step ${certainty.step}`;
  return isUncertain(pair) ? `${numbers} · uncertain, look closely` : numbers;
}

const CERTAINTY_HELP = 'The true place lies within this distance with 90 % probability.';
const SIZE_HELP =
  'The diameter of a sphere of the same size, measured in the images at 2 mm: to be checked on the images.';
const SCORE_HELP =
  'Similarity: how alike the two places look, from -1 to 1. Cycle error: distance from the click to where the found point is matched backward. Step: the part of the method that found it.';

/** One pair of the list: its label, numbers and state, and what the reader can do with it. */
export class PairView implements ItemView<Pair> {
  readonly root = element('li', { 'data-samepoint': 'pair' });
  readonly #label = element('input', { type: 'text', maxlength: '64', 'data-samepoint': 'label' });
  readonly #state = element('span', { 'data-samepoint': 'state' });
  readonly #timePoints = element('span', { 'data-samepoint': 'time-points' });
  readonly #certainty = element('span', { 'data-samepoint': 'certainty' });
  readonly #size = element('span', { 'data-samepoint': 'lesion-size', title: SIZE_HELP });
  readonly #score = element('span', { 'data-samepoint': 'score', title: SCORE_HELP });
  readonly #why = element('details', { 'data-samepoint': 'why' }, [
    element('summary', {}, ['Why?']),
    this.#score,
  ]);
  readonly #hint = element('p', { 'data-samepoint': 'move-hint' });
  readonly #buttons: Readonly<Record<'accept' | 'move' | 'reject' | 'go' | 'remove', HTMLButtonElement>>;
  readonly #statusOf: (pair: Pair) => PairStatus;
  #pair: Pair;

  constructor(pair: Pair, actions: PanelActions, statusOf: (pair: Pair) => PairStatus) {
    this.#pair = pair;
    this.#statusOf = statusOf;
    const { id } = pair;
    this.#buttons = {
      accept: button('accept', 'Accept', () => {
        actions.accept(id);
      }),
      move: button('move', 'Move', () => {
        if (this.#statusOf(this.#pair).moving) actions.stopMove();
        else actions.startMove(id);
      }),
      reject: button('reject', 'Reject', () => {
        actions.reject(id);
      }),
      go: button('go', 'Go to', () => {
        actions.goTo(id);
      }),
      remove: button('delete', 'Delete', () => {
        actions.remove(id);
      }),
    };
    this.#listenToLabel(actions);
    this.#build();
  }

  update(pair: Pair): void {
    this.#pair = pair;
    const { locked, moving, timePoints, foundIn } = this.#statusOf(pair);
    Object.assign(this.root.dataset, {
      pairId: pair.id,
      state: pair.state,
      moving: String(moving),
      saved: String(pair.saved),
      uncertain: String(isUncertain(pair)),
      missing: String(isMissing(pair)),
    });
    // What the reader is typing is not overwritten.
    if (document.activeElement !== this.#label) this.#label.value = pair.label;
    this.#label.readOnly = locked;
    this.#label.setAttribute('aria-label', `Label of ${pair.label}`);
    setText(this.#state, pair.saved ? `${STATE_TEXT[pair.state]}, in the PACS` : STATE_TEXT[pair.state]);
    setText(this.#timePoints, timePoints);
    const certainty = certaintyText(pair);
    setText(this.#certainty, certainty);
    this.#certainty.hidden = certainty === '';
    this.#certainty.title = certainty.startsWith('±') ? CERTAINTY_HELP : '';
    const size = lesionSizeText(pair);
    setText(this.#size, size);
    this.#size.hidden = size === '';
    setText(this.#score, scoreText(pair));
    // Without a verdict the numbers are all that there is.
    if (certainty === '' && pair.state !== 'moved') this.#why.open = true;
    setText(this.#hint, `Click the right place in the scan of ${foundIn}, or press Escape.`);
    this.#hint.hidden = !moving;
    this.#updateButtons(pair, locked, moving);
  }

  #build(): void {
    const { go, accept, move, reject, remove } = this.#buttons;
    this.root.append(
      this.#label,
      element('div', { 'data-samepoint': 'pair-facts' }, [this.#timePoints, this.#state]),
      this.#certainty,
      this.#size,
      this.#why,
      element('div', { 'data-samepoint': 'pair-actions' }, [go, accept, move, reject, remove]),
      this.#hint,
    );
  }

  #listenToLabel(actions: PanelActions): void {
    const label = this.#label;
    label.addEventListener('change', () => {
      const text = label.value.trim();
      if (text === '') label.value = this.#pair.label;
      else if (text !== this.#pair.label) actions.rename(this.#pair.id, text);
    });
    label.addEventListener('keydown', (event) => {
      // The viewer's hotkeys are single letters: they must not act on what is typed here.
      event.stopPropagation();
      if (event.key === 'Escape') label.value = this.#pair.label;
      if (event.key === 'Enter' || event.key === 'Escape') label.blur();
    });
  }

  #updateButtons(pair: Pair, locked: boolean, moving: boolean): void {
    const { accept, move, reject, remove } = this.#buttons;
    this.#nameButtons(pair, moving);
    for (const decision of [accept, move, reject]) decision.hidden = pair.saved;
    // There is no place to accept.
    accept.hidden ||= isMissing(pair);
    accept.disabled = locked || pair.state === 'accepted' || pair.state === 'moved';
    move.disabled = locked;
    reject.disabled = locked || pair.state === 'rejected';
    remove.disabled = locked && !pair.saved;
  }

  #nameButtons(pair: Pair, moving: boolean): void {
    const { accept, move, reject, go, remove } = this.#buttons;
    const name = (target: HTMLButtonElement, verb: string): void => {
      target.setAttribute('aria-label', `${verb} ${pair.label}`);
    };
    const moveText = isMissing(pair) ? 'Place by hand' : 'Move';
    setText(move, moving ? 'Cancel move' : moveText);
    name(go, 'Go to');
    name(accept, 'Accept');
    name(move, moving ? 'Cancel moving' : moveText);
    name(reject, 'Reject');
    name(remove, pair.saved ? 'Hide' : 'Delete');
    setText(remove, pair.saved ? 'Hide' : 'Delete');
    remove.title = pair.saved ? 'Removes it from this list; the report in the PACS stays.' : '';
  }
}
