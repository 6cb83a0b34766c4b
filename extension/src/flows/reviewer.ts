import { notices } from '../i18n/words.ts';
import type { ReviewCommand } from '../panel/model.ts';
import type { Decision } from '../lesions/review.ts';
import {
  decideOn,
  leadingObservation,
  neighbourOf,
  nextUndecided,
  observationOf,
  reviewOrder,
} from '../lesions/review.ts';
import type { Step } from '../lesions/changes.ts';
import type { Lesion, Observation } from '../lesions/types.ts';
import { ViewerFailure } from '../client/failure.ts';
import { History } from '../viewer/history.ts';
import { jumpTo } from '../viewer/jump.ts';
import type { CarryOvers } from './carryOver.ts';
import type { Context } from './context.ts';
import { guarded, reportFailure } from './reporting.ts';
import { listedLesions, reviewedOf } from './listed.ts';
import type { Placer } from './place.ts';

/** What the reviewer needs of the rest of the extension. */
export interface ReviewerParts {
  readonly placer: Placer;
  readonly carryOvers: CarryOvers;
  readonly save: () => void;
  /** Keys in the words of the reader, by command; empty where there are none. */
  readonly keys: () => Readonly<Partial<Record<ReviewCommand, string>>>;
}

/** Messages about decisions: the next decision that succeeds removes them. */
const TOPIC = 'Review';

/** The lesions of the current study, one after the other, by key or button. */
export class Reviewer {
  readonly #context: Context;
  readonly #parts: ReviewerParts;
  readonly #history: History<Step>;

  constructor(context: Context, parts: ReviewerParts) {
    this.#context = context;
    this.#parts = parts;
    this.#history = new History(context.host, (step, isUndo) => {
      this.#restore(step, isUndo);
    });
    context.lesions.onStep(() => {
      if (context.lesions.lastStep !== undefined) this.#history.add(context.lesions.lastStep);
    });
  }

  /** Does what a key or button says; never throws. */
  run(command: ReviewCommand): void {
    switch (command) {
      case 'findAll':
        void this.#findAll();
        break;
      case 'next':
        this.#step(1);
        break;
      case 'previous':
        this.#step(-1);
        break;
      case 'correct':
        this.#correct();
        break;
      case 'undo':
        this.#undo();
        break;
      case 'save':
        this.#parts.save();
        break;
      default:
        this.#decide(command);
    }
  }

  /** Selects a lesion and shows it in every viewport that shows one of its series. */
  select(trackingUid: string): void {
    const { lesions, host } = this.#context;
    const lesion = lesions.lesion(trackingUid);
    if (lesion === undefined) return;
    lesions.select(trackingUid);
    void guarded(this.#context, { subject: lesion.label, topic: `${TOPIC} ${lesion.label}` }, () => {
      for (const { place } of lesion.observations)
        if (place !== undefined) jumpTo(host, place, { isCentred: true });
    });
  }

  async #findAll(): Promise<void> {
    await this.#parts.carryOvers.findAll(() => void this.#findAll());
    const { lesions, timePoints } = this.#context;
    if (observationOf(lesions.lesion(lesions.selected), timePoints.current)?.review !== 'proposed')
      this.#selectFirst();
  }

  #selectFirst(): void {
    const first = nextUndecided(
      listedLesions(this.#context),
      reviewedOf(this.#context.timePoints),
      undefined,
    );
    if (first !== undefined) this.select(first);
  }

  #step(step: 1 | -1): void {
    const { lesions, timePoints } = this.#context;
    const { order } = reviewOrder(listedLesions(this.#context), reviewedOf(timePoints));
    const next = neighbourOf(order, lesions.selected, step);
    if (next !== undefined) this.select(next);
  }

  #undo(): void {
    const { lastStep } = this.#context.lesions;
    if (lastStep !== undefined && !this.#history.undo(lastStep)) this.#restore(lastStep, true);
  }

  #restore(step: Step, isUndo: boolean): void {
    const { lesions } = this.#context;
    const isLast = lesions.lastStep === step;
    const trackingUid = isUndo ? (isLast ? lesions.undo() : undefined) : lesions.redo(step);
    if (trackingUid !== undefined) this.select(trackingUid);
  }

  #correct(): void {
    const { lesions, timePoints } = this.#context;
    const lesion = lesions.lesion(lesions.selected);
    if (lesion === undefined || timePoints.current === undefined) return;
    const { studyInstanceUid } = leadingObservation(lesion, timePoints.list(), timePoints.current) ?? {
      studyInstanceUid: timePoints.current,
    };
    this.#parts.placer.start({ trackingUid: lesion.trackingUid, studyInstanceUid });
  }

  #decide(decision: Decision): void {
    const { lesions, timePoints, activity } = this.#context;
    const lesion = lesions.lesion(lesions.selected);
    const study = timePoints.current;
    // After a reload of the page no lesion is selected: it is shown before something is decided on it.
    if (lesion === undefined) this.#selectFirst();
    if (lesion === undefined || study === undefined || lesions.isLocked(study)) return;
    const observation =
      leadingObservation(lesion, timePoints.list(), study) ?? this.#unobserved(decision, study);
    if (observation === undefined) {
      this.#refuse(lesion, ...notices().failures.noObservation);
      return;
    }
    const decided = decideOn(observation, decision);
    if ('refusal' in decided) {
      this.#refuse(lesion, ...this.#words(decided.refusal));
      return;
    }
    lesions.decide(lesion.trackingUid, decided.observation);
    activity.mended(TOPIC);
    const next = nextUndecided(listedLesions(this.#context), reviewedOf(timePoints), lesion.trackingUid);
    if (next !== undefined) this.select(next);
  }

  /** Not evaluable can be said of a lesion that was not looked for. */
  #unobserved(decision: Decision, study: string): Observation | undefined {
    const series = this.#context.timePoints.chosen(study);
    if (decision !== 'notEvaluable' || series === undefined) return undefined;
    return {
      studyInstanceUid: study,
      series,
      status: 'not-evaluable',
      review: 'proposed',
      isSaved: false,
    };
  }

  #words(refusal: 'uncertain' | 'no-place'): readonly [string, string] {
    const { confirm, correct } = this.#parts.keys();
    const { uncertain, placeFirst } = notices().failuresOf;
    return refusal === 'uncertain' ? uncertain(confirm, correct) : placeFirst(correct);
  }

  #refuse({ label }: Lesion, message: string, remedy: string): void {
    this.#context.activity.mended(TOPIC);
    reportFailure(
      this.#context,
      { subject: label, topic: TOPIC },
      new ViewerFailure('viewer/needs-decision', message, remedy),
    );
  }
}
