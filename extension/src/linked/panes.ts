import type { Viewport } from '../ohif.d.ts';
import type { Host } from '../viewer/host.ts';
import { loadedSeriesOf } from '../viewer/series.ts';
import type { LoadedSeries } from '../viewer/series.ts';
import type { Slice } from '../viewer/slices.ts';

/** A viewport with the series that it shows. */
export interface Pane {
  readonly id: string;
  readonly viewport: Viewport;
  readonly series: LoadedSeries;
  readonly frameOfReferenceUid: string | undefined;
  readonly slices: readonly Slice[];
}

/** What a viewport shows; undefined for an empty one, and for one that is being torn down. */
export function paneOf(host: Host, viewportId: string): Pane | undefined {
  const viewport = host.viewport(viewportId);
  // Of fused series the background: it is the one that is scrolled.
  const [displaySet] = host.displaySetsOf(viewportId);
  if (viewport === undefined || displaySet === undefined) return undefined;
  try {
    return {
      id: viewportId,
      viewport,
      series: loadedSeriesOf(displaySet),
      frameOfReferenceUid: viewport.getFrameOfReferenceUID(),
      slices: host.slicesOf(displaySet),
    };
  } catch {
    return undefined;
  }
}

/** Every viewport that shows a series. */
export function panesOf(host: Host): readonly Pane[] {
  return host.viewportIds().flatMap((viewportId) => paneOf(host, viewportId) ?? []);
}
