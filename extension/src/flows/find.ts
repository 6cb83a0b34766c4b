import { notices } from '../i18n/words.ts';
import { serverFailure, ViewerFailure } from '../client/failure.ts';
import type { Preview } from '../lesions/activity.ts';
import { newLesionUid } from '../lesions/lesionUid.ts';
import type { Viewport } from '../ohif.d.ts';
import type { LesionRole } from '../lesions/types.ts';
import type { Host } from '../viewer/host.ts';
import { jumpTo } from '../viewer/jump.ts';
import { isPointShown } from '../viewer/visible.ts';
import { shownSeries } from '../viewer/series.ts';
import type { ShownSeries } from '../viewer/series.ts';
import type {
  Lps,
  Match,
  MatchAnswer,
  MatchOutcome,
  SeriesPoint,
  SeriesRef,
  SeriesWarning,
} from '../wire.ts';
import type { Context } from './context.ts';
import { guarded, newId, reportFailure } from './reporting.ts';
import { placeAt } from './placeAt.ts';
import { progressText } from './progress.ts';
import { proposalOf } from './proposals.ts';
import type { Subject } from './reporting.ts';
import { assumedRole, UNKNOWN_ROLE } from './roles.ts';
import { clickedSeries, nothingToCompare, seriesRef, targetsOf } from './targets.ts';

/** A viewport jumps when the slice is loaded; for this long after a jump it may still be elsewhere, ms. */
const LANDING_MS = 1_500;
/** What is reported where answers are not on the screen: only about the last click. */
const OFF_SCREEN = 'off-screen';

/** A click on its way to a lesion. */
interface Click {
  readonly trackingUid: string;
  readonly label: string;
  readonly source: ShownSeries;
  readonly place: SeriesPoint;
  /** Set when the lesion was added: an answer that comes after its removal adds nothing. */
  isListed: boolean;
  /** What the answers make of it; the reader may choose another one. */
  role: LesionRole;
}

/** From a click to a lesion, and to the same point in the patient's other studies. */
export class Finder {
  readonly #context: Context;
  readonly #running = new Map<string, AbortController>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Looks for the point that was clicked in a viewport (LPS, mm); never throws. */
  async find(viewport: Viewport, world: Lps): Promise<void> {
    const { lesions, activity, readableModalities } = this.#context;
    const clicked = this.#seriesIn(viewport);
    const label = lesions.nextLabel(activity.searches);
    const retry = (): void => {
      // The point is one of the series that was clicked, and of no other that the viewport may show by now.
      if (clicked.length > 0 && this.#seriesIn(viewport).join(' ') === clicked.join(' '))
        void this.find(viewport, world);
      else reportFailure(this.#context, { subject: label }, clickIsGone());
    };
    await guarded(this.#context, { subject: label, retry }, async () => {
      const readable = readableModalities.known ?? (await readableModalities.load());
      const source = clickedSeries(this.#context.host, viewport, readable);
      const place = placeAt(this.#context.host, viewport, source, world);
      const click: Click = {
        trackingUid: newLesionUid(),
        label,
        source,
        place,
        isListed: false,
        role: UNKNOWN_ROLE,
      };
      const groups = targetsOf(this.#context, source, readable);
      if (groups.length === 0) {
        this.#list(click, place);
        throw nothingToCompare(readable);
      }
      await Promise.all(groups.map((targets) => this.#search(click, targets)));
    });
  }

  /** Stops a search, here and on the server. */
  cancel(searchId: string): void {
    this.#running.get(searchId)?.abort();
  }

  cancelAll(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  #seriesIn({ id }: Viewport): readonly string[] {
    try {
      return this.#context.host.displaySetsOf(id).map(({ SeriesInstanceUID }) => SeriesInstanceUID);
    } catch {
      return [];
    }
  }

  async #search(click: Click, targets: readonly SeriesRef[]): Promise<void> {
    const { activity, timePoints } = this.#context;
    const id = newId('search');
    const { label, source, place } = click;
    const retry = (): void => void this.#search(click, targets);
    const topic = `${label} ${targets.map(({ seriesInstanceUid }) => seriesInstanceUid).join(' ')}`;
    await guarded(this.#context, { subject: label, topic, retry }, async () => {
      const progress = { text: notices().progress.sending, fraction: undefined };
      const { frameOfReferenceUid, lps } = place;
      activity.addSearch({ id, label, query: seriesRef(source), frameOfReferenceUid, lps, progress });
      const answer = await this.#requestMatches(id, click, targets);
      timePoints.readiness.markReady(answered([source, ...targets], answer.matches));
      this.#show(id, click, targets, answer.matches, retry);
      this.#addWarnings([source, ...targets], answer.warnings);
      activity.mended(label);
    });
    this.#running.delete(id);
    activity.removeSearch(id);
  }

  async #requestMatches(
    id: string,
    { source, place }: Click,
    targets: readonly SeriesRef[],
  ): Promise<MatchAnswer> {
    const { client, settings, activity } = this.#context;
    const controller = new AbortController();
    this.#running.set(id, controller);
    const { lps, frameOfReferenceUid } = place;
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
          activity.setProgress(id, progressText(progress));
        },
        onPreview: (outcomes) => {
          this.#showPreviews(id, targets, outcomes);
        },
      },
    );
  }

