import { certaintyText, isMissing, radiusText } from '../pairs/certainty.ts';
import { isUncertain } from '../pairs/types.ts';
import type { Preview, Pair, PairState, Search, Side } from '../pairs/types.ts';
import type { Lps } from '../wire.ts';

/** `searching` until the server has answered; then the state of the pair. */
export type MarkerState = PairState | 'searching';

/** A point to draw on a series. */
export interface Marker {
  /** Same marker, same id, also when it moved. */
  readonly id: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly lps: Lps;
  readonly lines: readonly string[];
  readonly state: MarkerState;
  /** The lesion that it belongs to; a running search has none yet. */
  readonly lesionUid?: string;
  /** The pair whose found side this is, if the reader may drag it. */
  readonly movablePairId?: string;
  /** Radius around the point that holds the true one with 90 % probability, mm. */
  readonly radiusMm?: number;
  /** True for an answer that the reader must look at closely. */
  readonly isUncertain?: boolean;
  /** True while the next click gives its new place. */
  readonly isMoving?: boolean;
}

/** "0.87" for a similarity; two digits, more would pretend to know more. */
export function similarityText(similarity: number): string {
  return similarity.toFixed(2);
}

/** Beside the marker that is being moved. */
const MOVE_LINE = 'click the right place (Esc ends)';

function pairMarker(pair: Pair, side: Side, isMoving: boolean): Marker {
  const clicked = side !== pair.found;
  const point = pair[side];
  const lines = clicked ? [pair.label] : [pair.label, isMoving ? MOVE_LINE : scoreLine(pair)];
  return {
    // One click gives a pair per prior: they share the marker of the clicked point.
    id: clicked ? `samepoint-${pair.lesionUid}-${point.seriesInstanceUid}` : `samepoint-${pair.id}`,
    seriesInstanceUid: point.seriesInstanceUid,
    frameOfReferenceUid: point.frameOfReferenceUid,
    lps: point.lps,
    lines,
    state: pair.state,
    lesionUid: pair.lesionUid,
    ...(clicked || pair.saved ? {} : { movablePairId: pair.id }),
    // A place that the reader has confirmed or set is no estimate any more.
    ...(clicked || pair.state !== 'proposed' || pair.certainty === undefined
      ? {}
      : { radiusMm: pair.certainty.errorRadiusMm }),
    ...(clicked || pair.state !== 'proposed' ? {} : { isUncertain: isUncertain(pair) }),
    ...(clicked ? {} : { isMoving }),
  };
}

function scoreLine(pair: Pair): string {
  if (pair.state === 'moved') return 'set by hand';
  // Short, because labels cover the image; the panel has the rest.
  if (pair.certainty?.verdict === 'uncertain') return `${radiusText(pair.certainty.errorRadiusMm)}, check`;
  const certainty = certaintyText(pair);
  if (certainty !== '') return certainty;
  const similarity = `similarity ${similarityText(pair.similarity)}`;
  return isUncertain(pair) ? `${similarity}, uncertain` : similarity;
}

function searchMarker(search: Search): Marker {
  return {
    id: `samepoint-${search.id}`,
    seriesInstanceUid: search.query.seriesInstanceUid,
    frameOfReferenceUid: search.frameOfReferenceUid,
    lps: search.lps,
    lines: [search.label, 'searching …'],
    state: 'searching',
  };
}

function previewMarker({ id, label }: Search, { point, errorRadiusMm }: Preview): Marker {
  return {
    id: `samepoint-${id}-${point.seriesInstanceUid}`,
    seriesInstanceUid: point.seriesInstanceUid,
    frameOfReferenceUid: point.frameOfReferenceUid,
    lps: point.lps,
    lines: [label, `preview, ${radiusText(errorRadiusMm)}`],
    state: 'searching',
    radiusMm: errorRadiusMm,
    isUncertain: true,
  };
}

/**
 * What is to be drawn: both sides of every pair that is not rejected, and the running searches with their previews. A
 * place that is not in the scan has no mark there.
 * @param movingPairId the pair whose new place the next click gives
 */
export function markersOf(
  pairs: readonly Pair[],
  searches: readonly Search[],
  movingPairId?: string,
): readonly Marker[] {
  const markers = new Map<string, Marker>();
  for (const pair of pairs.filter(({ state }) => state !== 'rejected')) {
    for (const side of ['current', 'prior'] as const) {
      if (side === pair.found && isMissing(pair)) continue;
      const marker = pairMarker(pair, side, pair.id === movingPairId);
      markers.set(marker.id, marker);
    }
  }
  const looks = searches.flatMap((search) =>
    (search.previews ?? []).map((preview) => previewMarker(search, preview)),
  );
  return [...markers.values(), ...searches.map(searchMarker), ...looks];
}
