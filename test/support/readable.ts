import type { Page } from 'playwright-core';
import { contrast } from './picture.ts';
import type { Rgb } from './picture.ts';

/** Least contrast of text (WCAG 2.2, 1.4.3). */
const TEXT = 4.5;

interface Printed {
  readonly text: string;
  readonly colour: Rgb;
  readonly background: Rgb;
}

/** Runs in the page: the texts below an element, their colours, and what they stand on. */
function printedIn(selector: string): readonly Printed[] {
  type Rgba = readonly [number, number, number, number];
  const rgbaOf = (colour: string): Rgba => {
    const [r = 0, g = 0, b = 0, a = 1] = (colour.match(/[\d.]+/gu) ?? []).map(Number);
    return colour === 'none' || colour === 'transparent' ? [0, 0, 0, 0] : [r, g, b, a];
  };
  const over = ([r, g, b, a]: Rgba, [x, y, z]: Rgb): Rgb => [
    r * a + x * (1 - a),
    g * a + y * (1 - a),
    b * a + z * (1 - a),
  ];
  const backgroundOf = (element: Element | null): Rgb => {
    if (element === null) return [0, 0, 0];
    const own = rgbaOf(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? [own[0], own[1], own[2]] : over(own, backgroundOf(element.parentElement));
  };
  const opacityOf = (element: Element | null): number =>
    element === null ? 1 : Number(getComputedStyle(element).opacity) * opacityOf(element.parentElement);
  const textOf = (element: Element): string => {
    if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) return element.value;
    return [...element.childNodes]
      .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
      .map(({ textContent }) => textContent ?? '')
      .join('')
      .trim();
  };
  return [...document.querySelectorAll(`${selector} *`)].flatMap((element) => {
    const { width, height } = element.getBoundingClientRect();
    const text = textOf(element);
    if (text === '' || width <= 1 || height <= 1) return [];
    const { color, fill } = getComputedStyle(element);
    const [r, g, b, a] = rgbaOf(element instanceof SVGElement ? fill : color);
    const background = backgroundOf(element);
    return [{ text, colour: over([r, g, b, a * opacityOf(element)], background), background }];
  });
}

/** The texts below an element that are too pale for what they stand on; also those of disabled controls, which no rule requires. */
export async function unreadable(page: Page, selector: string): Promise<readonly string[]> {
  const printed = await page.evaluate(printedIn, selector);
  if (printed.length === 0) throw new Error(`${selector} has no text`);
  return printed
    .map(({ text, colour, background }) => ({ text, ratio: contrast(colour, background) }))
    .filter(({ ratio }) => ratio < TEXT)
    .map(({ text, ratio }) => `"${text}": ${ratio.toFixed(2)}`);
}
