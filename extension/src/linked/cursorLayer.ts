import type { Point2 } from '../ohif.d.ts';
import { CURSOR_COLOUR, HALO_COLOUR } from '../viewer/colours.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Of the ring at the point itself, CSS pixels. */
const RING_PX = 5;
/** The smallest error circle that is drawn: below it the ring covers it. */
const MIN_RADIUS_PX = RING_PX + 2;
const FAINT_OPACITY = '0.35';

/** The ring as it is drawn in a viewport. */
export interface DrawnCursor {
  /** Canvas, CSS pixels. */
  readonly at: Point2;
  /** Radius that holds the true point with 90 % probability, CSS pixels; undefined where it is not known. */
  readonly radiusPx: number | undefined;
  /** True where the map is not to be relied on. */
  readonly isFaint: boolean;
}

function circle(page: Document, name: string, radius: number, colour: string, width: number): SVGElement {
  const made = page.createElementNS(SVG, 'circle');
  const attributes = { r: radius, stroke: colour, 'stroke-width': width, fill: 'none' };
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.dataset['part'] = name;
  return made;
}

/**
 * The ring of the live cursor over one viewport. An element of its own, of which only attributes change: neither the image nor the
 * annotations are drawn again when the mouse moves, and exported images do not show it.
 */
export class CursorLayer {
  readonly #layer: SVGElement;
  readonly #ring: SVGElement;
  readonly #radii: readonly SVGElement[];

  constructor(element: HTMLElement) {
    const page = element.ownerDocument;
    this.#layer = page.createElementNS(SVG, 'svg');
    this.#layer.dataset['samepoint'] = 'live-cursor';
    this.#layer.setAttribute('style', 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none');
    this.#ring = page.createElementNS(SVG, 'g');
    this.#radii = [
      circle(page, 'radius-halo', 0, HALO_COLOUR, 3),
      circle(page, 'radius', 0, CURSOR_COLOUR, 1),
    ];
    this.#ring.append(
      ...this.#radii,
      circle(page, 'halo', RING_PX, HALO_COLOUR, 4),
      circle(page, 'ring', RING_PX, CURSOR_COLOUR, 2),
    );
    this.#layer.append(this.#ring);
    this.hide();
    element.append(this.#layer);
  }

  /** False after the host has emptied the viewport. */
  get isThere(): boolean {
    return this.#layer.isConnected;
  }

  draw({ at: [x, y], radiusPx, isFaint }: DrawnCursor): void {
    this.#ring.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    this.#ring.setAttribute('opacity', isFaint ? FAINT_OPACITY : '1');
    for (const radius of this.#radii) {
      radius.setAttribute('r', Math.max(MIN_RADIUS_PX, radiusPx ?? 0).toFixed(1));
      radius.setAttribute('visibility', radiusPx === undefined ? 'hidden' : 'inherit');
    }
    this.#ring.setAttribute('visibility', 'visible');
  }

  hide(): void {
    this.#ring.setAttribute('visibility', 'hidden');
  }

  remove(): void {
    this.#layer.remove();
  }
}
