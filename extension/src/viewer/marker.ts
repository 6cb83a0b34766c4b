import { notices } from '../i18n/words.ts';
import { certaintyText, isUncertain, radiusText } from '../lesions/certainty.ts';
import type { Preview, Search } from '../lesions/activity.ts';
import type { Placing } from '../lesions/lesionStore.ts';
import type { Lesion, Observation, ReviewState } from '../lesions/types.ts';
import type { Axes, Lps, SeriesPoint } from '../wire.ts';

/** `searching` until the server has answered; then the state of the observation. */
export type MarkerState = ReviewState | 'searching';

/** A point to draw on a series. */
export interface Marker {
  /** Same marker, same id, also when it moved. */
  readonly id: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly lps: Lps;
  readonly lines: readonly string[];
  readonly state: MarkerState;
  /** The lesion that it belongs to, and the study; a running search has none yet. */
  readonly lesion?: Placing;
  /** True where the reader may drag it. */
  readonly isMovable?: boolean;
  /** Radius around the point that holds the true one with 90 % probability, mm. */
  readonly radiusMm?: number;
  /** True for an answer that the reader must look at closely. */
  readonly isUncertain?: boolean;
  /** True while the next click gives its new place. */
  readonly isMoving?: boolean;
  /** True for the lesion that is selected, or whose row the reader points at. */
  readonly isHighlighted?: boolean;
  /** True for the second candidate of a proposal: hollow, without a radius. */
  readonly isRunnerUp?: boolean;
  /** Diameters to draw, LPS mm. */
  readonly axes?: readonly Ends[];
  /** Diameters of the prior, where the map puts them: to compare with, LPS mm. */
  readonly ghost?: readonly Ends[];
}

type Ends = readonly [Lps, Lps];

/** What is special about one of the lesions. */
export interface Emphasis {
  readonly placing?: Placing | undefined;
  readonly highlighted?: string | undefined;
  /** True where the host itself draws the diameters of a lesion in a study. */
  readonly isMeasured?: (trackingUid: string, studyInstanceUid: string) => boolean;
}

/** Short, because labels cover the image; the panel has the rest. */
function lineOf(observation: Observation): string {
  const { carriedOver, review, status } = observation;
  const { marks } = notices();
  if (status === 'resolved') return review === 'proposed' ? marks.nothingSeen : marks.resolved;
  if (status === 'not-evaluable') return marks.notEvaluable;
  if (review === 'corrected') return marks.byHand;
  if (carriedOver?.provenance.verdict === 'uncertain')
    return marks.check(radiusText(carriedOver.provenance.errorRadiusMm));
  return certaintyText(observation);
}

function endsOf(axes: Pick<Axes, 'longAxis' | 'shortAxis'>): readonly Ends[] {
  return axes.shortAxis === undefined ? [axes.longAxis] : [axes.longAxis, axes.shortAxis];
}

/** The diameters of a place: those that count, or those that are proposed. */
function axesOf({ status, longAxis, shortAxis, carriedOver, review }: Observation): readonly Ends[] {
  if (status !== 'present') return [];
  if (longAxis !== undefined) return [longAxis.ends, shortAxis?.ends].flatMap((ends) => (ends ? [ends] : []));
  const axes = review === 'proposed' ? carriedOver?.axes : undefined;
  return axes?.isFitted === true ? endsOf(axes) : [];
}

/** The diameters of the prior at a place that was found; a place that the reader has set is another one. */
function ghostOf({ status, review, carriedOver }: Observation): readonly Ends[] {
  const axes = carriedOver?.axes;
  if (axes === undefined || status !== 'present' || review === 'corrected') return [];
  return endsOf(axes.carried ?? axes);
}

