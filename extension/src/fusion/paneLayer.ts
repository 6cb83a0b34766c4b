import { LABEL_BACKGROUND } from '../viewer/colours.ts';
import { gridKey } from './grid.ts';
import type { PlaneGrid } from './grid.ts';
import type { InWords, Legend, Picture } from './picture.ts';

const LAYER_STYLE = 'position:absolute;inset:0;overflow:hidden;pointer-events:none';
const LEGEND_STYLE = [
  'position:absolute;left:50%;bottom:6px;transform:translateX(-50%);padding:3px 8px;border-radius:3px',
  `max-width:90%;font:12px/1.35 sans-serif;color:rgb(235,235,235);text-align:center;background:${LABEL_BACKGROUND}`,
].join(';');
const BAR_STYLE = 'display:inline-block;width:96px;height:8px;margin:0 6px;border:1px solid rgb(120,120,120)';

function textIn(page: Document, text: string): HTMLElement {
  const line = page.createElement('div');
  line.textContent = text;
  return line;
}

function barOf(page: Document, { gradient, low, high }: Legend): HTMLElement {
  const line = page.createElement('div');
  const bar = page.createElement('span');
  bar.setAttribute('style', BAR_STYLE);
  bar.style.background = `${gradient}, rgb(40,40,40)`;
  line.append(low, bar, high);
  return line;
}

/**
 * A computed picture over the images of one viewport, below the markers: a canvas of its own with a legend. The viewer's images are not
 * touched, and exported ones do not show it.
 */
export class PaneLayer {
  readonly #layer: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #legend: HTMLElement;
  #painted = '';
  #said: string | undefined;

  constructor(element: HTMLElement) {
    const page = element.ownerDocument;
    this.#layer = page.createElement('div');
    this.#layer.dataset['samepoint'] = 'fusion';
    this.#layer.setAttribute('style', LAYER_STYLE);
    this.#canvas = page.createElement('canvas');
    this.#canvas.setAttribute('style', 'position:absolute;left:0;top:0');
    this.#legend = page.createElement('div');
    this.#legend.dataset['samepoint'] = 'fusion-legend';
    this.#legend.setAttribute('style', LEGEND_STYLE);
    this.#legend.setAttribute('role', 'status');
    this.#layer.append(this.#canvas, this.#legend);
    const image = element.querySelector('canvas');
    if (image === null) element.append(this.#layer);
    else image.after(this.#layer);
  }

  /** False after the host has emptied the viewport. */
  get isThere(): boolean {
    return this.#layer.isConnected;
  }

  /** Draws a picture with its legend, unless it is drawn already. */
  show(picture: Picture, grid: PlaneGrid): void {
    const key = `${picture.version} ${gridKey(grid)}`;
    if (key === this.#painted) return;
    // A picture that lacks images is painted again when they are there.
    this.#painted = this.#paint(picture, grid) ? key : '';
    this.#said = undefined;
    this.#say(picture.legend.title, picture.legend);
  }

  /** Draws nothing, and says why. */
  say({ text }: InWords): void {
    // Said once: a screen reader reads it again with each change.
    if (text === this.#said) return;
    this.#said = text;
    this.#painted = '';
    this.#canvas.hidden = true;
    this.#say(text);
  }

  remove(): void {
    this.#layer.remove();
  }

  #paint(picture: Picture, grid: PlaneGrid): boolean {
    const { columns, rows, stepPx } = grid;
    const canvas = this.#canvas;
    [canvas.width, canvas.height] = [columns, rows];
    canvas.style.width = `${columns * stepPx}px`;
    canvas.style.height = `${rows * stepPx}px`;
    canvas.hidden = false;
    const context = canvas.getContext('2d');
    if (context === null) return true;
    const image = context.createImageData(columns, rows);
    const isWhole = picture.paint(grid, new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
    return isWhole;
  }

  #say(title: string, legend?: Legend): void {
    const page = this.#legend.ownerDocument;
    const text = legend?.caution === undefined ? [] : [textIn(page, legend.caution)];
    const bar = legend === undefined ? [] : [barOf(page, legend)];
    this.#legend.replaceChildren(textIn(page, title), ...bar, ...text);
  }
}
