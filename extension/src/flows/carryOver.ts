import { notices } from '../i18n/words.ts';
import { serverFailure } from '../client/failure.ts';
import type { SearchProgress } from '../lesions/activity.ts';
import { Listeners } from '../lesions/listeners.ts';
import { isCounted, observationOf } from '../lesions/review.ts';
import type { CarryOver, Lesion } from '../lesions/types.ts';
import type { Axes, MatchOutcome, MatchRequest, SeriesPoint, SeriesRef } from '../wire.ts';
import type { Context } from './context.ts';
import { listedLesions } from './listed.ts';
import { guarded, reportFailure } from './reporting.ts';
import { progressText } from './progress.ts';
import { proposalOf } from './proposals.ts';

/** Points of one request (http API). */
const MAX_POINTS = 200;
/** The server's error for a point in the coordinates of another series than the one that is searched from. */
const OTHER_FRAME = 'matching/other-frame-of-reference';

type Point = MatchRequest['points'][number];

/** A finding of a prior that waits to be looked for. */
interface Waiting {
  readonly trackingUid: string;
  readonly place: SeriesPoint;
  readonly point: Point;
}

function axesOf(lesion: Lesion, study: string): Omit<Axes, 'isFitted'> | undefined {
  const { longAxis, shortAxis } = observationOf(lesion, study) ?? {};
  if (longAxis?.ends === undefined) return undefined;
  return {
    longAxis: longAxis.ends,
    ...(shortAxis?.ends === undefined ? {} : { shortAxis: shortAxis.ends }),
  };
}

/**
 * The lesions that documents of a study name, with a place there, and that another study has no observation of; in their order. One that
 * the reader has renamed or measured anew is still a finding of the study.
 */
function waitingOf(
  lesions: readonly Lesion[],
  from: string,
  current: string,
  stored: readonly string[],
): readonly Waiting[] {
  return lesions.flatMap((lesion) => {
    const { trackingUid } = lesion;
    const there = observationOf(lesion, from);
    if (there?.place === undefined || observationOf(lesion, current) !== undefined) return [];
    if (!there.isSaved && !(isCounted(there) && stored.includes(trackingUid))) return [];
    const axes = axesOf(lesion, from);
    const { lps, frameOfReferenceUid } = there.place;
    const point = { id: trackingUid, lps, frameOfReferenceUid, ...(axes === undefined ? {} : { axes }) };
    return [{ trackingUid, place: there.place, point }];
  });
}

/** Looks for the findings of the newest prior in the current study. */
export class CarryOvers {
  readonly #context: Context;
  readonly #listeners = new Listeners();
  #progress: SearchProgress | undefined;
  #running: AbortController | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** What can be carried over now: the findings of the newest prior that has some which the current study lacks. */
  offer(): CarryOver | undefined {
    const { lesions, timePoints } = this.#context;
    const { current } = timePoints;
    if (current === undefined || timePoints.chosen(current) === undefined) return undefined;
    for (const { studyInstanceUid, date, chosen } of timePoints.others()) {
      if (timePoints.timeOf(studyInstanceUid) > timePoints.timeOf(current)) continue;
      const stored = lesions.storedIn(studyInstanceUid);
      const count = waitingOf(lesions.lesions, studyInstanceUid, current, stored).length;
      if (count > 0 && chosen !== undefined)
        return { fromStudyInstanceUid: studyInstanceUid, fromDate: date, count, progress: this.#progress };
    }
    return undefined;
  }

  stop(): void {
    this.#running?.abort();
  }

  /**
   * Looks for all that is offered, and proposes what is found; never throws.
   * @param retry what starts it again after a failure
   */
  async findAll(retry: () => void = () => void this.findAll()): Promise<void> {
    const offered = this.offer();
    const { current } = this.#context.timePoints;
    if (offered === undefined || current === undefined || this.#progress !== undefined) return;
    const from = offered.fromStudyInstanceUid;
    const subject = notices().subjects.findingsOf(this.#context.timePoints.titleOf(from));
    this.#running = new AbortController();
    this.#setProgress({ text: notices().progress.sending, fraction: undefined });
    await guarded(this.#context, { subject, retry }, async () => {
      const stored = this.#context.lesions.storedIn(from);
      const waiting = waitingOf(listedLesions(this.#context), from, current, stored);
      for (let start = 0; start < waiting.length; start += MAX_POINTS)
        await this.#find(waiting.slice(start, start + MAX_POINTS), from, current, subject);
    });
    this.#running = undefined;
    this.#setProgress(undefined);
  }

  async #find(waiting: readonly Waiting[], from: string, current: string, subject: string): Promise<void> {
    const query = this.#context.timePoints.chosen(from);
    const target = this.#context.timePoints.chosen(current);
    if (query === undefined || target === undefined) return;
    const outcomes = await this.#match(query, target, waiting);
    // Coordinates of another frame: from the series in which they were marked, a request for each.
    const isElsewhere = (outcome: MatchOutcome): boolean => !outcome.ok && outcome.error.code === OTHER_FRAME;
    const elsewhere = new Set(outcomes.filter(isElsewhere).map(({ pointId }) => pointId));
    const again = waiting.filter(({ trackingUid }) => elsewhere.has(trackingUid));
    const own = new Set(again.map(({ place }) => place.seriesInstanceUid));
    const answers = outcomes.filter((outcome) => !isElsewhere(outcome));
    for (const seriesInstanceUid of own) {
      const points = again.filter(({ place }) => place.seriesInstanceUid === seriesInstanceUid);
      answers.push(...(await this.#match({ studyInstanceUid: from, seriesInstanceUid }, target, points)));
    }
    this.#propose(answers, waiting.length, subject);
  }

  async #match(
    query: SeriesRef,
    target: SeriesRef,
    waiting: readonly Waiting[],
  ): Promise<readonly MatchOutcome[]> {
    const { client, settings, timePoints } = this.#context;
    const { signal } = this.#running ?? new AbortController();
    const { matches } = await client.match(
      {
        query,
        targets: [target],
        points: waiting.map(({ point }) => point),
        ...(settings.model === undefined ? {} : { model: settings.model }),
      },
      {
        signal,
        onProgress: (progress) => {
          this.#setProgress(progressText(progress));
        },
      },
    );
    if (matches.some(({ ok }) => ok)) timePoints.readiness.markReady([query, target]);
    return matches;
  }

  #propose(outcomes: readonly MatchOutcome[], total: number, subject: string): void {
    const { lesions, timePoints } = this.#context;
    const proposals = outcomes.flatMap((outcome) =>
      outcome.ok ? [[outcome.pointId, [proposalOf(outcome.match, timePoints)]] as const] : [],
    );
    lesions.proposeAll(new Map(proposals));
    const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
    const [first] = errors;
    if (first === undefined) return;
    const about = {
      subject: notices().subjects.someFindings(errors.length, total),
      topic: `${subject}, not looked for`,
    };
    reportFailure(this.#context, about, serverFailure(first));
  }

  #setProgress(progress: SearchProgress | undefined): void {
    this.#progress = progress;
    this.#listeners.call();
  }
}
