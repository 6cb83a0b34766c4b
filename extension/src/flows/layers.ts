import { MarkerLayer } from '../viewer/annotations.ts';
import { DiameterLayer } from '../viewer/diameters.ts';
import { markersOf } from '../viewer/marker.ts';
import type { Context } from './context.ts';

/** What the images show of the list: markers, and the diameters as measurements of the host. */
export class Layers {
  readonly #context: Context;
  readonly #markers: MarkerLayer;
  readonly #diameters: DiameterLayer;

  constructor(context: Context) {
    this.#context = context;
    this.#markers = new MarkerLayer(context.host);
    this.#diameters = new DiameterLayer(context.host);
  }

  /** True while a measurement is removed that the reader has not deleted. */
  get isRemoving(): boolean {
    return this.#diameters.isRemoving;
  }

  /** Brings the images up to date with the list. */
  draw(): void {
    const { lesions, activity } = this.#context;
    const { placing, highlighted = lesions.selected } = lesions;
    this.#diameters.sync(lesions.lesions, lesions.selected, placing !== undefined);
    const isMeasured = (trackingUid: string, study: string): boolean =>
      this.#diameters.shows(trackingUid, study);
    this.#markers.sync(markersOf(lesions.lesions, activity.searches, { placing, highlighted, isMeasured }));
  }

  /** Removes the markers; the host removes its measurements itself. */
  clear(): void {
    this.#markers.clear();
  }
}
