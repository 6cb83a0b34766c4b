import type { Point2, Unsubscribe } from '../ohif.d.ts';
import type { Host } from '../viewer/host.ts';
import { toPoint3 } from '../viewer/jump.ts';
import { isOnShownSlice, pixelsPerMm } from '../viewer/visible.ts';
import type { Lps } from '../wire.ts';
import { CursorLayer } from './cursorLayer.ts';
import { isPointOf } from './level.ts';
import type { Leader } from './leader.ts';
import type { MappedPoint } from './mapPoint.ts';
import { paneOf, panesOf } from './panes.ts';
import type { Pane } from './panes.ts';
import { standingOf } from './standing.ts';
import type { StandingContext } from './standing.ts';

/** From this error radius on the ring is faint, mm: it may lie on another structure. */
const FAINT_MM = 10;

/** What the live cursor works with. */
export interface LiveCursorParts extends StandingContext {
  readonly host: Host;
  readonly leader: Leader;
  /** Brings a pane to the slice of the point, where panes are linked. */
  readonly bringToSlice: (pane: Pane, mapped: MappedPoint) => void;
}

/** Where the mouse is: a viewport, and a place on its canvas in CSS pixels. */
interface Pointer {
  readonly viewportId: string;
  readonly canvas: Point2;
}

/** A layer and what ends its updates. */
interface Layer {
  readonly drawing: CursorLayer;
  readonly stop: Unsubscribe;
}

/** A ring in every other pane at the place of the mouse. Nothing is requested and no image is drawn when the mouse moves. */
export class LiveCursor {
  readonly #parts: LiveCursorParts;
  readonly #layers = new Map<string, Layer>();
  #pointer: Pointer | undefined;
  #stop: Unsubscribe | undefined;

  constructor(parts: LiveCursorParts) {
    this.#parts = parts;
  }

  get isOn(): boolean {
    return this.#stop !== undefined;
  }

  /** The viewport under the mouse. */
  get viewportId(): string | undefined {
    return this.#pointer?.viewportId;
  }

  /** The point under the mouse in a viewport, LPS mm; undefined where the mouse is elsewhere. */
  pointIn(viewportId: string): Lps | undefined {
    if (this.#pointer?.viewportId !== viewportId) return undefined;
    return this.#parts.host.viewport(viewportId)?.canvasToWorld([...this.#pointer.canvas]);
  }

  turnOn(page: Document): void {
    if (this.isOn) return;
    const onMove = (event: Event): void => {
      this.#moved(event as MouseEvent);
    };
    const options = { capture: true, passive: true };
    page.addEventListener('pointermove', onMove, options);
    this.#stop = () => {
      page.removeEventListener('pointermove', onMove, options);
    };
  }

  turnOff(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#pointer = undefined;
    for (const { drawing, stop } of this.#layers.values()) {
      stop();
      drawing.remove();
    }
    this.#layers.clear();
  }

  /** Draws the ring in every pane anew. */
  update(): void {
    if (!this.isOn) return;
    const { host, leader } = this.#parts;
    const source = this.#source();
    // A reader who scrolls another pane by keys, with the mouse here, is not held where the mouse is.
    const mayBring = leader.id === source?.id;
    for (const pane of panesOf(host)) this.#draw(source, pane, mayBring);
  }

  #source(): Pane | undefined {
    return this.#pointer === undefined ? undefined : paneOf(this.#parts.host, this.#pointer.viewportId);
  }

  #moved(event: MouseEvent): void {
    const { leader, host } = this.#parts;
    const viewportId = leader.viewportAt(event);
    const element = viewportId === undefined ? undefined : host.viewport(viewportId)?.element;
    if (viewportId === undefined || element === undefined) this.#pointer = undefined;
    else {
      const { left, top } = element.getBoundingClientRect();
      this.#pointer = { viewportId, canvas: [event.clientX - left, event.clientY - top] };
      leader.set(viewportId);
    }
    this.update();
  }

  /** Draws the ring in a pane; none in one that is being torn down. */
  #draw(source: Pane | undefined, pane: Pane, mayBring: boolean): void {
    try {
      this.#drawRing(source, pane, mayBring);
    } catch {
      this.#layers.get(pane.id)?.drawing.hide();
    }
  }

  /** Draws the ring in a pane, or none where it would say what is not so. */
  #drawRing(source: Pane | undefined, pane: Pane, mayBring: boolean): void {
    const layer = this.#layerOf(pane);
    const mapped = source === undefined ? undefined : this.#mapped(source, pane);
    if (mapped === undefined) {
      layer.hide();
      return;
    }
    const { host, bringToSlice } = this.#parts;
    const { viewport, series } = pane;
    const isShown = (): boolean => isOnShownSlice(host, viewport, { ...series, lps: mapped.lps });
    if (!isShown() && mayBring && !mapped.isUnsure) bringToSlice(pane, mapped);
    // A slice that is still to be loaded draws the ring when it is there.
    if (!isShown()) {
      layer.hide();
      return;
    }
    const { errorRadiusMm, isUnsure } = mapped;
    layer.draw({
      at: viewport.worldToCanvas(toPoint3(mapped.lps)),
      radiusPx: errorRadiusMm === undefined ? undefined : errorRadiusMm * pixelsPerMm(viewport),
      isFaint: isUnsure || errorRadiusMm === undefined || errorRadiusMm > FAINT_MM,
    });
  }

  /** The point under the mouse in another pane; undefined where it is not in its images, or no map can be used. */
  #mapped(source: Pane, pane: Pane): (MappedPoint & { readonly isUnsure: boolean }) | undefined {
    const lps = pane.id === source.id ? undefined : this.pointIn(source.id);
    if (lps === undefined) return undefined;
    const standing = standingOf(this.#parts, source, pane);
    if (standing.kind !== 'linked' && standing.kind !== 'unsure') return undefined;
    const mapped = standing.transfer.map(lps);
    if (!mapped.isInside || !isPointOf(pane, mapped.lps)) return undefined;
    return { ...mapped, isUnsure: standing.kind === 'unsure' };
  }

  #layerOf(pane: Pane): CursorLayer {
    const known = this.#layers.get(pane.id);
    if (known?.drawing.isThere === true) return known.drawing;
    known?.stop();
    const drawing = new CursorLayer(pane.viewport.element);
    this.#layers.set(pane.id, { drawing, stop: this.#onRendered(pane) });
    return drawing;
  }

  /** Draws the ring of a pane again when its image has changed under it. */
  #onRendered({ id, viewport }: Pane): Unsubscribe {
    const event = this.#parts.host.libraries.cornerstone.Enums?.Events?.['IMAGE_RENDERED'];
    if (event === undefined) return () => undefined;
    const { element } = viewport;
    const onRendered = (): void => {
      const { host } = this.#parts;
      const pane = paneOf(host, id);
      if (pane === undefined) return;
      // The image under the mouse has changed: so have the places in all others.
      if (this.#pointer?.viewportId === id) this.update();
      else this.#draw(this.#source(), pane, false);
    };
    element.addEventListener(event, onRendered);
    return () => {
      element.removeEventListener(event, onRendered);
    };
  }
}
