/** Scrolls a box as little as shows the whole of a part of it, its beginning where it is higher than the box. */
export function scrollIntoBox(box: HTMLElement, part: HTMLElement): void {
  const outer = box.getBoundingClientRect();
  const { top, bottom } = part.getBoundingClientRect();
  const tooLow = Math.max(0, bottom - outer.bottom);
  const shift = top - tooLow < outer.top ? top - outer.top : tooLow;
  if (shift !== 0) box.scrollTop += shift;
}
