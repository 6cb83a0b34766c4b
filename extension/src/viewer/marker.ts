import { isUncertain } from '../pairs/types.ts';
import type { Pair, PairState, Search, Side } from '../pairs/types.ts';
import type { Lps, SeriesPoint } from '../wire.ts';

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
  /** The pair whose found side this is, if the reader may drag it. */
  readonly movablePairId?: string;
}

/** "0.87" for a similarity; two digits, more would pretend to know more. */
export function similarityText(similarity: number): string {
  return similarity.toFixed(2);
}

function pairMarker(pair: Pair, side: Side, point: SeriesPoint): Marker {
  const clicked = side !== pair.found;
  const lines = clicked ? [pair.label] : [pair.label, scoreLine(pair)];
  return {
    // One click gives a pair per prior: they share the marker of the clicked point.
    id: clicked ? `samepoint-${pair.lesionUid}-${point.seriesInstanceUid}` : `samepoint-${pair.id}`,
    seriesInstanceUid: point.seriesInstanceUid,
    frameOfReferenceUid: point.frameOfReferenceUid,
    lps: point.lps,
    lines,
    state: pair.state,
    ...(clicked || pair.saved ? {} : { movablePairId: pair.id }),
  };
}

function scoreLine(pair: Pair): string {
  if (pair.state === 'moved') return 'set by hand';
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

/** What is to be drawn: both sides of every pair that is not rejected, and the clicks on their way. */
export function markersOf(pairs: readonly Pair[], searches: readonly Search[]): readonly Marker[] {
  const markers = new Map<string, Marker>();
  for (const pair of pairs.filter(({ state }) => state !== 'rejected')) {
    for (const side of ['current', 'prior'] as const) {
      const marker = pairMarker(pair, side, pair[side]);
      markers.set(marker.id, marker);
    }
  }
  return [...markers.values(), ...searches.map(searchMarker)];
}