function observationMarker(
  { trackingUid, label }: Lesion,
  observation: Observation,
  place: SeriesPoint,
  { placing, highlighted, isMeasured }: Emphasis,
): Marker {
  const { studyInstanceUid, review, carriedOver, isSaved } = observation;
  const isMoving = placing?.trackingUid === trackingUid && placing.studyInstanceUid === studyInstanceUid;
  const isProposed = review === 'proposed' && carriedOver !== undefined;
  return {
    id: `samepoint-${trackingUid}-${studyInstanceUid}`,
    seriesInstanceUid: place.seriesInstanceUid,
    frameOfReferenceUid: place.frameOfReferenceUid,
    lps: place.lps,
    lines: [label, isMoving ? notices().marks.move : lineOf(observation)].filter((line) => line !== ''),
    state: review,
    lesion: { trackingUid, studyInstanceUid },
    isMovable: !isSaved,
    // A place that the reader has confirmed or set is no estimate any more.
    ...(isProposed ? { radiusMm: carriedOver.provenance.errorRadiusMm } : {}),
    isUncertain: isProposed && isUncertain(observation),
    isMoving,
    isHighlighted: highlighted === trackingUid,
    axes: isMeasured?.(trackingUid, studyInstanceUid) === true ? [] : axesOf(observation),
    // To be compared while the reader looks at the lesion.
    ghost: review === 'proposed' || highlighted === trackingUid ? ghostOf(observation) : [],
  };
}

/** Beside the second candidate. */
const RUNNER_UP_LINE = 'second candidate';

/** The second candidate of the selected lesion, as long as its proposal is not decided on. */
function runnerUpMarkers(
  lesion: Lesion,
  observation: Observation,
  place: SeriesPoint,
  emphasis: Emphasis,
): readonly Marker[] {
  const { review, carriedOver } = observation;
  const { runnerUp } = carriedOver ?? {};
  if (review !== 'proposed' || runnerUp === undefined || emphasis.highlighted !== lesion.trackingUid)
    return [];
  const { id, seriesInstanceUid, frameOfReferenceUid, state } = observationMarker(
    lesion,
    observation,
    place,
    emphasis,
  );
  return [
    {
      ...{ id: `${id}-second`, seriesInstanceUid, frameOfReferenceUid, state },
      lps: runnerUp,
      lines: [RUNNER_UP_LINE],
      isRunnerUp: true,
    },
  ];
}

function searchMarker(search: Search): Marker {
  return {
    id: `samepoint-${search.id}`,
    seriesInstanceUid: search.query.seriesInstanceUid,
    frameOfReferenceUid: search.frameOfReferenceUid,
    lps: search.lps,
    lines: [search.label, notices().marks.searching],
    state: 'searching',
  };
}

function previewMarker({ id, label }: Search, { point, errorRadiusMm }: Preview): Marker {
  return {
    id: `samepoint-${id}-${point.seriesInstanceUid}`,
    seriesInstanceUid: point.seriesInstanceUid,
    frameOfReferenceUid: point.frameOfReferenceUid,
    lps: point.lps,
    lines: [label, notices().marks.preview(radiusText(errorRadiusMm))],
    state: 'searching',
    radiusMm: errorRadiusMm,
    isUncertain: true,
  };
}

/**
 * What is to be drawn: the places of every lesion that are not rejected, and the running searches with their previews. A place that is
 * not in the scan has no mark there.
 */
export function markersOf(
  lesions: readonly Lesion[],
  searches: readonly Search[],
  emphasis: Emphasis = {},
): readonly Marker[] {
  const placed = lesions.flatMap((lesion) =>
    lesion.observations.flatMap((observation) => {
      const { place, review, status } = observation;
      if (place === undefined || review === 'rejected' || status === 'not-covered') return [];
      return [
        observationMarker(lesion, observation, place, emphasis),
        ...runnerUpMarkers(lesion, observation, place, emphasis),
      ];
    }),
  );
  const looks = searches.flatMap((search) =>
    (search.previews ?? []).map((preview) => previewMarker(search, preview)),
  );
  return [...placed, ...searches.map(searchMarker), ...looks];
}
