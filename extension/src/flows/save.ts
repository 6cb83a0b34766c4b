import { notices } from '../i18n/words.ts';
import { ViewerFailure } from '../client/failure.ts';
import { reportedObservations } from '../lesions/reported.ts';
import type { Lesion } from '../lesions/types.ts';
import type { SaveAttempt } from '../lesions/saveAttempts.ts';
import { assessmentOf } from '../table/assessment.ts';
import { showStoredSeries } from '../viewer/storedSeries.ts';
import type { ReportAnswer, TimePointReportRequest } from '../wire.ts';
import type { Context } from './context.ts';
import type { Subject } from './reporting.ts';
import { guarded } from './reporting.ts';
import { withPixel } from './placeAt.ts';
import type { StoredFindings } from './stored.ts';

/** The PACS holds another report under the key: the next attempt needs a new one. */
const KEY_REUSED = 'application/idempotency-key-reused';
/** The PACS holds a report of the study that the reader has not seen. */
const REPORT_CHANGED = 'application/report-changed';

function isRefusal(error: unknown): error is ViewerFailure {
  return error instanceof ViewerFailure && error.mend !== 'retry';
}

/**
 * What the report of a study is to say, from the places that can be written.
 * @param named lesions that it names although they are not on the list
 */
function requestFor(
  { host, lesions, timePoints }: Context,
  study: string,
  basedOn: readonly string[],
  named: readonly Lesion[] = [],
): TimePointReportRequest {
  const placedIn = (lesion: Lesion): Lesion => ({
    ...lesion,
    observations: lesion.observations.map((observation) =>
      observation.place === undefined
        ? observation
        : { ...observation, place: withPixel(host, observation.place) },
    ),
  });
  const placed = lesions.lesions.map(placedIn);
  const points = timePoints.list();
  const date = points.find(({ studyInstanceUid }) => studyInstanceUid === study)?.date ?? '';
  const assessment = assessmentOf(
    { timePoints: points, lesions: placed, currentStudy: timePoints.current },
    study,
  );
  return {
    studyInstanceUid: study,
    timePoint: { name: date === '' ? 'Undated study' : date },
    observations: reportedObservations([...placed, ...named.map(placedIn)], study),
    basedOn: [...basedOn],
    ...(assessment === undefined ? {} : { assessment }),
  };
}

/** Saves the reports of the studies with something to save, and shows them in the viewer without a reload. */
export class Saver {
  readonly #context: Context;
  readonly #stored: StoredFindings;

  constructor(context: Context, stored: StoredFindings) {
    this.#context = context;
    this.#stored = stored;
  }

  /**
   * Sends one report per study. Lesions stay in the list whatever happens; only those that the PACS has confirmed are marked as saved.
   * One study that is refused does not keep the others back; never throws.
   */
  async save(studies: readonly string[]): Promise<void> {
    const { lesions } = this.#context;
    const toSave = studies.filter((study) => lesions.unsavedIn(study) > 0);
    if (toSave.length === 0 || lesions.isSaving) return;
    lesions.setSaving(toSave);
    for (const study of toSave) {
      await guarded(this.#context, this.#about(study), () => this.#saveStudy(study));
    }
    lesions.setSaving([]);
  }

  /** What is said of a study: one message, which a later attempt at it removes. */
  #about(study: string): Subject {
    return {
      subject: notices().subjects.saving(this.#context.timePoints.titleOf(study)),
      topic: `Saving ${study}`,
      retry: () => void this.save([study]),
    };
  }

  async #saveStudy(study: string): Promise<void> {
    const { attempts, lesions, host } = this.#context;
    await this.#stored.ensureLoaded(study);
    const lost = attempts.openOf(study);
    const wanted = requestFor(this.#context, study, this.#stored.seenIn(study));
    const isLost = lost !== undefined && attempts.isSame(lost, wanted);
    // The PACS may hold what was sent before: it is completed first, so that the new report replaces it.
    if (lost !== undefined && !isLost) await this.#complete(lost);
    if (!isLost) await this.#nameWithdrawn(study);
    const attempt = isLost ? lost : attempts.begin({ ...wanted, basedOn: [...this.#stored.seenIn(study)] });
    const answer = await this.#send(attempt);
    lesions.markSaved(
      study,
      attempt.request.observations.map(({ trackingUid }) => trackingUid),
    );
    await guarded(this.#context, { subject: notices().subjects.showingReport }, () =>
      showStoredSeries(host, answer),
    );
  }

  /**
   * What reports of pairs say of a lesion counts until a report of the study has named the lesion. One that the reader withdraws is
   * named once, so that the report after it withdraws it.
   */
  async #nameWithdrawn(study: string): Promise<void> {
    const { attempts, lesions } = this.#context;
    const withdrawn = lesions.withdrawnPairs(study);
    if (withdrawn.length === 0) return;
    const request = requestFor(this.#context, study, this.#stored.seenIn(study), withdrawn);
    await this.#send(attempts.begin(request));
    lesions.markNamed(
      study,
      request.observations.map(({ trackingUid }) => trackingUid),
    );
  }

  async #complete(lost: SaveAttempt): Promise<void> {
    try {
      await this.#send(lost);
    } catch (error) {
      // What is refused is not in the PACS.
      if (!isRefusal(error)) throw error;
    }
  }

  async #send(attempt: SaveAttempt): Promise<ReportAnswer> {
    const { client, attempts } = this.#context;
    const study = attempt.request.studyInstanceUid;
    try {
      const answer = await client.saveTimePoint(attempt.request, attempt.key);
      attempts.close(attempt);
      this.#stored.addSeen(study, answer.sopInstanceUid);
      return answer;
    } catch (error) {
      if (isRefusal(error)) attempts.close(attempt);
      if (error instanceof ViewerFailure && error.code === REPORT_CHANGED)
        throw await this.#changed(study, error);
      if (error instanceof ViewerFailure && error.code === KEY_REUSED) attempts.close(attempt);
      throw error;
    }
  }

  /** Somebody else has saved a report: it is read, the reader's decisions stay, and the reader looks before he saves again. */
  async #changed(study: string, cause: ViewerFailure): Promise<ViewerFailure> {
    await this.#stored.load(study);
    return new ViewerFailure(REPORT_CHANGED, ...notices().failures.reportChanged, { cause, mend: 'retry' });
  }
}
