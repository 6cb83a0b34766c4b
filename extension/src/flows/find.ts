import { serverFailure, ViewerFailure } from '../client/failure.ts';
import { certaintyOf } from '../pairs/certainty.ts';
import { lesionSizesOf } from '../pairs/lesionSize.ts';
import { newLesionUid } from '../pairs/lesionUid.ts';
import type { Preview, Pair, SearchProgress } from '../pairs/types.ts';
import type {
  JobProgress,
  Lps,
  Match,
  MatchAnswer,
  MatchOutcome,
  SeriesRef,
  SeriesWarning,
} from '../wire.ts';
import type { Host } from '../viewer/host.ts';
import { jumpTo } from '../viewer/jump.ts';
import { isPointShown } from '../viewer/visible.ts';
import { loadedStudies, samePatient, shownSeries } from '../viewer/series.ts';
import type { ShownSeries } from '../viewer/series.ts';
import type { Viewport } from '../ohif.d.ts';
import type { Context } from './context.ts';
import { guarded, newId, reportFailure } from './context.ts';

/** What the server is doing, where it has no words for it itself. */
const STAGES: Readonly<Record<string, string>> = {
  fetch: 'Reading the images from the PACS',
  embed: 'Analysing the images',
  match: 'Looking for the point',
};

/** A viewport jumps when the slice is loaded; for this long after a jump it may still be elsewhere, ms. */
const LANDING_MS = 1_500;

/** The first click in a series waits for this; the reader should know that the next one does not. */
const ONCE = ' (once per series, later clicks are quick)';

/** The server's progress in words for the reader. */
export function progressText({ stage, fraction, message }: JobProgress): SearchProgress {
  const text = message === '' ? (STAGES[stage] ?? 'Working') : message;
  return {
    text: stage === 'embed' ? `${text}${ONCE}` : text,
    fraction: Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : undefined,
  };
}

/** From a click to the same point in every other shown series of the patient. */
export class Finder {
  readonly #context: Context;
  readonly #running = new Map<string, AbortController>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Looks for the point that was clicked in a viewport (LPS, mm); never throws. */
  async find(viewport: Viewport, world: Lps): Promise<void> {
    const { store } = this.#context;
    const clicked = this.#seriesIn(viewport);
    const retry = (): void => {
      // The point is one of the series that was clicked, and of no other that the viewport may show by now.
      if (clicked.length > 0 && this.#seriesIn(viewport).join(' ') === clicked.join(' '))
        void this.find(viewport, world);
      else reportFailure(this.#context, { subject: store.nextLabel() }, clickIsGone());
    };
    await this.#search(viewport, world, retry);
  }

  #seriesIn({ id }: Viewport): readonly string[] {
    try {
      return this.#context.host.displaySetsOf(id).map(({ SeriesInstanceUID }) => SeriesInstanceUID);
    } catch {
      return [];
    }
  }

  async #search(viewport: Viewport, world: Lps, retry: () => void): Promise<void> {
    const { store } = this.#context;
    const id = newId('search');
    const label = store.nextLabel();
    await guarded(this.#context, { subject: label, retry }, async () => {
      const { readableModalities } = this.#context;
      const readable = readableModalities.known ?? (await readableModalities.load());
      const { source, targets } = this.#selectSeries(viewport, readable);
      const frameOfReferenceUid = viewport.getFrameOfReferenceUID() ?? '';
      const query: SeriesRef = source;
      const progress = { text: 'Sending the request to the Samepoint server', fraction: undefined };
      store.addSearch({ id, label, query, frameOfReferenceUid, lps: world, progress });
      const answer = await this.#requestMatches(id, source, targets, { lps: world, frameOfReferenceUid });
      this.#show(id, source, targets, answer.matches, retry);
      this.#addWarnings([source, ...targets], answer.warnings);
    });
    this.#running.delete(id);
    store.removeSearch(id);
  }

  /** Stops a search, here and on the server. */
  cancel(searchId: string): void {
    this.#running.get(searchId)?.abort();
  }

  cancelAll(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  /** The series that was clicked, and the others of the patient on the screen. @param readable modalities of the model */
  #selectSeries(
    viewport: Viewport,
    readable: readonly string[],
  ): { source: ShownSeries; targets: readonly ShownSeries[] } {
    const shown = shownSeries(this.#context.host);
    const here = shown.filter((series) => series.viewportIds.includes(viewport.id));
    const source = here.find((series) => readable.includes(series.modality));
    const readableText = readable.join(' or ');
    if (source === undefined) {
      const modality = here[0]?.modality ?? '';
      throw new ViewerFailure(
        'viewer/unsupported-modality',
        `Samepoint compares ${readableText} images; this image is ${modality === '' ? 'of another kind' : modality}.`,
        `Click in a ${readableText} image.`,
      );
    }
    if (!source.isVolume) {
      throw new ViewerFailure(
        'viewer/localizer',
        'This is a localizer, or has too few slices to be compared.',
        'Click in the slices of the scan.',
      );
    }
    const targets = shown.filter(
      (series) =>
        series.isVolume &&
        series.seriesInstanceUid !== source.seriesInstanceUid &&
        readable.includes(series.modality) &&
        samePatient(series, source),
    );
    if (targets.length === 0) {
      throw new ViewerFailure(
        'viewer/nothing-to-compare',
        `No other ${readableText} series of this patient is on the screen.`,
        'Open the prior beside the current study: drag it from the study list into a second viewport.',
        { mend: loadedStudies(this.#context.host).size > 1 ? 'compare' : undefined },
      );
    }
    return { source, targets };
  }

  async #requestMatches(
    id: string,
    source: ShownSeries,
    targets: readonly ShownSeries[],
    point: { lps: Lps; frameOfReferenceUid: string },
  ): Promise<MatchAnswer> {
    const { client, settings, store } = this.#context;
    const controller = new AbortController();
    this.#running.set(id, controller);
    const { lps, frameOfReferenceUid } = point;
    return client.match(
      {
        query: seriesRef(source),
        targets: targets.map(seriesRef),
        points: [{ id, lps, ...(frameOfReferenceUid === '' ? {} : { frameOfReferenceUid }) }],
        ...(settings.model === undefined ? {} : { model: settings.model }),
      },
      {
        signal: controller.signal,
        onProgress: (progress) => {
          store.setProgress(id, progressText(progress));
        },
        onPreview: (outcomes) => {
          this.#showPreviews(id, targets, outcomes);
        },
      },
    );
  }

  /** Shows previews: a jump each, and a mark that says that the exact place follows. */
  #showPreviews(id: string, targets: readonly ShownSeries[], outcomes: readonly MatchOutcome[]): void {
    const { host, store } = this.#context;
    const search = store.searches.find((candidate) => candidate.id === id);
    if (search === undefined) return;
    const before = search.previews ?? [];
    const fresh = outcomes.flatMap((outcome): Preview[] => {
      const { seriesInstanceUid } = outcome.target;
      const isRequested = targets.some((series) => series.seriesInstanceUid === seriesInstanceUid);
      const isKnown = before.some(({ point }) => point.seriesInstanceUid === seriesInstanceUid);
      if (!outcome.ok || !isRequested || isKnown) return [];
      const { target, errorRadiusMm } = outcome.match;
      return [{ point: target, errorRadiusMm, shownAt: performance.now() }];
    });
    store.setPreviews(id, [...before, ...fresh]);
    for (const { point } of fresh)
      void guarded(this.#context, { subject: search.label }, () => void jumpTo(host, point));
  }

  /** Adds the warnings of the server to the list, one entry per series. */
  #addWarnings(shown: readonly ShownSeries[], warnings: readonly SeriesWarning[]): void {
    for (const { studyInstanceUid, seriesInstanceUid, title } of shown) {
      const own = warnings.filter(({ series }) => series.seriesInstanceUid === seriesInstanceUid);
      const messages = own.map(({ message }) => message);
      if (messages.length > 0)
        this.#context.store.addSeriesWarnings({ id: seriesInstanceUid, studyInstanceUid, title, messages });
    }
  }

  #show(
    id: string,
    source: ShownSeries,
    targets: readonly ShownSeries[],
    outcomes: readonly MatchOutcome[],
    retry: () => void,
  ): void {
    const { host, store } = this.#context;
    const search = store.searches.find((candidate) => candidate.id === id);
    const label = search?.label ?? store.nextLabel();
    const lesionUid = newLesionUid();
    for (const outcome of outcomes) {
      const target = targets.find((series) => series.seriesInstanceUid === outcome.target.seriesInstanceUid);
      if (target === undefined) continue;
      // The same click again would list the answers of the other targets twice.
      const about = { subject: `${label} in ${target.title}`, ...(outcomes.length === 1 ? { retry } : {}) };
      if (!outcome.ok) {
        reportFailure(this.#context, about, serverFailure(outcome.error));
        continue;
      }
      const pair = proposedPair({ label, lesionUid }, outcome.match, timeOrderOf(target, source));
      store.addPair(pair);
      const preview = search?.previews?.find(
        ({ point }) => point.seriesInstanceUid === target.seriesInstanceUid,
      );
      void guarded(this.#context, about, () => {
        // A reader who has scrolled on since the preview is not pulled back: "Go to" is there.
        jumpTo(host, outcome.match.target, preview && ((viewport) => isStillThere(host, viewport, preview)));
      });
    }
  }
}

