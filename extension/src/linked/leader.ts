import type { Unsubscribe } from '../ohif.d.ts';
import type { Host } from '../viewer/host.ts';

/** Keys with a name (arrows, Page Down) scroll the active viewport; a letter is a command. */
const LETTER_LENGTH = 1;

type Place = Pick<MouseEvent, 'clientX' | 'clientY'>;

function isIn(element: HTMLElement, { clientX, clientY }: Place): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX >= left && clientX < right && clientY >= top && clientY < bottom;
}

/**
 * The viewport that the reader scrolls, and that the others follow: where the last input was. A viewport that was moved by the link, or
 * by "Go to", leads no other, however late its image arrives.
 */
export class Leader {
  readonly #host: Host;
  #id: string | undefined;
  #last: string | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  get id(): string | undefined {
    return this.#id;
  }

  /** The viewport that led last: the others are where it brought them. */
  get last(): string | undefined {
    return this.#last;
  }

  /** A viewport leads from now on. */
  set(viewportId: string | undefined): void {
    this.#id = viewportId;
    this.#last = viewportId ?? this.#last;
  }

  /** The active viewport leads: the reader has switched the link on there. */
  setActive(): void {
    this.set(this.#host.services.viewportGridService.getState().activeViewportId);
  }

  /** The viewport at a place of the page. */
  viewportAt(place: Place): string | undefined {
    return this.#host.viewportIds().find((viewportId) => {
      const element = this.#host.viewport(viewportId)?.element;
      return element !== undefined && isIn(element, place);
    });
  }

  /** Watches where the reader's input goes; the result ends that. */
  listen(page: Document): Unsubscribe {
    const onPointer = (event: Event): void => {
      this.set(this.viewportAt(event as MouseEvent));
    };
    const onKey = (event: Event): void => {
      if ((event as KeyboardEvent).key.length === LETTER_LENGTH) this.set(undefined);
      else this.setActive();
    };
    const listeners = [
      ['wheel', onPointer],
      ['pointerdown', onPointer],
      ['keydown', onKey],
    ] as const;
    const options = { capture: true, passive: true };
    for (const [name, listener] of listeners) page.addEventListener(name, listener, options);
    return () => {
      for (const [name, listener] of listeners) page.removeEventListener(name, listener, options);
    };
  }
}
