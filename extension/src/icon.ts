/**
 * The icon of the extension on what the host draws: its button and the tab of its panel. Up to 3.13 no icon can be registered from
 * outside; the host draws one of its own, and a style sheet gives it our shape, without any file that a content security policy could
 * refuse. Where a version of the host names the parts otherwise, its own icon remains.
 * @module
 */
import { BUTTON_ID, CURSOR_BUTTON_ID, PANEL_TAB } from './ids.ts';
import type { Unsubscribe } from './ohif.d.ts';

/** Sizes at which the host draws icons, CSS pixels: in the toolbar and in the tabs of a side panel. */
const BUTTON_PX = 28;
const TAB_PX = 22;
/** The grid of the shape. */
const GRID = 24;

/** A closed rectangle, and a circle, of the shape. */
function rectangle(left: number, top: number, right: number, bottom: number): readonly (string | number)[] {
  return ['M', left, top, 'L', right, top, 'L', right, bottom, 'L', left, bottom, 'Z'];
}

function circle(x: number, y: number, radius: number): readonly (string | number)[] {
  const half = (to: number): readonly (string | number)[] => ['A', radius, radius, '0 0 1', to, y];
  return ['M', x - radius, y, ...half(x + radius), ...half(x - radius), 'Z'];
}

/** Two scans side by side, with a point at the same place of both. */
const SHAPE = [2, 13].flatMap((left) => [
  ...rectangle(left, 4, left + 9, 20),
  ...rectangle(left + 1.6, 5.6, left + 7.4, 18.4),
  ...circle(left + 4.5, 10, 1.9),
]);

/** A ring around a point: what the live cursor draws. */
const CURSOR_SHAPE = [...circle(12, 12, 9), ...circle(12, 12, 7), ...circle(12, 12, 2.2)];

function shapeOf(shape: readonly (string | number)[], sizePx: number): string {
  const scaled = shape.map((part) => (typeof part === 'string' ? part : ((part * sizePx) / GRID).toFixed(2)));
  return `path(evenodd, '${scaled.join(' ')}')`;
}

function ruleOf(selector: string, sizePx: number, shape: readonly (string | number)[] = SHAPE): string {
  return `
${selector} svg { background-color: currentColor; clip-path: ${shapeOf(shape, sizePx)}; }
${selector} svg > * { display: none; }`;
}

/** Gives the buttons and the tab of the panel their icons; the result removes it. */
export function addIcon(page: Document): Unsubscribe {
  const style = page.createElement('style');
  style.textContent =
    ruleOf(`[data-cy="${BUTTON_ID}"]`, BUTTON_PX) +
    ruleOf(`[data-cy="${CURSOR_BUTTON_ID}"]`, BUTTON_PX, CURSOR_SHAPE) +
    ruleOf(PANEL_TAB, TAB_PX);
  page.head.append(style);
  return () => {
    style.remove();
  };
}
