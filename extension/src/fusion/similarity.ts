/**
 * Where the other scans look like the selected lesion.
 * @module
 */
import type { Words } from '../i18n/words.ts';
import type { LesionStore } from '../lesions/lesionStore.ts';
import type { Observation } from '../lesions/types.ts';
import { isComparable, refOf } from '../linked/standing.ts';
import type { StandingContext } from '../linked/standing.ts';
import { panesOf } from '../linked/panes.ts';
import type { Pane } from '../linked/panes.ts';
import type { Host } from '../viewer/host.ts';
import { loadedSeries, samePatient } from '../viewer/series.ts';
import type { LoadedSeries } from '../viewer/series.ts';
import type { SeriesPoint } from '../wire.ts';
import { SIMILARITY } from './palette.ts';
import type { InWords, PaneContent, Picture } from './picture.ts';
import { wantedOf } from './similarityStore.ts';
import type { SimilarityStore, Wanted } from './similarityStore.ts';
import { paintSimilarity } from './similarityVolume.ts';
import type { SimilarityVolume } from './similarityVolume.ts';

/** What the map works with. */
export interface SimilarityParts {
  readonly host: Host;
  readonly lesions: Pick<LesionStore, 'lesion' | 'selected'>;
  readonly standing: StandingContext;
  readonly store: SimilarityStore;
  readonly model: string | undefined;
}

/** The place that the scans are compared with. */
export interface Source {
  readonly label: string;
  readonly place: SeriesPoint;
  readonly series: LoadedSeries;
}

/** Digits of a similarity. */
const DIGITS = 2;

/** Places that the reader has marked come before those that were found. */
function rank({ carriedOver }: Observation): number {
  return carriedOver === undefined ? 0 : 1;
}

/**
 * The place of the selected lesion in a scan that is open: in the active pane, else where the reader marked it; undefined where none is
 * selected or placed.
 */
export function sourceOf({ host, lesions }: SimilarityParts): Source | undefined {
  const lesion = lesions.lesion(lesions.selected);
  if (lesion === undefined) return undefined;
  const { activeViewportId = '' } = host.services.viewportGridService.getState();
  const active = host.displaySetsOf(activeViewportId);
  const loaded = loadedSeries(host);
  const sources = [...lesion.observations]
    .filter(({ review }) => review !== 'rejected')
    .sort((a, b) => rank(a) - rank(b))
    .flatMap(({ place }): readonly Source[] => {
      const series = loaded.find(({ seriesInstanceUid }) => seriesInstanceUid === place?.seriesInstanceUid);
      return place === undefined || series === undefined ? [] : [{ label: lesion.label, place, series }];
    });
  const isActive = ({ place }: Source): boolean =>
    active.some(({ SeriesInstanceUID }) => SeriesInstanceUID === place.seriesInstanceUid);
  return sources.find(isActive) ?? sources[0];
}

function wantedIn(pane: Pane, { place }: Source, model: string | undefined): Wanted {
  const { studyInstanceUid, seriesInstanceUid, lps } = place;
  const query = { studyInstanceUid, seriesInstanceUid, lps };
  return wantedOf({ query, target: refOf(pane), model });
}

/** Why a pane has no map; undefined where it has one. */
function refusalOf(
  pane: Pane,
  { series }: Source,
  { standing }: SimilarityParts,
): 'other-patient' | 'not-comparable' | undefined {
  if (!samePatient(series, pane.series)) return 'other-patient';
  return isComparable(standing, pane) ? undefined : 'not-comparable';
}

function isOther(pane: Pane, { series }: Source): boolean {
  return pane.series.seriesInstanceUid !== series.seriesInstanceUid;
}

/** What has to be requested for the panes. */
export function wantedSimilarities(parts: SimilarityParts, source: Source): readonly Wanted[] {
  const targets = panesOf(parts.host).filter(
    (pane) => isOther(pane, source) && refusalOf(pane, source, parts) === undefined,
  );
  const wanted = targets.map((pane) => wantedIn(pane, source, parts.model));
  return [...new Map(wanted.map((one) => [one.key, one])).values()];
}

function pictureOf(volume: SimilarityVolume, id: string, title: string): Picture {
  return {
    kind: 'picture',
    version: `similarity ${id} ${title}`,
    legend: {
      title,
      gradient: SIMILARITY.gradient,
      low: volume.low.toFixed(DIGITS),
      high: volume.high.toFixed(DIGITS),
    },
    paint: (grid, pixels) => {
      paintSimilarity(volume, SIMILARITY.colours, grid, pixels);
      return true;
    },
  };
}

/** What is drawn over a pane: nothing over the series of the lesion's own place. */
export function similarityContent(
  parts: SimilarityParts,
  source: Source,
  pane: Pane,
  { fusion, linked }: Words,
): PaneContent {
  if (!isOther(pane, source)) return undefined;
  const words = (text: string): InWords => ({ kind: 'words', text });
  const refusal = refusalOf(pane, source, parts);
  if (refusal !== undefined) return words(fusion.none(linked.reasons[refusal]));
  const { seriesInstanceUid } = pane.series;
  const state = parts.store.of(wantedIn(pane, source, parts.model));
  if (state?.state === 'failed') return words(fusion.none(state.message));
  // An answer about another series is never drawn, whoever sent it.
  if (state?.state === 'ready' && state.volume.target === seriesInstanceUid)
    return pictureOf(state.volume, state.id, fusion.similarityTo(source.label));
  if (state?.state === 'ready') return words(fusion.none(linked.reasons['not-comparable']));
  const fraction = state?.fraction;
  return words(fraction === undefined ? linked.working : linked.workingAt(Math.round(100 * fraction)));
}
