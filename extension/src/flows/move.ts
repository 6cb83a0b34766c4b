import { ViewerFailure } from '../client/failure.ts';
import { TOOL_NAME } from '../ids.ts';
import type { Viewport } from '../ohif.d.ts';
import type { Pair } from '../pairs/types.ts';
import { jumpTo } from '../viewer/jump.ts';
import { isOnImage, nearestSlice } from '../viewer/slices.ts';
import type { Lps, SeriesPoint } from '../wire.ts';
import type { Context } from './context.ts';
import { guarded, reportFailure } from './context.ts';

/** The reader corrects where the matcher put a point: by dragging its marker, or by clicking the right place. */
export class Mover {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The next click gives the pair's new place; the tool is made active, so that the click reaches it. */
  start(pairId: string): void {
    const { host, store } = this.#context;
    const pair = store.pair(pairId);
    if (pair === undefined || store.isLocked(pair)) return;
    void guarded(this.#context, { subject: pair.label }, () => {
      store.setMoving(pairId);
      // Both sides: what is moved, and what it is compared with.
      jumpTo(host, pair.current);
      jumpTo(host, pair.prior);
      host.runCommand('setToolActiveToolbar', { toolName: TOOL_NAME });
    });
  }

  stop(): void {
    this.#context.store.setMoving(undefined);
  }

  /** Sets a pair's found side to a point (LPS, mm) clicked or dropped in a viewport; never throws. */
  place(pair: Pair, viewport: Viewport, world: Lps): void {
    try {
      this.#context.store.movePair(pair.id, this.#seriesPoint(pair[pair.found], viewport, world));
      this.#context.store.mended(pair.label);
    } catch (error) {
      // A marker that was dropped in the wrong place goes back to where the list says it is.
      this.#context.store.setMoving(this.#context.store.moving?.id);
      reportFailure(this.#context, { subject: pair.label }, error);
    }
  }

  #seriesPoint(before: SeriesPoint, viewport: Viewport, world: Lps): SeriesPoint {
    const { host } = this.#context;
    const displaySets = host
      .displaySetsOf(viewport.id)
      .filter((displaySet) => displaySet.SeriesInstanceUID === before.seriesInstanceUid);
    if (displaySets.length === 0) {
      throw new ViewerFailure(
        'viewer/wrong-series',
        'This click is in another series than the point that is being moved.',
        'Click in the series that shows the marker, or cancel the move.',
      );
    }
    const nearest = nearestSlice(
      displaySets.flatMap((displaySet) => host.slicesOf(displaySet)),
      world,
    );
    if (nearest === undefined || !isOnImage(nearest)) {
      throw new ViewerFailure(
        'viewer/outside-image',
        'This place is outside the image.',
        'Click inside the image.',
      );
    }
    return { ...before, lps: [world[0], world[1], world[2]], pixel: nearest.pixel };
  }
}