  /** Shows previews: a jump each, and a mark that says that the exact place follows. */
  #showPreviews(id: string, targets: readonly SeriesRef[], outcomes: readonly MatchOutcome[]): void {
    const { host, activity } = this.#context;
    const search = activity.searches.find((candidate) => candidate.id === id);
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
    activity.setPreviews(id, [...before, ...fresh]);
    for (const { point } of fresh)
      void guarded(this.#context, { subject: search.label }, () => void jumpTo(host, point));
  }

  /** Adds the warnings of the server to the list, one entry per series. */
  #addWarnings(series: readonly SeriesRef[], warnings: readonly SeriesWarning[]): void {
    const { activity, timePoints } = this.#context;
    for (const { studyInstanceUid, seriesInstanceUid } of series) {
      const own = warnings.filter((warning) => warning.series.seriesInstanceUid === seriesInstanceUid);
      const title = timePoints.titleOf(studyInstanceUid);
      const messages = own.map(({ message }) => message);
      if (messages.length > 0)
        activity.addSeriesWarnings({ id: seriesInstanceUid, studyInstanceUid, title, messages });
    }
  }

  #show(
    id: string,
    click: Click,
    targets: readonly SeriesRef[],
    outcomes: readonly MatchOutcome[],
    retry: () => void,
  ): void {
    const { activity, timePoints } = this.#context;
    const { label, place } = click;
    const previews = activity.searches.find((candidate) => candidate.id === id)?.previews ?? [];
    const ok = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.match] : []));
    // A point that cannot be looked for anywhere, such as one in air, is no lesion.
    if (ok.length > 0 || outcomes.some((outcome) => !outcome.ok && !isAboutThePoint(outcome.error.code)))
      this.#list(click, ok[0]?.query ?? place);
    const offScreen: SeriesPoint[] = [];
    for (const outcome of outcomes) {
      const target = targets.find((series) => series.seriesInstanceUid === outcome.target.seriesInstanceUid);
      if (target === undefined) continue;
      // The same click again would list the answers of the other targets twice.
      const about = {
        subject: notices().subjects.labelIn(label, timePoints.titleOf(target.studyInstanceUid)),
        ...(outcomes.length === 1 ? { retry } : {}),
      };
      if (!outcome.ok) reportFailure(this.#context, about, serverFailure(outcome.error));
      else if (!this.#propose(click, outcome.match, about, previews)) offScreen.push(outcome.match.target);
    }
    this.#offerToShow(label, offScreen);
    this.#assumeRole(click);
  }

  #assumeRole(click: Click): void {
    const { lesions, timePoints } = this.#context;
    const { trackingUid, source } = click;
    const timeOf = (study: string): string => timePoints.timeOf(study);
    const role = assumedRole(lesions.lesion(trackingUid), source.studyInstanceUid, { timeOf });
    lesions.assumeRole(trackingUid, click.role, role);
    click.role = role;
  }

  /** Proposes what a match has found, and shows it. Gives false where it is not on the screen. */
  #propose(click: Click, match: Match, about: Subject, previews: readonly Preview[]): boolean {
    const { host, lesions, timePoints } = this.#context;
    const { target } = match;
    const proposal = proposalOf(match, timePoints);
    if (target.studyInstanceUid !== click.source.studyInstanceUid)
      lesions.propose(click.trackingUid, [proposal]);
    if (proposal.status === 'not-covered') return true;
    void guarded(this.#context, about, () => {
      this.#jump(target, previews);
    });
    return shownSeries(host).some(({ seriesInstanceUid }) => seriesInstanceUid === target.seriesInstanceUid);
  }

  #jump(point: SeriesPoint, previews: readonly Preview[]): void {
    const { host } = this.#context;
    const preview = previews.find((one) => one.point.seriesInstanceUid === point.seriesInstanceUid);
    // A reader who has scrolled on since the preview is not pulled back: "Go to" is there.
    const mayJump =
      preview === undefined ? undefined : (viewport: Viewport) => isStillThere(host, viewport, preview);
    jumpTo(host, point, { mayJump });
  }

  /** Says where the answers are that the reader does not see. */
  #offerToShow(label: string, points: readonly SeriesPoint[]): void {
    const { activity, timePoints, show } = this.#context;
    activity.mended(OFF_SCREEN);
    const [newest] = points;
    if (newest === undefined) return;
    const titles = points.map(({ studyInstanceUid }) => timePoints.titleOf(studyInstanceUid));
    const [message, remedy] = notices().failuresOf.foundAlso(titles);
    activity.addNotice({
      id: newId('notice'),
      subject: label,
      topic: OFF_SCREEN,
      code: 'viewer/not-shown',
      message,
      remedy,
      mend: {
        label: notices().buttons.show(titles[0] ?? notices().scan.unknown),
        run: () => {
          show(newest.studyInstanceUid);
        },
      },
    });
  }

  /** Puts the clicked lesion on the list, once, and selects it. */
  #list(click: Click, place: SeriesPoint): void {
    if (click.isListed) return;
    click.isListed = true;
    const { trackingUid, label, source } = click;
    const { studyInstanceUid } = source;
    this.#context.lesions.add({
      trackingUid,
      label,
      role: UNKNOWN_ROLE,
      observations: [
        {
          studyInstanceUid,
          series: seriesRef(source),
          status: 'present',
          place,
          review: 'accepted',
          isSaved: false,
        },
      ],
    });
    this.#context.lesions.select(trackingUid);
  }
}

/** True while a viewport is at the place of the preview, or still moving there. */
function isStillThere(host: Host, viewport: Viewport, { point, shownAt }: Preview): boolean {
  return performance.now() - shownAt < LANDING_MS || isPointShown(host, viewport, point);
}

/** Errors of the server's matching module are about the point that was clicked. */
function isAboutThePoint(code: string): boolean {
  return code.startsWith('matching/');
}

/** The series that a match was made in. */
function answered(series: readonly SeriesRef[], outcomes: readonly MatchOutcome[]): readonly SeriesRef[] {
  const [source, ...targets] = series;
  const found = targets.filter(({ seriesInstanceUid }) =>
    outcomes.some(({ ok, target }) => ok && target.seriesInstanceUid === seriesInstanceUid),
  );
  return source === undefined || found.length === 0 ? [] : [source, ...found];
}

function clickIsGone(): ViewerFailure {
  return new ViewerFailure('viewer/not-shown', ...notices().failures.clickIsGone);
}
