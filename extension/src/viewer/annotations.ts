import { TOOL_NAME } from '../ids.ts';
import type { Annotation } from '../ohif.d.ts';
import type { Host } from './host.ts';
import { toPoint3 } from './jump.ts';
import type { Marker } from './marker.ts';

/** A cornerstone annotation that shows a marker. */
export function annotationOf(marker: Marker): Annotation {
  return {
    annotationUID: marker.id,
    highlighted: false,
    isLocked: marker.isMovable !== true,
    isVisible: true,
    invalidated: false,
    isPreview: true,
    metadata: { toolName: TOOL_NAME, FrameOfReferenceUID: marker.frameOfReferenceUid },
    data: {
      handles: { points: [toPoint3(marker.lps)] },
      label: marker.lines[0] ?? '',
      samepoint: marker,
    },
  };
}

/**
 * Keeps the host's annotations equal to the markers. They are put into the annotation manager without cornerstone's
 * added/removed events: OHIF turns those into measurement rows, opens the prompt "Track measurements?" and, up to 3.11, ignores
 * `isPreview`.
 */
export class MarkerLayer {
  readonly #host: Host;
  #shown = new Set<string>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Shows exactly these markers; safe to call at any time, also after the host has dropped all annotations. */
  sync(markers: readonly Marker[]): void {
    const manager = this.#host.libraries.cornerstoneTools.annotation.state.getAnnotationManager();
    const wanted = new Set(markers.map((marker) => marker.id));
    for (const id of this.#shown) if (!wanted.has(id)) manager.removeAnnotation(id);
    for (const marker of markers) {
      const next = annotationOf(marker);
      const present = manager.getAnnotation(marker.id);
      if (present === undefined) {
        manager.addAnnotation(next);
      } else if (present.data.samepoint !== marker) {
        present.data = next.data;
        present.isLocked = next.isLocked;
      }
    }
    this.#shown = wanted;
    this.redraw();
  }

  /** Removes every marker from the images; the lesions stay in the list. */
  clear(): void {
    this.sync([]);
  }

  redraw(): void {
    const ready = this.#host
      .viewportIds()
      .filter((viewportId) => this.#host.viewport(viewportId) !== undefined);
    if (ready.length > 0)
      this.#host.libraries.cornerstoneTools.utilities.triggerAnnotationRenderForViewportIds(ready);
  }
}
