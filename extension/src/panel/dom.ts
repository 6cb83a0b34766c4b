/** Attributes of an element; `data-samepoint` names the parts that tests and style sheets refer to. */
type Attributes = Readonly<Record<string, string>>;

/** Makes an element with attributes and children; text is set as text, never as markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A button with a visible text; `part` becomes its `data-samepoint`. */
export function button(part: string, text: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', 'data-samepoint': part }, [text]);
  made.addEventListener('click', onClick);
  return made;
}

/** Sets the text only when it differs: screen readers announce a live region each time it is written. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Scrolls a box as little as shows the whole of a part of it, its beginning where it is higher than the box. */
export function scrollTo(box: HTMLElement, part: HTMLElement): void {
  const outer = box.getBoundingClientRect();
  const { top, bottom } = part.getBoundingClientRect();
  const tooLow = Math.max(0, bottom - outer.bottom);
  const shift = top - tooLow < outer.top ? top - outer.top : tooLow;
  if (shift !== 0) box.scrollTop += shift;
}

/** A part of a list that shows one item and can be brought up to date. */
export interface ItemView<Item> {
  readonly root: HTMLElement;
  update(item: Item): void;
}

/** Keeps the children of a list equal to the items; an item keeps its element, and with it the keyboard focus. */
export class ListView<Item extends { readonly id: string }> {
  readonly #list: HTMLElement;
  readonly #make: (item: Item) => ItemView<Item>;
  readonly #views = new Map<string, ItemView<Item>>();

  constructor(list: HTMLElement, make: (item: Item) => ItemView<Item>) {
    this.#list = list;
    this.#make = make;
  }

  /** The element of an item. */
  rootOf(id: string): HTMLElement | undefined {
    return this.#views.get(id)?.root;
  }

  /** Gives the element of the last item that is new. */
  update(items: readonly Item[]): HTMLElement | undefined {
    let added: HTMLElement | undefined;
    const wanted = new Set(items.map((item) => item.id));
    for (const [id, view] of this.#views) {
      if (wanted.has(id)) continue;
      view.root.remove();
      this.#views.delete(id);
    }
    items.forEach((item, index) => {
      let view = this.#views.get(item.id);
      if (view === undefined) {
        view = this.#make(item);
        this.#views.set(item.id, view);
        added = view.root;
      }
      view.update(item);
      if (this.#list.children[index] !== view.root)
        this.#list.insertBefore(view.root, this.#list.children[index] ?? null);
    });
    this.#list.hidden = items.length === 0;
    return added;
  }
}