/** True while a viewport is at the place of the preview, or still moving there. */
function isStillThere(host: Host, viewport: Viewport, { point, shownAt }: Preview): boolean {
  return performance.now() - shownAt < LANDING_MS || isPointShown(host, viewport, point);
}

function clickIsGone(): ViewerFailure {
  return new ViewerFailure(
    'viewer/not-shown',
    'The image that was clicked is not on the screen any more.',
    'Show it again and click anew.',
  );
}

function seriesRef({ studyInstanceUid, seriesInstanceUid }: SeriesRef): SeriesRef {
  return { studyInstanceUid, seriesInstanceUid };
}

/** Which of two series is the later one. */
interface TimeOrder {
  readonly targetIsLater: boolean;
  /** False for two series of one study, and where a study has no date. */
  readonly isKnown: boolean;
}

function timeOrderOf(target: ShownSeries, source: ShownSeries): TimeOrder {
  const [a, b] = [target.studyTime, source.studyTime];
  const areTwoStudies = target.studyInstanceUid !== source.studyInstanceUid;
  return {
    targetIsLater: areTwoStudies && a > b,
    isKnown: areTwoStudies && a !== '' && b !== '' && a !== b,
  };
}

/** A match as a pair: the later study is the current one, whichever of the two was clicked. */
function proposedPair(
  lesion: { readonly label: string; readonly lesionUid: string },
  match: Match,
  { targetIsLater, isKnown }: TimeOrder,
): Pair {
  const { change } = match;
  return {
    ...lesion,
    id: newId('pair'),
    state: 'proposed',
    current: targetIsLater ? match.target : match.query,
    prior: targetIsLater ? match.query : match.target,
    found: targetIsLater ? 'current' : 'prior',
    similarity: match.similarity,
    cycleErrorMm: match.cycleErrorMm,
    certainty: certaintyOf(match),
    ...(change !== undefined && isKnown ? { sizes: lesionSizesOf(change, targetIsLater) } : {}),
    saved: false,
  };
}
