/** What stays at the top of a box while it scrolls, and covers what is below. */
const HEADING = '[data-samepoint="columns"]';

/** Scrolls a box as little as shows the whole of a part of it, its beginning where it is higher than the box. */
export function scrollIntoBox(box: HTMLElement, part: HTMLElement): void {
  const outer = box.getBoundingClientRect();
  const start = outer.top + (box.querySelector(HEADING)?.getBoundingClientRect().height ?? 0);
  const { top, bottom } = part.getBoundingClientRect();
  const tooLow = Math.max(0, bottom - outer.bottom);
  const shift = top - tooLow < start ? top - start : tooLow;
  if (shift !== 0) box.scrollTop += shift;
}
