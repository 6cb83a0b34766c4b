import { PANEL_TAB } from '../ids.ts';
import { nextUndecided, reviewOrder } from '../lesions/review.ts';
import type { Lesion } from '../lesions/types.ts';
import type { Host } from '../viewer/host.ts';
import { jumpTo } from '../viewer/jump.ts';
import type { Context } from './context.ts';
import { listedLesions, reviewedOf } from './listed.ts';

/** What the reader does with mouse, finger or key. */
const DEEDS = ['pointerdown', 'wheel', 'keydown'] as const;

/** Opening the panel of the extension goes nowhere: the reader still expects the first finding. */
function opensPanel({ target }: Event): boolean {
  return target instanceof Element && target.closest(PANEL_TAB) !== null;
}

/** Brings a study that was reported or begun before to its first finding, unless the reader has gone somewhere already. */
export class Opening {
  readonly #context: Context;
  #isOver = false;
  /** Tracking UID of the finding that was shown. */
  #shown: string | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Starts anew with the studies of a mode; the result ends it. */
  begin(page: EventTarget): () => void {
    this.#isOver = false;
    this.#shown = undefined;
    const end = (): void => {
      this.#isOver = true;
      for (const deed of DEEDS) page.removeEventListener(deed, onDeed, { capture: true });
    };
    const onDeed = (event: Event): void => {
      if (!opensPanel(event)) end();
    };
    for (const deed of DEEDS) page.addEventListener(deed, onDeed, { capture: true });
    return end;
  }

  /**
   * Shows the first finding that waits for a decision, or else the first. Again when a viewport has got its images, and when more findings
   * are read or restored: one that is decided gives way to one that waits. Never throws.
   */
  show(): void {
    const { lesions, host } = this.#context;
    if (this.#isOver) return;
    if (lesions.selected === undefined || lesions.selected === this.#shown) this.#choose();
    const lesion = lesions.lesion(this.#shown);
    if (lesion === undefined || lesions.selected !== this.#shown) return;
    tryToShow(host, lesion);
  }

  #choose(): void {
    const { lesions, timePoints } = this.#context;
    const listed = listedLesions(this.#context);
    const reviewed = reviewedOf(timePoints);
    const { order } = reviewOrder(listed, reviewed);
    const shown = order.find((uid) => uid === this.#shown) ?? order[0];
    this.#shown = nextUndecided(listed, reviewed, shown) ?? shown;
    if (this.#shown !== lesions.selected) lesions.select(this.#shown);
  }
}

/** Jumps to the places of a lesion. Gives false where a viewport has no images yet: to be tried again when it has them. */
export function tryToShow(host: Host, { observations }: Lesion): boolean {
  let isShown = true;
  for (const { place } of observations) {
    try {
      if (place !== undefined) jumpTo(host, place, { isCentred: true });
    } catch {
      isShown = false;
    }
  }
  return isShown;
}
