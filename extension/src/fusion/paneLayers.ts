import { paneOf, panesOf } from '../linked/panes.ts';
import type { Pane } from '../linked/panes.ts';
import type { Unsubscribe } from '../ohif.d.ts';
import type { Host } from '../viewer/host.ts';
import { gridOf } from './grid.ts';
import { PaneLayer } from './paneLayer.ts';
import type { PaneContent } from './picture.ts';

/** A layer and what ends its updates. */
interface Layer {
  readonly drawing: PaneLayer;
  readonly stop: Unsubscribe;
}

/** Renderings of a body from outside have no plane. */
const NO_PLANE = /3d/iu;

/** Computed pictures over the panes, which follow every step, pan and zoom. */
export class PaneLayers {
  readonly #host: Host;
  readonly #contentOf: (pane: Pane) => PaneContent;
  readonly #layers = new Map<string, Layer>();

  /** @param contentOf called for each pane after each change of its image */
  constructor(host: Host, contentOf: (pane: Pane) => PaneContent) {
    this.#host = host;
    this.#contentOf = contentOf;
  }

  /** Draws every pane anew. */
  update(): void {
    const panes = panesOf(this.#host);
    for (const id of this.#layers.keys()) if (!panes.some((pane) => pane.id === id)) this.#remove(id);
    for (const pane of panes) this.#draw(pane);
  }

  /** Draws nothing more. */
  clear(): void {
    for (const id of [...this.#layers.keys()]) this.#remove(id);
  }

  #remove(id: string): void {
    const layer = this.#layers.get(id);
    layer?.stop();
    layer?.drawing.remove();
    this.#layers.delete(id);
  }

  /** Draws a pane; nothing over one that is being torn down. */
  #draw(pane: Pane): void {
    try {
      const content = NO_PLANE.test(pane.viewport.type ?? '') ? undefined : this.#contentOf(pane);
      if (content === undefined) this.#remove(pane.id);
      else if (content.kind === 'words') this.#layerOf(pane).say(content);
      else {
        const grid = gridOf(pane.viewport);
        if (grid === undefined) this.#remove(pane.id);
        else this.#layerOf(pane).show(content, grid);
      }
    } catch {
      this.#remove(pane.id);
    }
  }

  #layerOf(pane: Pane): PaneLayer {
    const known = this.#layers.get(pane.id);
    if (known?.drawing.isThere === true) return known.drawing;
    known?.stop();
    const drawing = new PaneLayer(pane.viewport.element);
    this.#layers.set(pane.id, { drawing, stop: this.#onRendered(pane) });
    return drawing;
  }

  #onRendered({ id, viewport: { element } }: Pane): Unsubscribe {
    const event = this.#host.libraries.cornerstone.Enums?.Events?.['IMAGE_RENDERED'];
    if (event === undefined) return () => undefined;
    const onRendered = (): void => {
      const pane = paneOf(this.#host, id);
      if (pane === undefined) this.#remove(id);
      else this.#draw(pane);
    };
    element.addEventListener(event, onRendered);
    return () => {
      element.removeEventListener(event, onRendered);
    };
  }
}
